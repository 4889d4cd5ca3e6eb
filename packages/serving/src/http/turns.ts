/**
 * Shares the thread among callers: work that takes long is cut into steps, and between two of them the network is
 * looked at a few times. Callers take turns; of one caller the oldest work goes first, so that half-made answers do not pile up.
 */
export interface Turns {
  /** Takes a place behind the other work of this caller. */
  begin(caller: object): Work
}

/** One piece of work. Whoever began it ends it, whatever comes of it. */
export interface Work {
  /** Resolves when the next step may run. */
  turn(): Promise<void>
  end(): void
}

interface Place {
  /** Set while the work waits for its turn. */
  grant: (() => void) | undefined
}

/** Pieces of work of one caller that may be half done: while one waits for the store, the next can use the thread. */
const halfDone = 4

export function turnsOf(): Turns {
  /** The places of each caller, the oldest first; the caller who was served last comes last. */
  const queues = new Map<object, Place[]>()
  let scheduled = false

  const ready = (queue: readonly Place[]): Place | undefined =>
    queue.slice(0, halfDone).find(({ grant }) => grant !== undefined)

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    // A request takes some looks at the network until it is answered: connection, headers, body.
    setImmediate(() => setImmediate(() => setImmediate(serveNext)))
  }

  function serveNext(): void {
    scheduled = false
    for (const [caller, queue] of queues) {
      const place = ready(queue)
      if (place === undefined) continue
      queues.delete(caller)
      queues.set(caller, queue)
      const { grant } = place
      place.grant = undefined
      grant?.()
      break
    }
    for (const queue of queues.values()) if (ready(queue) !== undefined) return schedule()
  }

  return {
    begin(caller) {
      const place: Place = { grant: undefined }
      const queue = queues.get(caller) ?? []
      if (queue.push(place) === 1) queues.set(caller, queue)
      return {
        turn: () =>
          new Promise((resolve) => {
            place.grant = resolve
            schedule()
          }),
        end() {
          const index = queue.indexOf(place)
          if (index === -1) return
          queue.splice(index, 1)
          if (queue.length === 0) queues.delete(caller)
          else schedule()
        },
      }
    },
  }
}
