import type { Answer } from './agree.ts'
import { parseDigits } from './digits.ts'
import {
  absolute,
  add,
  compareRationals,
  multiply,
  rational,
  subtract,
  toDouble,
  ZERO,
  type Rational,
} from './rational.ts'

/**
 * At p·(n − 1) of the sorted values, counted from 0, on the straight line between the two nearest. Rounding moves that
 * place, and the value where the two have other signs.
 */
export function percentileAnswer(values: readonly Rational[], p: number): Answer {
  const sorted = values.toSorted(compareRationals)
  const place = multiply(parseDigits(String(p)), rational(BigInt(Math.max(0, sorted.length - 1))))
  const below = Number(place.numerator / place.denominator)
  const low = sorted[below]
  if (low === undefined) return { value: null }
  const share = subtract(place, rational(BigInt(below)))
  const at = (i: number): Rational => sorted[Math.min(Math.max(i, 0), sorted.length - 1)] ?? ZERO
  const exact = add(low, multiply(subtract(at(below + 1), low), share))
  const near = [below - 1, below, below + 1, below + 2].map(at)
  const widest = subtract(near.at(-1) ?? low, near[0] ?? low)
  const moved = multiply(add(widest, absolute(low)), rational(BigInt(sorted.length), 1n << 50n))
  return {
    value: toDouble(exact),
    rounding: toDouble(moved) ?? Infinity,
    ...(toDouble(widest) === null ? { orNull: true as const } : {}),
  }
}
