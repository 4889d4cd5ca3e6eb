import type { MetricsPage } from '../desk/desk-metrics.ts'

/** A histogram with its labels. */
export interface Times {
  observe(seconds: number): void
}

/** Durations that are added to their histograms many at a time, which takes much less than one after each request. */
export interface PendingTimes {
  add(times: Times, seconds: number): void
}

const MOST = 256

/** They are added when there are enough of them, and before the page is read. */
export function pendingTimes(page: MetricsPage): PendingTimes {
  const places: (Times | undefined)[] = Array.from({ length: MOST })
  const seconds = new Float64Array(MOST)
  let waiting = 0
  const flush = (): void => {
    for (let index = 0; index < waiting; index++) {
      places[index]?.observe(seconds[index] ?? 0)
      places[index] = undefined
    }
    waiting = 0
  }
  page.beforeScrape(flush)
  return {
    add(times, duration) {
      places[waiting] = times
      seconds[waiting++] = duration
      if (waiting === MOST) flush()
    },
  }
}
