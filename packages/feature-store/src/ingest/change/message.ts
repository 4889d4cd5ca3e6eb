import { isObject, parseExact, type Json } from './wire/exact-json.ts'
import { withSchema, type FieldSchema } from './wire/field-schema.ts'

/** A key or a value with the schema that came with it, if one did. */
export interface Part {
  readonly payload: Json
  readonly schema?: FieldSchema
}

/** A message of a connector, however it came. */
export interface ChangeMessage {
  /** The key, where the message had one. */
  readonly key?: Part
  /** null: a tombstone. */
  readonly value: Part
  readonly headers: Readonly<Record<string, Json>>
}

const PAIR = ['key', 'value', 'headers', 'topic', 'partition', 'offset', 'timestamp']

/**
 * Reads a message: a value alone, or `{"key": …, "value": …}` with `headers` where there are some, as a log keeps both.
 * @throws SyntaxError when it is not JSON
 */
export function readMessage(text: string, key?: string): ChangeMessage {
  const given = text.trim() === '' ? null : parseExact(text)
  if (key !== undefined && key.trim() !== '')
    return { key: withSchema(parseExact(key)), value: withSchema(given), headers: {} }
  if (!isPair(given)) return { value: withSchema(given), headers: {} }
  const { headers, value } = given
  return {
    ...(given['key'] === undefined || given['key'] === null ? {} : { key: withSchema(given['key']) }),
    value: withSchema(value ?? null),
    headers: isObject(headers)
      ? Object.fromEntries(Object.entries(headers).flatMap(([name, one]) => (one === undefined ? [] : [[name, one]])))
      : {},
  }
}

function isPair(json: Json): json is { readonly [name: string]: Json } {
  return isObject(json) && 'value' in json && Object.keys(json).every((name) => PAIR.includes(name))
}

/**
 * The text that is kept of a message with a key: both as they came, in one line.
 *
 * @example messageText('{"id":1}', null) // {"key":{"id":1},"value":null}
 */
export function messageText(
  key: string | null,
  value: string | null,
  headers?: Readonly<Record<string, string>>,
): string {
  const more = headers === undefined || Object.keys(headers).length === 0 ? '' : `,"headers":${JSON.stringify(headers)}`
  return `{"key":${key ?? 'null'},"value":${value ?? 'null'}${more}}`
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The text of a message, without a byte order mark; undefined when its bytes are no UTF-8. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * What is kept of a message that came with a key, as {@link messageText}. A value that is no UTF-8 is kept as it came, for a
 * reader to refuse; a key that is none says nothing.
 */
export function messageBytes(
  key: Uint8Array | null,
  value: Uint8Array | null,
  headers?: Readonly<Record<string, string>>,
): Uint8Array {
  const text = value === null ? '' : utf8Text(value)
  if (value !== null && text === undefined) return value
  const name = key === null ? undefined : utf8Text(key)
  return Buffer.from(messageText(name === undefined ? null : keyText(name), text?.trim() ? text : null, headers))
}

/** A key as JSON; some converters write it as bare text. */
function keyText(text: string): string {
  try {
    JSON.parse(text)
    return text
  } catch {
    return JSON.stringify(text)
  }
}
