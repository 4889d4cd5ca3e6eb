import type { ColumnType, DecimalType } from './column.ts'

/** Up to so many digits, different decimals are different doubles, whose shortest text is the decimal again. */
export const DOUBLE_DIGITS = 15

/** Powers of ten that doubles hold exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)

/** Whether a column holds decimals that doubles cannot tell apart. */
export function isWideDecimal(type: ColumnType): type is DecimalType {
  return typeof type === 'object' && type.decimal[0] > DOUBLE_DIGITS
}

/** A decimal as digits, without zeros at its end: 150 units of scale 2 are `1.5`. */
export function decimalText(units: bigint, scale: number): string {
  const sign = units < 0n ? '-' : ''
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  const point = digits.length - scale
  const fraction = digits.slice(point).replace(/0+$/, '')
  return `${sign}${digits.slice(0, point)}${fraction === '' ? '' : '.'}${fraction}`
}

/** The double that is nearest to a decimal. */
export function decimalNumber(units: bigint, scale: number): number {
  const number = Number(units)
  const power = POWERS[scale]
  // A quotient of two exact doubles is rounded once.
  return power !== undefined && Number.isSafeInteger(number) ? number / power : Number(decimalText(units, scale))
}

/** A decimal as a number where that has the same digits, and as its digits otherwise. */
export function decimalValue(units: bigint, scale: number): number | string {
  const number = decimalNumber(units, scale)
  if (units > -SAFE && units < SAFE) return number
  const text = decimalText(units, scale)
  return String(number) === text ? number : text
}

const SAFE = 10n ** BigInt(DOUBLE_DIGITS)

/** Digits in units of their last one; undefined for text that is no decimal, or has more digits after the point. */
export function decimalUnits(text: string, scale: number): bigint | undefined {
  const parts = /^(-?)(\d{1,38})(?:\.(\d{1,38}))?$/.exec(text)
  if (parts === null) return undefined
  const [, sign = '', whole = '', fraction = ''] = parts
  if (/[1-9]/.test(fraction.slice(scale))) return undefined
  const units = BigInt(`${whole}${fraction.slice(0, scale).padEnd(scale, '0')}`)
  return sign === '-' ? -units : units
}
