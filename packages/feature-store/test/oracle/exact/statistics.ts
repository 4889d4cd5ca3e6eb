import {
  absolute,
  add,
  compareRationals,
  divide,
  isZero,
  multiply,
  rational,
  squareRoot,
  subtract,
  total,
  type Rational,
} from './rational.ts'

/** The textbook's formulas in two passes. Nothing is rounded, so nothing about them is subtle. */

export interface Pair {
  readonly x: Rational
  readonly y: Rational
}

export function mean(values: readonly Rational[]): Rational | null {
  return values.length === 0 ? null : divide(total(values), rational(BigInt(values.length)))
}

export function deviations(values: readonly Rational[]): readonly Rational[] {
  const middle = mean(values)
  return middle === null ? [] : values.map((value) => subtract(value, middle))
}

/** Σ(x − x̄)² */
export function squaredDeviations(values: readonly Rational[]): Rational {
  return total(deviations(values).map((one) => multiply(one, one)))
}

/** Of the sample; null with fewer than two values. */
export function variance(values: readonly Rational[]): Rational | null {
  if (values.length < 2) return null
  return divide(squaredDeviations(values), rational(BigInt(values.length - 1)))
}

export function stddev(values: readonly Rational[]): Rational | null {
  const squared = variance(values)
  return squared === null ? null : squareRoot(squared)
}

/** (x − x̄)(y − ȳ) of each pair. */
export function products(pairs: readonly Pair[]): readonly Rational[] {
  const xs = deviations(pairs.map(({ x }) => x))
  const ys = deviations(pairs.map(({ y }) => y))
  return xs.flatMap((x, i) => {
    const y = ys[i]
    return y === undefined ? [] : [multiply(x, y)]
  })
}

/** The least-squares slope of y over x; null when x does not vary. */
export function slope(pairs: readonly Pair[]): Rational | null {
  const spread = squaredDeviations(pairs.map(({ x }) => x))
  return isZero(spread) ? null : divide(total(products(pairs)), spread)
}

/** Pearson's; null when x or y does not vary. */
export function correlation(pairs: readonly Pair[]): Rational | null {
  const spread = spreads(pairs)
  return isZero(spread) ? null : divide(total(products(pairs)), spread)
}

/** √(Σ(x − x̄)² Σ(y − ȳ)²) */
export function spreads(pairs: readonly Pair[]): Rational {
  return squareRoot(multiply(squaredDeviations(pairs.map(({ x }) => x)), squaredDeviations(pairs.map(({ y }) => y))))
}

export function sumOfSizes(values: readonly Rational[]): Rational {
  return values.map(absolute).reduce(add, rational(0n))
}

export function greatest(values: readonly Rational[]): Rational {
  return values.reduce((most, one) => (compareRationals(one, most) > 0 ? one : most), rational(0n))
}
