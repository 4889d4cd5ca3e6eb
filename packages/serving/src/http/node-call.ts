import type { IncomingMessage, ServerResponse } from 'node:http'
import { readIncoming, type Call, type Reply } from './call.ts'
import type { Serve } from './gate.ts'

/** Answers a request straight from Node's server and says so, or leaves it to the app. */
export type Direct = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean

/**
 * A way past the app for the two routes that are asked thousands of times a second: same handlers, same answers, without
 * a `Request` and a `Response` between. Paths with escapes or a query are left to the app.
 */
export function directRoutes(features: Serve, predict: Serve): Direct {
  return (incoming, outgoing) => {
    if (incoming.method !== 'POST') return false
    const [, service, model] = /^\/v1\/(?:features\/([\w.-]+)|models\/([\w.-]+)\/predict)$/.exec(incoming.url ?? '') ?? []
    const name = service ?? model
    if (name === undefined || name === '.' || name === '..') return false
    const serve = service === undefined ? predict : features
    serve(nodeCall(incoming, name), (reply) => send(incoming, outgoing, reply))
    return true
  }
}

function nodeCall(incoming: IncomingMessage, parameter: string): Call {
  return {
    header(name) {
      const value = incoming.headers[name]
      return typeof value === 'string' ? value : value?.join(', ')
    },
    param: () => parameter,
    query: () => ({}),
    body: (limits) => readIncoming(incoming, limits),
  }
}

function send(incoming: IncomingMessage, outgoing: ServerResponse, { status, headers, body }: Reply): void {
  headers['content-length'] = String(Buffer.byteLength(body))
  // Nobody reads what is left of a body that was refused, so the connection cannot be used again.
  if (!incoming.complete) headers['connection'] = 'close'
  outgoing.writeHead(status, headers)
  outgoing.end(body)
}
