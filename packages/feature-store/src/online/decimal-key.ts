import type { ColumnType, DecimalType } from '@martlet/warehouse'

/** Up to so many digits, different decimals are different doubles. */
const DOUBLE_DIGITS = 15

/** Whether a key column holds decimals that doubles cannot tell apart: those are read as text and stored exactly. */
export function isWideDecimal(type: ColumnType): type is DecimalType {
  return typeof type === 'object' && type.decimal[0] > DOUBLE_DIGITS
}

/**
 * A key of a wide decimal column in units of its last digit; undefined when it is not one, or would have to be rounded.
 */
export function decimalKey({ decimal: [precision, scale] }: DecimalType, value: unknown): bigint | undefined {
  const text = typeof value === 'bigint' ? String(value) : typeof value === 'number' ? exactText(value) : value
  if (typeof text !== 'string') return undefined
  const parts = /^(-?)(\d{1,38})(?:\.(\d{1,38}))?$/.exec(text)
  if (parts === null) return undefined
  const [, sign = '', whole = '', fraction = ''] = parts
  if (/[1-9]/.test(fraction.slice(scale))) return undefined
  const units = BigInt(`${whole}${fraction.slice(0, scale).padEnd(scale, '0')}`)
  if (units >= 10n ** BigInt(precision)) return undefined
  return sign === '-' ? -units : units
}

/** A number as digits, when no other decimal could have been meant. */
function exactText(value: number): string | undefined {
  const text = String(value)
  const digits = text.replace(/\D/g, '').replace(/^0+/, '').length
  return digits <= DOUBLE_DIGITS || Number.isSafeInteger(value) ? text : undefined
}
