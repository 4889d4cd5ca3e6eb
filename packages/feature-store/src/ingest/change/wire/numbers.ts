import { Digits, isObject, type Json } from './exact-json.ts'
import { wrong, type Meaning } from './meaning.ts'

/** How many digits before or after the point are read at most: those of the widest decimal twice over. */
const MOST_DIGITS = 80

/** A whole number of JSON; undefined for anything else. */
export function wholeOf(value: Json): bigint | undefined {
  if (typeof value === 'bigint') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined
}

/** Digits as written, also with an exponent: `-1.5e3` is −15 units of scale −2 and so −1500 of scale 0. */
export function decimalOfText(text: string): Meaning {
  if (/^(nan|[+-]?inf(inity)?)$/i.test(text)) return { is: 'not a number' }
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text)
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts ?? []
  if (parts === null || whole.length + fraction.length === 0) return wrong('a decimal number')
  const scale = fraction.length - Number(exponent)
  if (whole.length + fraction.length > MOST_DIGITS || scale > MOST_DIGITS || scale < -MOST_DIGITS)
    return wrong(`a decimal number of at most ${MOST_DIGITS} digits`)
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n)
  return scale < 0
    ? { is: 'decimal', units: digits * 10n ** BigInt(-scale), scale: 0 }
    : { is: 'decimal', units: digits, scale }
}

/** A number or its text as a decimal, with all of its digits. */
export function decimalOfNumber(value: Json): Meaning {
  if (value instanceof Digits) return decimalOfText(value.text)
  if (typeof value === 'number' || typeof value === 'bigint') return decimalOfText(String(value))
  return typeof value === 'string' ? decimalOfText(value) : wrong('a decimal number')
}

/** A double: a number, or the text that JSON needs for what is not one. */
export function doubleOf(value: Json): Meaning {
  if (typeof value === 'number') return { is: 'double', value }
  if (typeof value === 'bigint') return { is: 'double', value: Number(value) }
  if (value instanceof Digits) return { is: 'double', value: Number(value.text) }
  if (typeof value !== 'string') return wrong('a number')
  const decimal = decimalOfText(value)
  return decimal.is === 'decimal' ? { is: 'double', value: Number(value) } : decimal
}

/**
 * The bytes of Connect's Decimal: a whole number in two's complement, greatest byte first, in units of the last digit.
 *
 * @example preciseDecimal('MDk=', 2) // 123.45
 */
export function preciseDecimal(value: Json, scale: number): Meaning {
  // With `decimal.format=NUMERIC` the converter prints the number itself.
  if (typeof value !== 'string') return decimalOfNumber(value)
  const bytes = base64Bytes(value)
  if (bytes === undefined || bytes.length === 0) return wrong('a decimal as base64')
  const unsigned = BigInt(`0x${bytes.toString('hex')}`)
  const units = BigInt.asIntN(bytes.length * 8, unsigned)
  return scale < 0 ? { is: 'decimal', units: units * 10n ** BigInt(-scale), scale: 0 } : { is: 'decimal', units, scale }
}

/** A decimal that brings its scale: `{"scale":4,"value":"EtaH"}`. */
export function variableDecimal(value: Json): Meaning {
  if (!isObject(value)) return decimalOfNumber(value)
  const scale = wholeOf(value['scale'] ?? null)
  if (scale === undefined || scale > BigInt(MOST_DIGITS) || scale < BigInt(-MOST_DIGITS))
    return wrong('a decimal with its scale')
  return preciseDecimal(value['value'] ?? null, Number(scale))
}

/** The bytes of standard or URL-safe base64; undefined when it is neither. */
export function base64Bytes(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1) return undefined
  return Buffer.from(text, 'base64')
}
