import { STATUS_CODES, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { endGently } from './linger.ts'

/** What Node's parser says is wrong, where the status is not 400. */
const STATUSES: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/**
 * Answers what is no HTTP request, and ends its connection. Node would do the same, but destroy the connection with the answer, so
 * that a caller who is still sending loses it.
 *
 * @returns to be called with every request: where an answer is under way, nothing may be written between its bytes
 */
export function answerBrokenRequests(server: Server): (socket: Duplex, outgoing: ServerResponse) => void {
  const newest = new WeakMap<Duplex, ServerResponse>()
  const ended = new WeakSet<Duplex>()
  server.on('clientError', (error: Error & { readonly code?: string }, socket) => {
    // What comes after the answer is as broken, and dropped.
    if (ended.has(socket)) return
    ended.add(socket)
    const outgoing = newest.get(socket)
    if (!socket.writable || (outgoing?.headersSent === true && !outgoing.writableFinished)) {
      socket.destroy(error)
      return
    }
    const status = STATUSES[error.code ?? ''] ?? 400
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    endGently(socket)
  })
  return (socket, outgoing) => {
    newest.set(socket, outgoing)
  }
}
