/** The promises that a store waits for before it closes. */
export interface WorkUnderWay {
  /** Gives the result of `work` on. */
  track<T>(work: Promise<T>): Promise<T>
  /** Resolves when all that was tracked has ended, well or not. */
  ended(): Promise<void>
}

export function workUnderWay(): WorkUnderWay {
  const pending = new Set<Promise<unknown>>()
  return {
    async track(work) {
      pending.add(work)
      try {
        return await work
      } finally {
        pending.delete(work)
      }
    },
    async ended() {
      await Promise.allSettled(pending)
    },
  }
}
