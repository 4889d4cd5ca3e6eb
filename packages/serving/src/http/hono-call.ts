import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { streamBody, type Body, type Call } from './call.ts'
import type { Held } from './held-bytes.ts'
import type { Limits } from './limits.ts'
import { whenSent } from './when-sent.ts'

/** On Node the request's own object is at hand; elsewhere (and in `app.request`) it is not. */
export interface ServingEnv {
  readonly Bindings: Partial<HttpBindings>
}

export type ServingContext = Context<ServingEnv>

function isHttp1(incoming: HttpBindings['incoming']): incoming is IncomingMessage {
  return incoming.httpVersionMajor === 1
}

/** A request that came through Hono; `respond` gives Hono its answer. */
export function honoCall(c: ServingContext, respond: (response: Response) => void): Call {
  // Hono leaves `env` undefined when an app is called without bindings.
  const bindings: Partial<HttpBindings> | undefined = c.env
  // HTTP/2 has one socket for many requests; there Hono's own request is used.
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
    param: (name) => c.req.param(name) ?? '',
    query: () => c.req.queries(),
    body(limits: Limits, held: Held): Body {
      // Not from `incoming`: an app mounted with `app.mount` gets a copy of the request, and the copy reads from it, too.
      return streamBody(
        { stream: c.req.raw.body, header: (name) => c.req.header(name), cancels: incoming === undefined },
        limits,
        held,
      )
    },
    gone: () => (incoming === undefined ? c.req.raw.signal.aborted : incoming.socket.destroyed),
    send(reply, sent) {
      if (incoming === undefined || outgoing === undefined) {
        respond(new Response(reply.body, reply))
        return sent()
      }
      // Nobody reads what is left of a body that was refused, so the connection cannot be used again.
      if (!incoming.complete) reply.headers['connection'] = 'close'
      whenSent(incoming, outgoing, sent)
      respond(new Response(reply.body, reply))
    },
    cut: () => incoming?.socket.destroy(),
  }
}
