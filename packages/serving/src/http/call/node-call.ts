import type { IncomingMessage, ServerResponse } from 'node:http'
import { AnswerText } from '../../desk/json/answer-text.ts'
import type { Limits } from '../../desk/limits.ts'
import type { Body } from '../body/body.ts'
import type { Held } from '../body/held-bytes.ts'
import { incomingBody } from '../body/incoming-body.ts'
import { inflated } from '../body/inflated-body.ts'
import type { Call, Target } from './call.ts'
import { linger } from './linger.ts'
import type { Reply } from './reply.ts'
import { whenSent } from './when-sent.ts'

/** Bytes of an answer up to which copying it once more takes less than sending two pieces. */
const ONE_PIECE = 16_384

/** A request straight from Node's server, without a `Request` and a `Response` in between. */
export class NodeCall implements Call {
  readonly #incoming: IncomingMessage
  readonly #outgoing: ServerResponse
  readonly #names: readonly string[]
  readonly #path: RegExpExecArray

  /**
   * @param names the parameters of the route's path, in order
   * @param path the match of its pattern, with one group per parameter
   */
  constructor(incoming: IncomingMessage, outgoing: ServerResponse, names: readonly string[], path: RegExpExecArray) {
    this.#incoming = incoming
    this.#outgoing = outgoing
    this.#names = names
    this.#path = path
  }

  header(name: string): string | undefined {
    const value = this.#incoming.headers[name]
    return typeof value === 'string' ? value : value?.join(', ')
  }

  host(): string | undefined {
    return this.#incoming.headers.host
  }

  target(): Target {
    return { path: this.#path[0], scheme: 'encrypted' in this.#incoming.socket ? 'https' : 'http' }
  }

  param(name: string): string {
    const index = this.#names.indexOf(name)
    return index === -1 ? '' : (this.#path[index + 1] ?? '')
  }

  query(): Readonly<Record<string, readonly string[]>> {
    return {}
  }

  arrived(most: number): Buffer<ArrayBuffer> | undefined {
    const incoming = this.#incoming
    const size = incoming.readableLength
    if (!incoming.complete || incoming.destroyed || size === 0 || size > most) return undefined
    if (incoming.headers['content-encoding'] !== undefined) return undefined
    const bytes: Buffer<ArrayBuffer> | null = incoming.read()
    return bytes ?? undefined
  }

  body(limits: Limits, held: Held): Body {
    const body = incomingBody(this.#incoming, limits, held)
    return inflated(body, this.#incoming.headers['content-encoding'], limits, held)
  }

  gone(): boolean {
    return this.#incoming.socket.destroyed
  }

  send({ status, headers, body }: Reply, sent: () => void): void {
    const outgoing = this.#outgoing
    headers['content-length'] = String(body instanceof AnswerText ? body.length : Buffer.byteLength(body))
    // Nothing reads the rest of a refused body, so the connection cannot be reused.
    if (!this.#incoming.complete) {
      headers['connection'] = 'close'
      linger(this.#incoming)
    }
    outgoing.writeHead(status, headers)
    // Node sends a head and a text in one piece, a head and bytes in two; as latin1, bytes are a text that stays as it is.
    if (body instanceof AnswerText) outgoing.end(body.text, 'latin1')
    else if (typeof body === 'string') outgoing.end(body)
    else if (body.length > ONE_PIECE) outgoing.end(body)
    else outgoing.end(textOf(body), 'latin1')
    // Most answers fit into the buffers of the operating system at once.
    if (outgoing.socket?.writableLength === 0) sent()
    else whenSent(this.#incoming, outgoing, sent)
  }

  cut(): void {
    this.#incoming.socket.destroy()
  }
}

function textOf(bytes: Uint8Array<ArrayBuffer>): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return buffer.toString('latin1')
}
