import { MartletError, sql, type Leaves, type Sql } from '@martlet/warehouse'

/** A half-open stretch of time `[from, to)`, UTC. */
export interface TimeWindow {
  readonly from: Date
  readonly to: Date
}

/** SQL that sorts rows into windows, and the way back from its numbers. */
export interface WindowSql {
  /** A number for each stretch of time; null outside of all windows. */
  readonly number: Sql
  /** Rows that can be in any window. */
  readonly where: Sql
  /** The window of a number, or undefined for a gap between windows. */
  indexOf(number: number): number | undefined
}

/**
 * Sorts rows by `time` into windows.
 *
 * @throws MartletError WINDOWS_INVALID when windows overlap or end before they start
 */
export function windowSql(leaves: Leaves, time: Sql, windows: readonly TimeWindow[]): WindowSql {
  const ordered = windows
    .map((window, index) => ({ from: micros(window.from), to: micros(window.to), index }))
    .sort((a, b) => a.from - b.from)
  for (const [position, window] of ordered.entries()) {
    if (!(window.from < window.to)) throw invalid(`window ${window.index} ends at or before its start`, window.index)
    const before = ordered[position - 1]
    if (before !== undefined && before.to > window.from)
      throw invalid(`windows ${before.index} and ${window.index} overlap`, window.index)
  }
  const bounds = [...new Set(ordered.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b)
  // Bin i of right-closed bins begins one microsecond after edge i − 1, so an edge one before a bound makes [bound, …).
  const edges = bounds.map((bound) => bound - 1)
  const byStart = new Map(ordered.map(({ from, index }) => [bounds.indexOf(from) + 1, index]))
  const first = bounds[0] ?? 0
  const last = bounds.at(-1) ?? 0
  return {
    number: leaves.binIndex(leaves.toDouble(leaves.epochMicros(time)), edges),
    where: sql`${time} >= ${leaves.timestamp(BigInt(first))} AND ${time} < ${leaves.timestamp(BigInt(last))}`,
    indexOf: (number) => byStart.get(number),
  }
}

function micros(instant: Date): number {
  return instant.getTime() * 1000
}

function invalid(why: string, index: number): MartletError {
  return new MartletError(
    'WINDOWS_INVALID',
    `The windows to compare cannot be counted in one scan: ${why}. Give disjoint windows, each with \`from\` before \`to\`.`,
    { data: { index } },
  )
}
