import type { IncomingMessage } from 'node:http'
import type { Held } from './held-bytes.ts'
import type { Limits } from './limits.ts'
import { Problem } from './problem.ts'
import type { Reply } from './reply.ts'

/** A request as the gate and the handlers see it, and the way back, whatever brought it here. */
export interface Call {
  header(name: string): string | undefined
  /** The host that was asked, as the caller names it; undefined when it does not say. */
  host(): string | undefined
  /** A parameter of the path, decoded; empty when the route has none of this name. */
  param(name: string): string
  /** Query parameters with all their values, decoded. */
  query(): Readonly<Record<string, readonly string[]>>
  /** Starts to read the body: never more of it than the limit. */
  body(limits: Limits, held: Held): Body
  /** True once the caller has hung up. */
  gone(): boolean
  /** Sends the reply; calls `sent` once, when it has left this process or its connection is gone. */
  send(reply: Reply, sent: () => void): void
  /** Destroys the connection. */
  cut(): void
}

/** The body of one request while it arrives. */
export interface Body {
  readonly text: Promise<string>
  /** Stops reading; `text` rejects with the problem unless it has settled. */
  abort(problem: Problem): void
  /** Its bytes are not held any more. */
  release(): void
}

/** Reads the body of a request of Node's server, counting as it arrives. */
export function incomingBody(incoming: IncomingMessage, limits: Limits, held: Held): Body {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let first: Buffer | undefined
  let rest: Buffer[] | undefined
  let bytes = 0
  let settled = false

  function fail(problem: Problem): void {
    if (settled) return
    settle()
    first = undefined
    rest = undefined
    incoming.pause()
    reject(problem)
  }
  function settle(): void {
    settled = true
    incoming.off('data', onData)
    incoming.off('end', onEnd)
    incoming.off('close', onClose)
  }
  function onData(chunk: Buffer): void {
    if (bytes + chunk.length > limits.bodyBytes) return fail(tooLarge(limits, `more than ${limits.bodyBytes}`))
    if (!held.take(chunk.length)) return fail(held.refusal())
    bytes += chunk.length
    if (first === undefined) first = chunk
    else (rest ??= []).push(chunk)
  }
  function onEnd(): void {
    settle()
    const start = first ?? Buffer.alloc(0)
    try {
      resolve(decode(rest === undefined ? start : Buffer.concat([start, ...rest])))
    } catch (error) {
      reject(error)
    }
  }
  function onClose(): void {
    fail(interrupted())
  }

  try {
    refuseEncoded(incoming.headers['content-encoding'])
    refuseLong(incoming.headers['content-length'], limits)
    if (incoming.destroyed && !incoming.readableEnded) throw interrupted()
    incoming.on('data', onData)
    incoming.on('end', onEnd)
    incoming.on('close', onClose)
    // Also keeps a late error of the socket from being nobody's.
    incoming.on('error', onClose)
  } catch (error) {
    settled = true
    reject(error)
  }
  return { text: promise, abort: fail, release: once(() => held.give(bytes)) }
}

/** Where the body of a request comes from that is no request of Node's server. */
export interface BodyStream {
  readonly stream: ReadableStream<Uint8Array> | null
  header(name: string): string | undefined
  /** Whether the stream is cancelled when it is refused. On Node that would end the connection before the refusal has left. */
  readonly cancels: boolean
}

/** Reads the body of any other request, counting as it arrives; what its headers say of it is looked at first. */
export function streamBody({ stream, header, cancels }: BodyStream, limits: Limits, held: Held): Body {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const reader = stream?.getReader()
  let bytes = 0
  let settled = false

  function fail(problem: unknown): void {
    if (settled) return
    settled = true
    reject(problem)
    // Whoever feeds the stream may have failed already; the caller is told why it was refused.
    if (cancels) reader?.cancel().catch(() => undefined)
  }
  async function read(): Promise<void> {
    refuseEncoded(header('content-encoding'))
    refuseLong(header('content-length'), limits)
    const chunks: Uint8Array[] = []
    while (reader !== undefined && !settled) {
      const { done, value } = await reader.read()
      if (done) break
      if (bytes + value.byteLength > limits.bodyBytes) throw tooLarge(limits, `more than ${limits.bodyBytes}`)
      if (!held.take(value.byteLength)) throw held.refusal()
      bytes += value.byteLength
      chunks.push(value)
    }
    if (settled) return
    const text = decode(Buffer.concat(chunks))
    settled = true
    resolve(text)
  }
  read().catch((error: unknown) => fail(error instanceof Problem ? error : interrupted()))
  return { text: promise, abort: fail, release: once(() => held.give(bytes)) }
}

function once(action: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    action()
  }
}

function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (text.includes('\ufffd')) {
    throw new Problem(
      400,
      'BODY_NOT_UTF8',
      'the body holds bytes that are not UTF-8; encode the JSON text as UTF-8 (write U+FFFD itself as \\ufffd)',
    )
  }
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

function refuseEncoded(encoding: string | undefined): void {
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new Problem(415, 'BODY_ENCODED', `the body has Content-Encoding ${encoding.slice(0, 40)}; send plain JSON`)
  }
}

function refuseLong(length: string | undefined, limits: Limits): void {
  if (length !== undefined && !(Number(length) <= limits.bodyBytes)) throw tooLarge(limits, length)
}

export function interrupted(): Problem {
  return new Problem(400, 'BODY_INTERRUPTED', 'the connection ended before the body did')
}

function tooLarge(limits: Limits, length: string): Problem {
  return new Problem(
    413,
    'BODY_TOO_LARGE',
    `the body has ${length} bytes; the limit is ${limits.bodyBytes}. Send fewer keys in one request`,
  )
}
