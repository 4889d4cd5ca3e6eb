import type { AggregatePlan } from '../../../src/plan/feature-plan.ts'
import { compare, present, type Row, type Value } from '../row.ts'
import type { Answer } from './agree.ts'
import { decayedAnswer } from './decayed.ts'
import { percentileAnswer } from './percentile.ts'
import {
  absolute,
  compareRationals,
  divide,
  isZero,
  ofDouble,
  multiply,
  rational,
  toDouble,
  total,
  type Rational,
} from './rational.ts'
import {
  correlation,
  deviations,
  greatest,
  mean,
  products,
  slope,
  spreads,
  squaredDeviations,
  stddev,
  sumOfSizes,
  variance,
  type Pair,
} from './statistics.ts'

/** 2^1024: what is not less is infinite as a double. */
const INFINITE = rational(1n << 1024n)
const LEAST_NORMAL = rational(1n, 1n << 1022n)
/** Less than 2^-969 keeps fewer than 53 bits when it is a sum of squares of doubles: the least normal one is 2^-1022. */
const LEAST_SQUARE = rational(1n, 1n << 969n)
/** Eight roundings of every product: what two passes with Neumaier's sums leave where products cancel. */
const ROUNDINGS = 2 ** -50
const MICROS_PER_DAY = rational(86_400_000_000n)

/** The value of an aggregate over the rows of a window; `~us` and `~sequence` are their places in time. */
export function aggregateAnswer(aggregate: AggregatePlan, rows: readonly Row[], T = 0): Answer {
  const { column, second } = aggregate
  if (column === null) return { value: rows.length, chosen: true }
  const known = rows.filter((row) => present(row[column]) !== null)
  const values = known.map((row) => present(row[column]))
  switch (aggregate.function) {
    case 'count':
      return { value: values.length, chosen: true }
    case 'distinct':
      return { value: new Set(values).size, chosen: true }
    case 'min':
      return { value: values.toSorted(compare)[0] ?? null, chosen: true }
    case 'max':
      return { value: values.toSorted(compare).at(-1) ?? null, chosen: true }
    case 'first':
      return { value: inOrder(known, column)[0] ?? null, chosen: true }
    case 'last':
      return { value: inOrder(known, column).at(-1) ?? null, chosen: true }
    case 'mostFrequent':
      return { value: mostFrequent(inOrder(known, column)), chosen: true }
    case 'median':
    case 'percentile':
      return percentileAnswer(
        known.map((row) => numberIn(row, column)),
        aggregate.parameters?.['p'] ?? 0.5,
      )
    case 'decayed':
      return decayedAnswer(
        known.map((row) => ({ value: Number(row[column]), since: T - Number(row['~us']) })),
        aggregate.parameters?.['halfLife'] ?? NaN,
      )
    case 'correlation':
      return correlated(pairsOf(known, column, second ?? column))
    case 'slope':
      return sloped(known.map((row) => ({ x: rational(BigInt(Number(row['~us']))), y: numberIn(row, column) })))
    default:
      return ofNumbers(
        aggregate.function,
        known.map((row) => numberIn(row, column)),
      )
  }
}

/** The values in the order of time, then of the sequence, then of themselves. */
function inOrder(rows: readonly Row[], column: string): readonly Value[] {
  return rows
    .toSorted(
      (a, b) =>
        compare(a['~us'] ?? null, b['~us'] ?? null) ||
        compare(a['~sequence'] ?? null, b['~sequence'] ?? null) ||
        compare(present(a[column]), present(b[column])),
    )
    .map((row) => present(row[column]))
}

/** Of the values, the newest last, the one that occurs most often, and of several the one that is seen last. */
function mostFrequent(values: readonly Value[]): Value {
  const often = (value: Value): number => values.filter((one) => one === value).length
  const most = Math.max(0, ...values.map(often))
  return values.findLast((value) => often(value) === most) ?? null
}

function numberIn(row: Row, column: string): Rational {
  const value = row[column]
  if (typeof value !== 'number') throw new Error(`${column} is not a number`)
  return ofDouble(value)
}

function pairsOf(rows: readonly Row[], column: string, second: string): readonly Pair[] {
  return rows
    .filter((row) => present(row[second]) !== null)
    .map((row) => ({ x: numberIn(row, column), y: numberIn(row, second) }))
}

