/** Keeps a desk up to date in the background: refreshes once at the start, then regularly. */
export interface Upkeep {
  /** Runs the first refresh; later calls return the same promise. Never rejects. */
  start(): Promise<void>
  readonly hasStarted: boolean
  /** Ends the polling. Resolves when the first refresh, if there was one, has finished. */
  stop(): Promise<void>
}

/** @param refresh never rejects */
export function upkeepOf(refresh: () => Promise<void>, pollMs: number): Upkeep {
  let started: Promise<void> | undefined
  let hasStarted = false
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  async function begin(): Promise<void> {
    await refresh()
    hasStarted = true
    poll()
  }

  function poll(): void {
    if (stopped) return
    timer = setTimeout(() => void refresh().then(poll), pollMs)
    timer.unref()
  }

  return {
    start() {
      started ??= begin()
      return started
    },
    get hasStarted() {
      return hasStarted
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await started
    },
  }
}
