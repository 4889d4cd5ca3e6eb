import type { IncomingMessage } from 'node:http'
import type { Limits } from './limits.ts'
import { Problem } from './problem.ts'

/** A request as handlers see it, whatever brought it here. */
export interface Call {
  header(name: string): string | undefined
  /** A parameter of the path, decoded; empty when the route has none of this name. */
  param(name: string): string
  /** Query parameters with all their values, decoded. */
  query(): Readonly<Record<string, readonly string[]>>
  /** The body as text, never more of it than the limit. */
  body(limits: Limits): Promise<string>
}

/** What is sent back. */
export interface Reply {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

/** Reads the body of a request of Node's server, counting as it arrives. */
export async function readIncoming(incoming: IncomingMessage, limits: Limits): Promise<string> {
  refuseEncoded(incoming.headers['content-encoding'])
  const length = incoming.headers['content-length']
  if (length !== undefined && !(Number(length) <= limits.bodyBytes)) throw tooLarge(limits, length)
  return decode(await arrived(incoming, limits))
}

function arrived(incoming: IncomingMessage, limits: Limits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined
    let rest: Buffer[] | undefined
    let bytes = 0
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > limits.bodyBytes) {
        incoming.pause()
        reject(tooLarge(limits, `more than ${limits.bodyBytes}`))
      } else if (first === undefined) first = chunk
      else (rest ??= []).push(chunk)
    })
    incoming.on('end', () => {
      const start = first ?? Buffer.alloc(0)
      resolve(rest === undefined ? start : Buffer.concat([start, ...rest]))
    })
    incoming.on('error', () => reject(interrupted()))
    incoming.on('close', () => {
      if (!incoming.readableEnded) reject(interrupted())
    })
  })
}

/** Reads the body of any other request, counting as it arrives. */
export async function readStream(body: AsyncIterable<Uint8Array> | null, encoding: string | undefined, limits: Limits): Promise<string> {
  refuseEncoded(encoding)
  if (body === null) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength
      if (bytes > limits.bodyBytes) throw tooLarge(limits, `more than ${limits.bodyBytes}`)
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof Problem ? error : interrupted()
  }
  return decode(Buffer.concat(chunks))
}

function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (text.includes('\ufffd')) {
    throw new Problem(400, 'BODY_NOT_UTF8', 'the body holds bytes that are not UTF-8; encode the JSON text as UTF-8 (write U+FFFD itself as \\ufffd)')
  }
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

function refuseEncoded(encoding: string | undefined): void {
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new Problem(415, 'BODY_ENCODED', `the body has Content-Encoding ${encoding.slice(0, 40)}; send plain JSON`)
  }
}

function interrupted(): Problem {
  return new Problem(400, 'BODY_INTERRUPTED', 'the connection ended before the body did')
}

function tooLarge(limits: Limits, length: string): Problem {
  return new Problem(413, 'BODY_TOO_LARGE', `the body has ${length} bytes; the limit is ${limits.bodyBytes}. Send fewer keys in one request`)
}
