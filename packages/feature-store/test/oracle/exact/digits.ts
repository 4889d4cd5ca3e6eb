import fc from 'fast-check'
import { compareRationals, ofDecimal, rational, type Rational } from './rational.ts'

/** A column of whole numbers, or of decimals with so many digits behind the point. */
export interface DigitColumn {
  readonly scale: number
  /** The first number that does not fit, in units of the last digit, upwards and downwards. */
  readonly beyond: readonly [below: bigint, above: bigint]
}

export const WHOLE: DigitColumn = { scale: 0, beyond: [-(2n ** 63n) - 1n, 2n ** 63n] }
export const decimalColumn = (scale: number): DigitColumn => ({ scale, beyond: [-(10n ** 38n), 10n ** 38n] })

const near = (middle: bigint): fc.Arbitrary<bigint> => fc.bigInt({ min: -3n, max: 3n }).map((by) => middle + by)

/** In units of the last digit: small ones, those that doubles confuse, those that cancel, and up to `most`. */
export function unitsOf(most: bigint): fc.Arbitrary<bigint> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.bigInt({ min: -99n, max: 99n }) },
    { weight: 4, arbitrary: fc.oneof(near(2n ** 53n), near(-(2n ** 53n)), near(2n ** 31n)) },
    { weight: 2, arbitrary: fc.constantFrom(most / 7n, -(most / 7n), most / 9n, 1n - most / 9n) },
    { weight: 2, arbitrary: fc.bigInt({ min: -most / 20n, max: most / 20n }) },
  )
}

/** Digits as SQL writes them. */
export function digits(units: bigint, scale: number): string {
  if (scale === 0) return String(units)
  const padded = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  return `${units < 0n ? '-' : ''}${padded.slice(0, -scale)}.${padded.slice(-scale)}`
}

/** The number that a text of digits says. */
export function parseDigits(text: string): Rational {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text)
  if (parts === null) throw new Error(`${text} is not a number`)
  const [, sign = '', whole = '', behind = '', exponent = '0'] = parts
  const units = BigInt(`${sign}${whole}${behind}`)
  const scale = behind.length - Number(exponent)
  return scale >= 0 ? ofDecimal(units, scale) : rational(units * 10n ** BigInt(-scale))
}

export function sameDigits(text: string, units: bigint, scale: number): boolean {
  return compareRationals(parseDigits(text), ofDecimal(units, scale)) === 0
}

/** Null where a total has more digits than its type. */
export function totalOf(values: readonly bigint[], { beyond: [below, above] }: DigitColumn): bigint | null {
  const total = values.reduce((sum, one) => sum + one, 0n)
  return total > below && total < above ? total : null
}
