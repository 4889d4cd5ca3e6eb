const everyMillis = 2_000

/** Reports when work begins, and every two seconds until it has ended; with the seconds since it began. */
export async function heartbeat<T>(
  report: ((seconds: number) => void) | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (report === undefined) return work()
  const start = performance.now()
  const beat = (): void => report((performance.now() - start) / 1000)
  beat()
  const timer = setInterval(beat, everyMillis)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
