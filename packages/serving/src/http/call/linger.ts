import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** Milliseconds and bytes for which a caller may go on sending after its answer. */
const LINGER_MS = 1000
const LINGER_BYTES = 1_048_576

/**
 * Lets a connection end after an answer that came before the whole request: what the caller still sends is read and dropped for a
 * moment. If it were refused at once, the system would reset the connection, and the caller, or a proxy in between, would lose the
 * answer (RFC 9112, section 9.6).
 */
export function linger(incoming: IncomingMessage): void {
  const { socket } = incoming
  // Node ends a connection by this once the last answer is written, and destroys it at the same time.
  socket.destroySoon = () => {
    endGently(socket)
    let dropped = 0
    incoming.on('data', (chunk: Buffer) => {
      dropped += chunk.length
      if (dropped > LINGER_BYTES) socket.destroy()
    })
  }
}

/** Sends what is written and then the end; the connection is destroyed when the other side ends it too, or a second later. */
export function endGently(socket: Duplex): void {
  socket.end()
  if (socket.destroyed) return
  const ending = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(ending))
}
