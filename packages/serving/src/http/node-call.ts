import type { IncomingMessage, ServerResponse } from 'node:http'
import { incomingBody, type Body, type Call } from './call.ts'
import type { Serve } from './gate.ts'
import type { Held } from './held-bytes.ts'
import type { Limits } from './limits.ts'
import type { Reply } from './reply.ts'
import { whenSent } from './when-sent.ts'

/** Answers a request straight from Node's server and says so, or leaves it to the app. */
export type Direct = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean

/**
 * A way past the app for the two routes that are asked thousands of times a second: same handlers, same answers, without
 * a `Request` and a `Response` between. Paths with escapes or a query are left to the app.
 */
export function directRoutes(features: Serve, predict: Serve): Direct {
  return (incoming, outgoing) => {
    if (incoming.method !== 'POST') return false
    const [, service, model] =
      /^\/v1\/(?:features\/([\w.-]+)|models\/([\w.-]+)\/predict)$/.exec(incoming.url ?? '') ?? []
    const name = service ?? model
    if (name === undefined || name === '.' || name === '..') return false
    const serve = service === undefined ? predict : features
    serve(new NodeCall(incoming, outgoing, name))
    return true
  }
}

class NodeCall implements Call {
  readonly #incoming: IncomingMessage
  readonly #outgoing: ServerResponse
  readonly #parameter: string

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, parameter: string) {
    this.#incoming = incoming
    this.#outgoing = outgoing
    this.#parameter = parameter
  }

  header(name: string): string | undefined {
    const value = this.#incoming.headers[name]
    return typeof value === 'string' ? value : value?.join(', ')
  }

  host(): string | undefined {
    return this.#incoming.headers.host
  }

  param(): string {
    return this.#parameter
  }

  query(): Readonly<Record<string, readonly string[]>> {
    return {}
  }

  body(limits: Limits, held: Held): Body {
    return incomingBody(this.#incoming, limits, held)
  }

  gone(): boolean {
    return this.#incoming.socket.destroyed
  }

  send({ status, headers, body }: Reply, sent: () => void): void {
    const outgoing = this.#outgoing
    headers['content-length'] = String(Buffer.byteLength(body))
    // Nobody reads what is left of a body that was refused, so the connection cannot be used again.
    if (!this.#incoming.complete) headers['connection'] = 'close'
    outgoing.writeHead(status, headers)
    outgoing.end(body)
    // Most answers fit into the buffers of the operating system at once.
    if (outgoing.socket?.writableLength === 0) sent()
    else whenSent(this.#incoming, outgoing, sent)
  }

  cut(): void {
    this.#incoming.socket.destroy()
  }
}
