import type { IncomingMessage, ServerResponse } from 'node:http'
import { readIncoming, type Call, type Reply } from './call.ts'

/** A request straight from Node's server, for the few routes that are worth it. Its path holds one parameter and no escapes. */
export function nodeCall(incoming: IncomingMessage, parameter: string): Call {
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

export function sendReply(incoming: IncomingMessage, outgoing: ServerResponse, { status, headers, body }: Reply): void {
  headers['content-length'] = String(Buffer.byteLength(body))
  // What is left of a body that was refused is read by nobody: the connection cannot be used again.
  if (!incoming.readableEnded && status >= 400) headers['connection'] = 'close'
  outgoing.writeHead(status, headers)
  outgoing.end(body)
}
