import type { Context } from 'hono'
import type { HttpBindings } from '@hono/node-server'
import { findJsonFault } from './json-fault.ts'
import type { Limits } from './limits.ts'
import { Problem } from './problem.ts'

/** On Node the request's own object is at hand; elsewhere (and in `app.request`) it is not. */
export interface ServingEnv {
  readonly Bindings: Partial<HttpBindings>
}

export type ServingContext = Context<ServingEnv>

/** One request header, read where that is cheapest. */
export function header(c: ServingContext, name: string): string | undefined {
  // Hono leaves `env` undefined when an app is called without bindings.
  const bindings: Partial<HttpBindings> | undefined = c.env
  const incoming = bindings?.incoming
  if (incoming === undefined) return c.req.header(name)
  const value = incoming.headers[name]
  return typeof value === 'string' ? value : value?.join(', ')
}

/** The body as text, never more of it than the limit. The length header is trusted only where the HTTP parser enforces it. */
export async function readBody(c: ServingContext, limits: Limits): Promise<string> {
  const encoding = header(c, 'content-encoding')
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new Problem(415, 'BODY_ENCODED', `the body has Content-Encoding ${encoding.slice(0, 40)}; send plain JSON`)
  }
  const length = header(c, 'content-length')
  const text = await (length === undefined ? readCounted(c, limits.bodyBytes) : readWhole(c, length, limits.bodyBytes)).catch(interrupted)
  if (text.includes('\ufffd')) {
    throw new Problem(400, 'BODY_NOT_UTF8', 'the body holds bytes that are not UTF-8; encode the JSON text as UTF-8 (write U+FFFD itself as \\ufffd)')
  }
  return text
}

/** What fails while a body arrives, the limit aside, is the connection. */
function interrupted(error: unknown): never {
  if (error instanceof Problem) throw error
  throw new Problem(400, 'BODY_INTERRUPTED', 'the connection ended before the body did')
}

async function readWhole(c: ServingContext, length: string, limit: number): Promise<string> {
  const bytes = Number(length)
  if (!(bytes <= limit)) throw tooLarge(limit, length)
  return c.req.text()
}

async function readCounted(c: ServingContext, limit: number): Promise<string> {
  const body = c.req.raw.body
  if (body === null) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > limit) throw tooLarge(limit, `more than ${limit}`)
    chunks.push(chunk)
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}

function tooLarge(limit: number, length: string): Problem {
  return new Problem(413, 'BODY_TOO_LARGE', `the body has ${length} bytes; the limit is ${limit}. Send fewer keys in one request`)
}

/** The body as a JSON object; refuses nesting beyond the limit before anything is built from it. */
export function parseObject(text: string, limits: Limits): Readonly<Record<string, unknown>> {
  checkDepth(text, limits.jsonDepth)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const { line, column, offset, found } = findJsonFault(text)
    throw new Problem(400, 'BODY_NOT_JSON', `the body is not JSON: unexpected ${found} at line ${line}, column ${column} (offset ${offset})`, { path: '' })
  }
  if (!isObject(value)) throw new Problem(400, 'BODY_NOT_OBJECT', 'the body must be a JSON object such as {"keys": [{…}]}', { path: '' })
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
      if (++depth > limit) throw new Problem(400, 'BODY_TOO_DEEP', `the body nests deeper than ${limit} levels at offset ${index}`, { path: '' })
    } else if (code === 0x7d || code === 0x5d) depth--
  }
}
