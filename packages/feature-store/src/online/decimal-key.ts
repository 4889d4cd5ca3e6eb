import { decimalUnits, type DecimalType } from '@martlet/warehouse'

/** Up to so many digits, a number can only have been meant as one decimal. */
const DOUBLE_DIGITS = 15

/**
 * A key of a wide decimal column in units of its last digit; undefined when it is not one, or would have to be rounded.
 */
export function decimalKey({ decimal: [precision, scale] }: DecimalType, value: unknown): bigint | undefined {
  const text = typeof value === 'bigint' ? String(value) : typeof value === 'number' ? exactText(value) : value
  if (typeof text !== 'string') return undefined
  const units = decimalUnits(text, scale)
  const limit = 10n ** BigInt(precision)
  return units === undefined || units <= -limit || units >= limit ? undefined : units
}

/** A number as digits, when no other decimal could have been meant. */
function exactText(value: number): string | undefined {
  const text = String(value)
  const digits = text.replace(/\D/g, '').replace(/^0+/, '').length
  return digits <= DOUBLE_DIGITS || Number.isSafeInteger(value) ? text : undefined
}
