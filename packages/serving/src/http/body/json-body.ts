import { isObject } from '../../desk/json/json-object.ts'
import type { Limits } from '../../desk/limits.ts'
import { Problem } from '../../desk/problem.ts'
import { findJsonFault } from './json-fault.ts'

/** What becomes of whole numbers beyond 2^53: the nearest number, or a bigint with every digit. */
export type Integers = 'nearest' | 'exact'

/**
 * A body as a JSON object. Nesting is checked before anything is built from it.
 *
 * @param integers what becomes of whole numbers beyond 2^53
 * @throws Problem `BODY_NOT_UTF8`, `BODY_TOO_DEEP`, `BODY_NOT_JSON` or `BODY_NOT_OBJECT` (400)
 */
export function parseObject(
  bytes: Buffer,
  limits: Limits,
  integers: Integers = 'nearest',
): Readonly<Record<string, unknown>> {
  const text = decode(bytes)
  checkDepth(text, limits.jsonDepth)
  let value: unknown
  try {
    value = JSON.parse(text, integers === 'exact' && LONG_INTEGER.test(text) ? exact : undefined)
  } catch {
    const { line, column, offset, found } = findJsonFault(text)
    const detail = `The body is not JSON: unexpected ${found} at line ${line}, column ${column} (offset ${offset}).`
    throw new Problem(400, 'BODY_NOT_JSON', detail, { path: '' })
  }
  if (!isObject(value)) {
    const detail = 'The body must be a JSON object such as {"keys": [{…}]}.'
    throw new Problem(400, 'BODY_NOT_OBJECT', detail, { path: '' })
  }
  return value
}

/** Fewer digits never need more than a number, and a reviver makes parsing several times slower. */
const LONG_INTEGER = /\d{16}/

function exact(_: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value
  return /^-?\d{1,40}$/.test(source) ? BigInt(source) : value
}

function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (text.includes('\ufffd')) {
    const detail =
      'The body contains bytes that are not UTF-8. Encode the JSON text as UTF-8 (and write U+FFFD itself as \\ufffd).'
    throw new Problem(400, 'BODY_NOT_UTF8', detail)
  }
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

function checkDepth(text: string, limit: number): void {
  let depth = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (inString) {
      if (code === 0x5c) index++
      else if (code === 0x22) inString = false
    } else if (code === 0x22) inString = true
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > limit) {
        const detail = `The body nests deeper than ${limit} levels at offset ${index}.`
        throw new Problem(400, 'BODY_TOO_DEEP', detail, { path: '' })
      }
    } else if (code === 0x7d || code === 0x5d) depth--
  }
}
