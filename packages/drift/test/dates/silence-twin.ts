import type { Presence } from '../../src/count/scan-presence.ts'
import type { TimeWindow } from '../../src/count/windows.ts'
import type { SilentShare } from '../../src/verdict/evidence.ts'

/** A row of an entity, ms since the epoch. */
export interface EntityRow {
  readonly ts: number
  readonly entity: string
}

const within = (ts: number, { from, to }: TimeWindow): boolean => ts >= from.getTime() && ts < to.getTime()

/** Who is silent in a window, row by row: entities with a row in one of the `known` windows and none in the window. */
export function slowShare(rows: readonly EntityRow[], window: TimeWindow, known: readonly TimeWindow[]): SilentShare {
  const lastOf = (entity: string, windows: readonly TimeWindow[]): number =>
    Math.max(
      ...rows.flatMap((row) => (row.entity === entity && windows.some((one) => within(row.ts, one)) ? [row.ts] : [])),
    )
  const all = [...new Set(rows.map(({ entity }) => entity))]
  const cohort = all.filter((entity) => lastOf(entity, known) > -Infinity)
  const silent = cohort.filter((entity) => lastOf(entity, [window]) === -Infinity)
  const hours = (entity: string): number => (window.to.getTime() - lastOf(entity, [window, ...known])) / 3.6e6
  const there = all.map(hours).filter((quiet) => quiet < Infinity)
  return {
    entities: cohort.length,
    silent: silent.length,
    longest: Math.max(0, ...there),
    shortest: silent.length === 0 ? 0 : Math.min(...silent.map(hours)),
  }
}

/** What the warehouse counts, of entities that are in some of many windows; the last row of each is at a time within them. */
export function presencesOf(
  entities: readonly (readonly number[])[],
  pieces: readonly TimeWindow[],
  lastIn: (window: TimeWindow) => number,
): readonly Presence[] {
  const found = new Map<string, Presence>()
  for (const windows of entities)
    for (const [index, window] of windows.entries()) {
      const next = windows[index + 1] ?? null
      const [piece, name] = [pieces[window], `${window} ${next}`]
      if (piece === undefined) continue
      const last = lastIn(piece) * 1000
      const { entities: count, earliest, latest } = found.get(name) ?? { entities: 0, earliest: last, latest: last }
      const [first, newest] = [Math.min(earliest, last), Math.max(latest, last)]
      found.set(name, { window, next, entities: count + 1, earliest: first, latest: newest })
    }
  return [...found.values()]
}
