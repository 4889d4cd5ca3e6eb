import type { TimeWindow } from '../count/windows.ts'
import type { RejectedLine } from './load-predictions.ts'

/** Lines of a log that are none of a prediction, in some stretch of time. */
export interface RejectedCount {
  readonly lines: number
  readonly first: RejectedLine
}

/** With more places in a log, lines count where the last of these was. */
const MOST_GROUPS = 10_000

/** Rejected lines behind each other. */
interface Group {
  readonly first: RejectedLine
  lines: number
  /** The time of the line before them, ms; of the first lines of a log, that of the line behind them. */
  at: number | null
}

/**
 * The lines of a log that could not be read, in the order of the log. Nobody knows when they were predicted, so each counts
 * where the line before it was.
 */
export class RejectedLines {
  readonly #groups: Group[] = []
  #last: number | null = null
  #open: Group | undefined

  /** Takes note of a line that could be read. */
  passed(instant: Date): void {
    this.#last = instant.getTime()
    if (this.#open !== undefined) this.#open.at ??= this.#last
    this.#open = undefined
  }

  add(line: RejectedLine): void {
    if (this.#open === undefined && this.#groups.length >= MOST_GROUPS) this.#open = this.#groups.at(-1)
    if (this.#open === undefined) {
      this.#open = { first: line, lines: 0, at: this.#last }
      this.#groups.push(this.#open)
    }
    this.#open.lines += 1
  }

  /** Those of a window; those of a log without any line that can be read belong to the newest. Undefined when there are none. */
  within(window: TimeWindow | null, isNewest: boolean): RejectedCount | undefined {
    const groups = this.#groups.filter(({ at }) => {
      if (window === null) return true
      return at === null ? isNewest : at >= window.from.getTime() && at < window.to.getTime()
    })
    const [group] = groups
    if (group === undefined) return undefined
    return { lines: groups.reduce((sum, { lines }) => sum + lines, 0), first: group.first }
  }
}
