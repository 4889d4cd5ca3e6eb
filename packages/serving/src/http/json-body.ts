import { findJsonFault } from './json-fault.ts'
import type { Limits } from './limits.ts'
import { Problem } from './problem.ts'

/** The body as a JSON object; refuses nesting beyond the limit before anything is built from it. */
export function parseObject(text: string, limits: Limits): Readonly<Record<string, unknown>> {
  checkDepth(text, limits.jsonDepth)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const { line, column, offset, found } = findJsonFault(text)
    throw new Problem(
      400,
      'BODY_NOT_JSON',
      `the body is not JSON: unexpected ${found} at line ${line}, column ${column} (offset ${offset})`,
      { path: '' },
    )
  }
  if (!isObject(value))
    throw new Problem(400, 'BODY_NOT_OBJECT', 'the body must be a JSON object such as {"keys": [{…}]}', { path: '' })
  return value
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
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
      if (++depth > limit)
        throw new Problem(400, 'BODY_TOO_DEEP', `the body nests deeper than ${limit} levels at offset ${index}`, {
          path: '',
        })
    } else if (code === 0x7d || code === 0x5d) depth--
  }
}
