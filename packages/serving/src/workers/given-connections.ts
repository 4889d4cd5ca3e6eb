import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** The connections of an HTTP server that does not listen itself: another process accepts them. */
export interface GivenConnections {
  readonly open: number
  add(socket: Socket): void
  /** So many connections end with their next answer, of which their clients are told. */
  shed(connections: number): void
  /** Resolves when no connection is open. */
  none(): Promise<void>
}

/**
 * Makes a server ready for connections that are given to it.
 * @param onClose called after each connection that has ended
 */
export function givenConnections(server: Server, onClose: () => void): GivenConnections {
  const open = new Set<Socket>()
  const leaving = new WeakSet<Socket>()
  let toShed = 0
  // Limits on how long headers and bodies take to arrive are watched from this event on.
  server.emit('listening')
  server.prependListener('request', ({ socket }, outgoing) => {
    if (toShed === 0 || leaving.has(socket)) return
    toShed--
    leaving.add(socket)
    outgoing.shouldKeepAlive = false
  })
  return {
    get open() {
      return open.size
    },
    add(socket) {
      if (open.size >= server.maxConnections) return void socket.destroy()
      open.add(socket)
      socket.once('close', () => {
        open.delete(socket)
        onClose()
      })
      // As in a server that listens: a client that has sent all may still read the answer.
      socket.allowHalfOpen = true
      server.emit('connection', socket)
    },
    shed(connections) {
      toShed = Math.min(connections, open.size)
    },
    async none() {
      while (open.size > 0) await new Promise((resolve) => setTimeout(resolve, 20))
    },
  }
}
