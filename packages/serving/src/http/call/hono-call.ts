import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { AnswerText } from '../../desk/json/answer-text.ts'
import { inflated } from '../body/inflated-body.ts'
import { streamBody } from '../body/stream-body.ts'
import type { Call } from './call.ts'
import { linger } from './linger.ts'
import type { Reply } from './reply.ts'
import { whenSent } from './when-sent.ts'

/** Node's own request and response. They are absent on other platforms and in `app.request`. */
export interface ServingEnv {
  readonly Bindings: Partial<HttpBindings>
}

export type ServingContext = Context<ServingEnv>

/** A request that came through Hono. `respond` gives Hono its answer. */
export function honoCall(c: ServingContext, respond: (response: Response) => void): Call {
  // Hono leaves `env` undefined when an app is called without bindings.
  const bindings: Partial<HttpBindings> | undefined = c.env
  // With HTTP/2, requests share a socket, so Hono's own request is used.
  const incoming = bindings?.incoming !== undefined && isHttp1(bindings.incoming) ? bindings.incoming : undefined
  const outgoing =
    bindings?.outgoing !== undefined && 'assignSocket' in bindings.outgoing ? bindings.outgoing : undefined
  return {
    header(name) {
      if (incoming === undefined) return c.req.header(name)
      const value = incoming.headers[name]
      return typeof value === 'string' ? value : value?.join(', ')
    },
    host: () => (incoming === undefined ? (c.req.header('host') ?? new URL(c.req.url).host) : incoming.headers.host),
    target: () => ({ path: c.req.path, scheme: c.req.url.startsWith('https:') ? 'https' : 'http' }),
    param: (name) => c.req.param(name) ?? '',
    query: () => c.req.queries(),
    arrived: () => undefined,
    body(limits, held) {
      // `incoming` cannot be read: an app mounted with `app.mount` gets a copy of the request that reads from it.
      const stream = c.req.raw.body
      const header = (name: string): string | undefined => c.req.header(name)
      const body = streamBody({ stream, header, cancels: incoming === undefined }, limits, held)
      return inflated(body, header('content-encoding'), limits, held)
    },
    gone: () => (incoming === undefined ? c.req.raw.signal.aborted : incoming.socket.destroyed),
    send(reply, sent) {
      if (incoming === undefined || outgoing === undefined) {
        respond(responseOf(reply))
        return sent()
      }
      // Nothing reads the rest of a refused body, so the connection cannot be reused.
      if (!incoming.complete) {
        reply.headers['connection'] = 'close'
        linger(incoming)
      }
      whenSent(incoming, outgoing, sent)
      respond(responseOf(reply))
    },
    cut: () => incoming?.socket.destroy(),
  }
}

/** 304 has no body, not even an empty one. */
function responseOf(reply: Reply): Response {
  return new Response(reply.status === 304 ? null : bodyOf(reply), reply)
}

function bodyOf({ body, lent }: Reply): string | Uint8Array<ArrayBuffer> {
  // Others may read a response for as long as they like.
  if (lent !== undefined) return Buffer.from(lent.bytes)
  return body instanceof AnswerText ? Buffer.from(body.text, 'latin1') : body
}

function isHttp1(incoming: HttpBindings['incoming']): incoming is IncomingMessage {
  return incoming.httpVersionMajor === 1
}
