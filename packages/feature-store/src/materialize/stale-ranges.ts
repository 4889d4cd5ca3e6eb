import type { MomentTable } from '../compile/tiles/moment-table.ts'
import { momentTableOf } from '../compile/tiles/view-moments.ts'
import { gridCeiling } from '../plan/time/grid-search.ts'
import { stepsOf, type ViewPlan } from '../plan/view-plan.ts'
import { viewsOf } from '../vocabulary/sources/list.ts'
import { readBy } from '../vocabulary/view-sources.ts'
import { lookback } from './lookback.ts'
import type { TileChanges } from './verify-tiles.ts'

/** Feature times `[from, to)` whose rows may not be what the facts give now. */
export interface StaleRange {
  readonly from: bigint
  readonly to: bigint
  readonly tiles: number
  readonly entities: number
  readonly example: string | null
}

/** Beyond so many ranges the rest counts as one. */
const MOST_RANGES = 100

/** The feature times of a view whose rows, or rows of views that it reads, depend on a tile or an entity that changed. */
export function staleRanges(view: ViewPlan, changes: TileChanges): readonly StaleRange[] {
  const views = viewsOf(view.source)?.views
  if (views === undefined) return staleWindows(view, lookback(view), changes)
  const read = views.filter((one) => [one, ...readBy(one)].some((made) => isMadeOf(made, changes.table)))
  return united(
    view,
    read.flatMap((one) => readingRanges(view, one, staleRanges(one, changes))),
  )
}

/** Whether rows of a view are made of the facts of these tiles. */
export function isMadeOf(view: ViewPlan, { base }: MomentTable): boolean {
  return momentTableOf(view)?.base === base
}

/** A local day may be so much longer than one of 24 hours. */
const LONGER_DAY = 2n * 3_600_000_000n

/** The feature times whose rows read those of a view in these ranges. */
function readingRanges(view: ViewPlan, read: ViewPlan, ranges: readonly StaleRange[]): readonly StaleRange[] {
  const later = BigInt(read.delay - view.delay)
  // The last of those rows is read until the next one is served.
  const served = BigInt(read.grid.every) + (read.grid.zone === 'UTC' ? 0n : LONGER_DAY)
  return ranges.map((range) => ({ ...range, from: range.from + later, to: range.to + later + served }))
}

/**
 * The feature times of a view whose windows hold a changed tile, or whose entities are others. `reach` is how far back
 * the view reads facts; null: without limit.
 */
function staleWindows(view: ViewPlan, reach: bigint | null, changes: TileChanges): readonly StaleRange[] {
  const grain = BigInt(changes.table.grain)
  const until = (end: bigint | null): bigint => (end === null || end > changes.to ? changes.to : end)
  const windows = changes.tiles.map(({ tile, ...counts }) => ({
    ...counts,
    from: tile * grain,
    to: until(reach === null ? null : tile * grain + reach),
  }))
  // With a population, who has rows does not depend on facts.
  const presence = (view.population === null ? changes.presence : []).map(({ low, high }) => ({
    from: low * grain,
    to: until(high * grain),
    tiles: 0,
    entities: 0,
    example: null,
  }))
  return united(view, [...windows, ...presence])
}

/** Ranges in order, beginning with feature times. */
function united(view: ViewPlan, given: readonly StaleRange[]): readonly StaleRange[] {
  const ranges = given
    .toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))
    .flatMap((range): readonly StaleRange[] => {
      const from = gridCeiling(stepsOf(view), range.from)
      return from < range.to ? [{ ...range, from }] : []
    })
  return joined(ranges)
}

function joined(ranges: readonly StaleRange[]): readonly StaleRange[] {
  const all: StaleRange[] = []
  for (const range of ranges) {
    const last = all.at(-1)
    if (last === undefined || (range.from > last.to && all.length < MOST_RANGES)) {
      all.push(range)
      continue
    }
    all[all.length - 1] = {
      from: last.from,
      to: last.to > range.to ? last.to : range.to,
      tiles: last.tiles + range.tiles,
      entities: last.entities + range.entities,
      example: last.example ?? range.example,
    }
  }
  return all
}

/** What is left of ranges outside `[from, to)`. */
export function outside<Range extends { readonly from: bigint; readonly to: bigint }>(
  ranges: readonly Range[],
  { from, to }: { readonly from: bigint; readonly to: bigint },
): readonly Range[] {
  return ranges.flatMap((range) => {
    if (range.to <= from || range.from >= to) return [range]
    const before = range.from < from ? [{ ...range, to: from }] : []
    const after = range.to > to ? [{ ...range, from: to }] : []
    return [...before, ...after]
  })
}
