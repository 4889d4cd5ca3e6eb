import { gridCeiling } from '../plan/time/grid-search.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
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

/**
 * The feature times of a view whose windows hold a changed tile, or whose entities are others. `reach` is how far back
 * the view reads facts; null: without limit.
 */
export function staleRanges(view: ViewPlan, reach: bigint | null, changes: TileChanges): readonly StaleRange[] {
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
  const ranges = [...windows, ...presence]
    .toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))
    .flatMap((range): readonly StaleRange[] => {
      const from = gridCeiling(view.grid, range.from)
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
