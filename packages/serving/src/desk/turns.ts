/**
 * Shares the thread among callers. Long work is cut into steps, and between two steps the network gets a chance.
 * Callers take turns; for each caller the oldest work goes first, so that unfinished answers do not pile up.
 */
export interface Turns {
  /** Queues work behind the other work of this caller. */
  begin(caller: unknown): Work
}

/** One piece of long work. Whoever began it ends it, whatever happens. */
export interface Work {
  /** Resolves when the next step may run. */
  turn(): Promise<void>
  end(): void
}

interface Place {
  /** Set while the work waits for its turn. */
  grant: (() => void) | undefined
}

/** Unfinished pieces of work per caller that get turns: while one waits for the store, the next can use the thread. */
const UNFINISHED_PER_CALLER = 4

export function turnsOf(): Turns {
  /** The places of each caller, oldest first. The caller whose turn was last comes last. */
  const queues = new Map<unknown, Place[]>()
  let scheduled = false

  const ready = (queue: readonly Place[]): Place | undefined =>
    queue.slice(0, UNFINISHED_PER_CALLER).find(({ grant }) => grant !== undefined)

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    // Until a request is answered, the network is polled several times: for its connection, its headers and its body.
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
