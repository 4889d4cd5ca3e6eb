import type { Limits } from '../../desk/limits.ts'
import { Problem } from '../../desk/problem.ts'

/**
 * Checks what the headers of a request say about its body.
 *
 * @throws Problem `BODY_ENCODED` (415) or `BODY_TOO_LARGE` (413)
 */
export function checkBodyHeaders(encoding: string | undefined, length: string | undefined, limits: Limits): void {
  if (codingOf(encoding) === undefined) {
    const detail = `The body has Content-Encoding ${encoding?.slice(0, 40)}. Send it as gzip, as deflate or unencoded.`
    throw new Problem(415, 'BODY_ENCODED', detail)
  }
  if (length !== undefined && !(Number(length) <= limits.bodyBytes)) throw tooLarge(length, limits)
}

export type Coding = 'gzip' | 'deflate' | 'identity'

const CODINGS: Readonly<Record<string, Coding>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  identity: 'identity',
}

/** The one coding that a header names; undefined for others, and for several. */
export function codingOf(encoding: string | undefined): Coding | undefined {
  if (encoding === undefined) return 'identity'
  const name = encoding.trim().toLowerCase()
  return Object.hasOwn(CODINGS, name) ? CODINGS[name] : undefined
}

export function tooLarge(length: string, limits: Limits): Problem {
  const detail = `The body has ${length} bytes; the limit is ${limits.bodyBytes}. Send fewer keys per request.`
  return new Problem(413, 'BODY_TOO_LARGE', detail)
}

export function interrupted(): Problem {
  return new Problem(400, 'BODY_INTERRUPTED', 'The connection ended before the whole body had arrived. Send it again.')
}

/** A function that acts on its first call only. */
export function once(action: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    action()
  }
}
