/** A number of so many digits may not be the nearest double of what was written. */
const MANY_DIGITS = /\d[\d.]{15}/

const whole = /^-?\d+$/

/**
 * `JSON.parse`, but numbers that a double would round are kept: whole ones as bigint, others as their text, where `exact`
 * says so for the field.
 * @throws SyntaxError when the text is not JSON
 */
export function parseExact(text: string, exact: ReadonlySet<string>): unknown {
  if (exact.size === 0 || !MANY_DIGITS.test(text)) return JSON.parse(text)
  return JSON.parse(text, function (key, value: unknown, context?: { readonly source?: string }) {
    const source = context?.source
    if (typeof value !== 'number' || source === undefined || !exact.has(key)) return value
    if (whole.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source)
    return /^-?\d+\.\d+$/.test(source) ? source : value
  })
}
