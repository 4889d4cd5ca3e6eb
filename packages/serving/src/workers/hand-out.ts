import type { Socket } from 'node:net'

/** Who takes connections. */
export interface Taker {
  /** Connections open now, with those on their way. */
  readonly open: number
  /** Connections on their way: sent, but not confirmed. */
  readonly underWay: number
  send(socket: Socket): void
}

/** Gives each connection to the taker with the fewest. */
export interface HandOut {
  add(socket: Socket): void
  /** Tries again with what waits: a taker has confirmed, begun or gone. */
  next(): void
  /** Puts back what a taker had not confirmed when it ended: nothing of it has been read. */
  again(sockets: Iterable<Socket>): void
  readonly waiting: number
  stop(): void
}

interface HandOutOptions {
  readonly takers: () => Iterable<Taker>
  /** Called for a connection that nobody took in time; it is closed. */
  readonly onRefused: () => void
}

/** More than one, so that a burst is shared evenly; few, because they wait with a taker that is stuck. */
const UNDER_WAY = 4
const WAITING = 4096
const WAIT_MS = 10_000

export function handOut({ takers, onRefused }: HandOutOptions): HandOut {
  let queue: { readonly socket: Socket; readonly since: number }[] = []
  const refuse = (socket: Socket): void => {
    socket.destroy()
    onRefused()
  }
  const sweep = setInterval(() => {
    const due = Date.now() - WAIT_MS
    const late = queue.filter(({ since }) => since < due)
    if (late.length > 0) queue = queue.filter(({ since }) => since >= due)
    for (const { socket } of late) refuse(socket)
  }, 1000)
  sweep.unref()

  function next(): void {
    while (queue.length > 0) {
      let best: Taker | undefined
      for (const taker of takers())
        if (taker.underWay < UNDER_WAY && (best === undefined || taker.open < best.open)) best = taker
      if (best === undefined) return
      const socket = queue.shift()?.socket
      if (socket !== undefined && !socket.destroyed) best.send(socket)
    }
  }

  return {
    add(socket) {
      socket.on('error', () => undefined)
      if (queue.length >= WAITING) return refuse(socket)
      queue.push({ socket, since: Date.now() })
      next()
    },
    next,
    again(sockets) {
      const since = Date.now()
      queue.unshift(...[...sockets].map((socket) => ({ socket, since })))
      next()
    },
    get waiting() {
      return queue.length
    },
    stop() {
      clearInterval(sweep)
      for (const { socket } of queue.splice(0)) refuse(socket)
    },
  }
}
