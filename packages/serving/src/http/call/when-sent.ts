import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** What waits for a connection to end: one listener per socket, however many requests are pipelined on it. */
const waiting = new WeakMap<Socket, Set<() => void>>()

/** Calls back once, when an answer has been handed to the operating system or its connection has ended. */
export function whenSent({ socket }: IncomingMessage, outgoing: ServerResponse, sent: () => void): void {
  if (socket.destroyed || outgoing.closed) return sent()
  const listeners = waiting.get(socket) ?? listen(socket)
  const done = (): void => {
    // An answer that is queued behind others gets no event of its own when the connection ends.
    if (!listeners.delete(done)) return
    outgoing.off('close', done)
    sent()
  }
  listeners.add(done)
  outgoing.once('close', done)
}

function listen(socket: Socket): Set<() => void> {
  const listeners = new Set<() => void>()
  waiting.set(socket, listeners)
  socket.once('close', () => {
    for (const done of listeners) done()
  })
  return listeners
}
