import type { Limits } from '../../desk/limits.ts'
import { Problem } from '../../desk/problem.ts'
import { parseObject } from '../../http/body/json-body.ts'

/**
 * The JSON part of an inference request. Whole numbers beyond 2^53 become bigints. The bare tokens NaN and Infinity, which
 * Python's json and rapidjson write, are read like null and like a number that is too large.
 *
 * @throws Problem 400 when it is not a JSON object, or nests too deep
 */
export function parseRequest(bytes: Buffer, limits: Limits): Readonly<Record<string, unknown>> {
  try {
    return parseExactly(bytes, limits)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (error.code === 'BODY_NOT_OBJECT') {
      const detail = 'The request must be a JSON object such as {"inputs": [{…}]}.'
      throw new Problem(400, error.code, detail, { path: '' })
    }
    const plain = error.code === 'BODY_NOT_JSON' ? withoutBareTokens(bytes.toString('utf8')) : undefined
    if (plain === undefined) throw error
    return parseExactly(Buffer.from(plain), limits)
  }
}

/** A whole number of 16 digits or more that is not the fraction of another. */
const LONG_INTEGER = /(?<![\d.])\d{16,}(?![\d.eE])/
/** The longest number of 64 bits, with its sign. */
const LONGEST_DIGITS = 20

function parseExactly(bytes: Buffer, limits: Limits): Readonly<Record<string, unknown>> {
  const parsed = parseObject(bytes, limits)
  // A reviver makes parsing twenty times slower, and few requests need one.
  if (!LONG_INTEGER.test(bytes.toString('latin1'))) return parsed
  return JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, ''), exact)
}

function exact(_: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value
  return source.length <= LONGEST_DIGITS && /^-?\d+$/.test(source) ? BigInt(source) : value
}

const TOKENS: readonly (readonly [token: string, json: string])[] = [
  ['NaN', 'null'],
  ['Infinity', '1e999'],
]

/** The text with its bare tokens replaced; undefined when there are none. */
function withoutBareTokens(text: string): string | undefined {
  const parts: string[] = []
  let from = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const char = text[index]
    if (char === '"') inString = !inString
    else if (inString) {
      if (char === '\\') index++
    } else if (char === 'N' || char === 'I') {
      const found = TOKENS.find(([token]) => text.startsWith(token, index))
      if (found === undefined) continue
      parts.push(text.slice(from, index), found[1])
      from = index + found[0].length
      index = from - 1
    }
  }
  return parts.length === 0 ? undefined : parts.join('') + text.slice(from)
}
