import type { ColumnType } from '@martlet/warehouse'
import { scaleOf, type Value } from '../vocabulary/algebra/value.ts'
import type { Accumulator } from './accumulators/accumulator.ts'
import { Counted } from './accumulators/counted.ts'
import { Extreme } from './accumulators/extreme.ts'
import { Outermost } from './accumulators/outermost.ts'
import { Total } from './accumulators/total.ts'
import { nearest, plus, scaled, square, type Exact } from './exact.ts'
import type { ValueBytes } from './value-bytes.ts'

/** What an accumulator is of: an input of the layout, its type, and how sequences are written. */
export interface AccumulatedInput {
  readonly input: number
  readonly bytes: ValueBytes
  readonly sequences: ValueBytes
}

/** What a continuous view can accumulate of an input. */
export type SlotKind = 'count' | 'total' | 'squares' | 'least' | 'greatest' | 'oldest' | 'newest'

/** A new accumulator, of no event. */
export function newAccumulator(kind: SlotKind, { input, bytes, sequences }: AccumulatedInput): Accumulator {
  switch (kind) {
    case 'count':
      return new Counted(input)
    case 'total':
      return new Total(input, 1)
    case 'squares':
      return new Total(input, 2)
    case 'least':
      return new Extreme(input, bytes, -1)
    case 'greatest':
      return new Extreme(input, bytes, 1)
    case 'oldest':
      return new Outermost(input, bytes, sequences, -1)
    case 'newest':
      return new Outermost(input, bytes, sequences, 1)
  }
}

/** How an aggregate follows from accumulators of its column. */
export interface Finish {
  readonly needs: readonly SlotKind[]
  /** The value, from accumulators in the order of `needs`; `t` is the instant that closes the window. */
  value(of: readonly Accumulator[], type: ColumnType, t: bigint): Value
}

const DAY = 86_400_000_000

/** The aggregates that merge, by their names; a view with any other one is not continuous. */
const FINISHES: Readonly<Partial<Record<string, Finish>>> = {
  count: { needs: ['count'], value: ([count]) => BigInt(counted(count)) },
  sum: { needs: ['total'], value: ([total], type) => sumOf(totalOf(total), type) },
  mean: {
    needs: ['total', 'count'],
    value: ([total, count], type) => {
      const n = counted(count)
      // As in the warehouse, there is no mean where the sum of doubles is beyond all of them.
      if (n === 0 || (type === 'double' && !Number.isFinite(nearest(totalOf(total))))) return null
      return finite(nearest(totalOf(total), BigInt(n) * power(type, 1)))
    },
  },
  variance: {
    needs: ['total', 'squares', 'count'],
    value: (of, type) => {
      const spread = spreadOf(of, type)
      return spread === null ? null : finite(nearest(spread.over, spread.under))
    },
  },
  stddev: {
    needs: ['total', 'squares', 'count'],
    value: (of, type) => {
      const spread = spreadOf(of, type)
      return spread === null ? null : finite(root(spread.over, spread.under))
    },
  },
  min: { needs: ['least'], value: ([found]) => extremeOf(found) },
  max: { needs: ['greatest'], value: ([found]) => extremeOf(found) },
  first: { needs: ['oldest'], value: ([found]) => outermostOf(found).value },
  last: { needs: ['newest'], value: ([found]) => outermostOf(found).value },
  newestAge: {
    needs: ['newest'],
    value: ([found], _, t) => {
      const { time } = outermostOf(found)
      return time === undefined ? null : Number(t - time) / DAY
    },
  },
}

/** How an aggregate is finished; undefined for one that does not merge from small accumulators. */
export function finishOf(aggregate: string): Finish | undefined {
  return FINISHES[aggregate]
}

const INT64 = 2n ** 63n
const DIGITS = 10n ** 38n

/** Exact for whole numbers and decimals; null where it is beyond its type, as in the warehouse. */
function sumOf(total: Exact, type: ColumnType): Value {
  if (type === 'double') return finite(nearest(total))
  const size = total.m < 0n ? -total.m : total.m
  if (typeof type === 'object') return size < DIGITS ? total.m : null
  return total.m < INT64 && total.m >= -INT64 ? total.m : null
}

/** Squared deviations over n - 1, as two whole numbers; null with fewer than two values. */
function spreadOf(
  [total, squares, count]: readonly Accumulator[],
  type: ColumnType,
): { readonly over: Exact; readonly under: bigint } | null {
  const n = BigInt(counted(count))
  if (n < 2n) return null
  const { m, e } = totalOf(squares)
  const squared = square(totalOf(total))
  return {
    over: plus({ m: m * n, e }, { m: -squared.m, e: squared.e }),
    under: n * (n - 1n) * power(type, 2),
  }
}

/** The square root of `over / under`, also where that is beyond all doubles. */
function root({ m, e }: Exact, under: bigint): number {
  if (m === 0n) return 0
  const half = Math.round((m.toString(16).length * 4 + e - under.toString(16).length * 4) / 2)
  return scaled(Math.sqrt(nearest({ m, e: e - 2 * half }, under)), half)
}

/** The units of a decimal's last digit in one, to a power. */
function power(type: ColumnType, exponent: number): bigint {
  return 10n ** BigInt(scaleOf(type) * exponent)
}

function finite(value: number): Value {
  return Number.isFinite(value) ? value : null
}

function counted(of: Accumulator | undefined): number {
  if (!(of instanceof Counted)) throw misplaced('a count')
  return of.count
}

function totalOf(of: Accumulator | undefined): Exact {
  if (!(of instanceof Total)) throw misplaced('a total')
  return of.total
}

function extremeOf(of: Accumulator | undefined): Value {
  if (!(of instanceof Extreme)) throw misplaced('an extreme')
  return of.value
}

function outermostOf(of: Accumulator | undefined): Outermost {
  if (!(of instanceof Outermost)) throw misplaced('an outermost value')
  return of
}

function misplaced(what: string): Error {
  return new Error(`${what} was expected among the accumulators of an aggregate`)
}
