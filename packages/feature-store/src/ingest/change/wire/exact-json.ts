/** A value of JSON in which no digit is lost: whole numbers beyond 2^53 are bigint, decimals of many digits are {@link Digits}. */
export type Json = null | boolean | number | bigint | string | Digits | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [name: string]: Json | undefined
}

/** A number that no double has the digits of, as it is written. */
export class Digits {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Only numbers of so many digits can lose any, so most texts need no second look. */
const MANY_DIGITS = /[0-9][0-9.eE+-]{15}/

/**
 * Parses JSON and keeps all digits of its numbers.
 * @throws SyntaxError when the text is not JSON
 */
export function parseExact(text: string): Json {
  const parsed: unknown = MANY_DIGITS.test(text) ? JSON.parse(text, exact) : JSON.parse(text)
  return parsed as Json
}

function exact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source
  if (typeof value !== 'number' || source === undefined || source.length < 16) return value
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source)
  return String(value) === source ? value : new Digits(source)
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Digits)
}

/** A value as JSON again, with the digits that it came with. */
export function jsonText(value: Json): string {
  if (value instanceof Digits) return value.text
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const fields = Object.entries(value).flatMap(([name, field]) =>
    field === undefined ? [] : [`${JSON.stringify(name)}:${jsonText(field)}`],
  )
  return `{${fields.join(',')}}`
}

/** A value as a message may show it: its beginning, if it is long. */
export function shown(value: Json | undefined): string {
  const text = value === undefined ? 'nothing' : jsonText(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