function ofNumbers(name: string, values: readonly Rational[]): Answer {
  switch (name) {
    case 'sum':
      return rounded(total(values), { orNull: isInfinite(sumOfSizes(values)) })
    case 'mean':
      return rounded(mean(values), { orNull: isInfinite(sumOfSizes(values)) })
    case 'variance':
      return rounded(variance(values), squaresOf(values, 2 ** -969))
    case 'stddev':
      return rounded(stddev(values), squaresOf(values, 2 ** -484))
    default:
      throw new Error(`the oracle does not know ${name}`)
  }
}

interface Edges {
  readonly orNull?: boolean
  readonly rounding?: number
}

function rounded(exact: Rational | null, { orNull = false, rounding = 0 }: Edges): Answer {
  return {
    value: exact === null ? null : toDouble(exact),
    ...(orNull ? { orNull: true } : {}),
    ...(rounding > 0 ? { rounding } : {}),
  }
}

function squaresOf(values: readonly Rational[], least: number): Edges {
  const squares = squaredDeviations(values)
  return { orNull: leavesRange(values), rounding: isTiny(squares) ? least : 0 }
}

/** Whether the sum of the values, or that of their squared deviations, is no double. */
function leavesRange(values: readonly Rational[]): boolean {
  return isInfinite(sumOfSizes(values)) || isInfinite(squaredDeviations(values))
}

function isInfinite(size: Rational): boolean {
  return compareRationals(size, INFINITE) >= 0
}

function isTiny(size: Rational): boolean {
  return !isZero(size) && compareRationals(size, LEAST_SQUARE) < 0
}

/** Of values over times in µs; per day. */
function sloped(points: readonly Pair[]): Answer {
  const perMicro = slope(points)
  if (perMicro === null) return { value: null }
  const values = points.map(({ y }) => y)
  const sizes = sumOfSizes(products(points))
  const orNull = isInfinite(sumOfSizes(values)) || isInfinite(sizes)
  const widest = greatest(deviations(values).map(absolute))
  const spread = squaredDeviations(points.map(({ x }) => x))
  const moved = toDouble(divide(multiply(sizes, MICROS_PER_DAY), spread)) ?? 0
  return rounded(multiply(perMicro, MICROS_PER_DAY), {
    orNull,
    // A day has 2^37 µs.
    rounding: isTiny(widest) ? 2 ** -932 : moved * ROUNDINGS,
  })
}

function correlated(pairs: readonly Pair[]): Answer {
  const exact = correlation(pairs)
  if (exact === null) return { value: null }
  const [xs, ys] = [pairs.map(({ x }) => x), pairs.map(({ y }) => y)]
  const vanishing = [xs, ys].some((values) => isTiny(squaredDeviations(values)))
  const moved = toDouble(divide(sumOfSizes(products(pairs)), spreads(pairs))) ?? 0
  return rounded(exact, {
    orNull: vanishing || leavesRange(xs) || leavesRange(ys),
    rounding: moved * ROUNDINGS,
  })
}

/** A sum or a count over another one; null when that is 0. */
export function ratioAnswer(over: Addend, under: Addend): Answer {
  const [numerator, denominator] = [addend(over), addend(under)]
  if (isZero(denominator.exact)) return { value: null }
  const quotient = divide(numerator.exact, denominator.exact)
  const least = compareRationals(absolute(quotient), LEAST_NORMAL) < 0
  return rounded(quotient, { orNull: numerator.orNull || denominator.orNull, rounding: least ? 2 ** -1073 : 0 })
}

interface Addend {
  readonly plan: AggregatePlan
  readonly rows: readonly Row[]
}

/** Before it is rounded. */
function addend({ plan, rows }: Addend): { readonly exact: Rational; readonly orNull: boolean } {
  const { column } = plan
  if (plan.function !== 'sum' || column === null) {
    return { exact: rational(BigInt(Number(aggregateAnswer(plan, rows).value))), orNull: false }
  }
  const values = rows.filter((row) => present(row[column]) !== null).map((row) => numberIn(row, column))
  return { exact: total(values), orNull: isInfinite(sumOfSizes(values)) }
}
