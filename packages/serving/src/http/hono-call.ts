import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { readIncoming, readStream, type Call } from './call.ts'
import type { Limits } from './limits.ts'

/** On Node the request's own object is at hand; elsewhere (and in `app.request`) it is not. */
export interface ServingEnv {
  readonly Bindings: Partial<HttpBindings>
}

export type ServingContext = Context<ServingEnv>

/** A request that came through Hono. */
export function honoCall(c: ServingContext): Call {
  // Hono leaves `env` undefined when an app is called without bindings.
  const bindings: Partial<HttpBindings> | undefined = c.env
  const incoming = bindings?.incoming
  return {
    header(name) {
      if (incoming === undefined) return c.req.header(name)
      const value = incoming.headers[name]
      return typeof value === 'string' ? value : value?.join(', ')
    },
    param: (name) => c.req.param(name) ?? '',
    query: () => c.req.queries(),
    body(limits: Limits) {
      if (incoming !== undefined && 'socket' in incoming) return readIncoming(incoming, limits)
      return readStream(c.req.raw.body, c.req.header('content-encoding'), limits)
    },
  }
}
