import type { Warehouse } from '@martlet/warehouse'
import { isoOfMicros } from '../count/iso-of-micros.ts'
import type { Relation } from '../count/relation.ts'
import { scanGaps, type Gap, type ScannedGaps } from '../count/scan-gaps.ts'
import { openSource } from '../count/scan-source.ts'
import type { TimeWindow } from '../count/windows.ts'

/** How far neighbouring distinct times are apart. */
export interface Gaps {
  readonly count: number
  /** Their sum, hours. */
  readonly hours: number
  /** The longest, ISO 8601, UTC. */
  readonly longest: { readonly from: string; readonly to: string }
}

/** The gaps of the time column. */
export interface TimeGaps {
  /** Between rows, whatever they are about. */
  readonly all?: Gaps
  /** Between rows of one entity, where it is known which that is. */
  readonly entity?: Gaps & { readonly keys: readonly string[] }
}

export interface GapRows {
  readonly relation: Relation
  readonly time: string
  /** Columns that say which entity a row is about, as the relation spells them. */
  readonly keys: readonly string[]
  /** None: all rows are one stretch. */
  readonly stretches: readonly TimeWindow[]
}

const HOUR_MICROS = 3.6e9

/** The gaps of one stretch of time, in both ways. */
export interface StretchGaps {
  readonly all: ScannedGaps
  readonly entity: ScannedGaps | null
}

/** Measures the gaps of every stretch inside the warehouse. A gap never reaches from one stretch into another. */
export async function measureGaps(
  warehouse: Warehouse,
  { relation, time, keys, stretches }: GapRows,
): Promise<readonly StretchGaps[]> {
  const source = openSource(warehouse, { relation, time: stretches.length === 0 ? null : time, windows: stretches })
  const all = await scanGaps(warehouse, source, time, [])
  const entity = keys.length === 0 ? [] : await scanGaps(warehouse, source, time, keys)
  return all.map((found, index) => ({ all: found, entity: entity[index] ?? null }))
}

/**
 * The gaps of several stretches together. Those before the first row of a stretch and after its last belong to them: what
 * touches in two neighbouring stretches is one gap, and stretches without rows are passed over. Without `stretches`, rows
 * have no bounds but themselves.
 */
export function togetherGaps(
  found: readonly StretchGaps[],
  stretches: readonly TimeWindow[],
  keys: readonly string[],
): TimeGaps {
  const all = sumOf(
    found.map((one) => one.all),
    edgesOf(found, stretches),
  )
  const entity = sumOf(
    found.flatMap((one) => one.entity ?? []),
    [],
  )
  return { ...(all === null ? {} : { all }), ...(entity === null ? {} : { entity: { ...entity, keys } }) }
}

function edgesOf(found: readonly StretchGaps[], stretches: readonly TimeWindow[]): readonly Gap[] {
  const filled = stretches
    .flatMap(({ from, to }, index) => {
      const reach = found[index]?.all.reach ?? null
      return reach === null ? [] : [{ from: from.getTime() * 1000, to: to.getTime() * 1000, reach }]
    })
    .toSorted((a, b) => a.from - b.from)
  return filled
    .flatMap(({ from, to, reach }, index) => {
      const [before, after] = [filled[index - 1], filled[index + 1]]
      const start = before !== undefined && before.to === from ? before.reach.to : from
      const end = { from: reach.to, to }
      return [{ from: start, to: reach.from }, ...(after !== undefined && after.from === to ? [] : [end])]
    })
    .filter((gap) => gap.to > gap.from)
}

function sumOf(found: readonly ScannedGaps[], edges: readonly Gap[]): Gaps | null {
  const gaps = [...found.flatMap(({ longest }) => longest ?? []), ...edges]
  const [first] = gaps
  if (first === undefined) return null
  const longest = gaps.reduce((most, gap) => (gap.to - gap.from > most.to - most.from ? gap : most), first)
  const total = [...found.map((one) => one.total), ...edges.map(({ from, to }) => to - from)]
  return {
    count: found.reduce((sum, { count }) => sum + count, edges.length),
    hours: total.reduce((sum, micros) => sum + micros, 0) / HOUR_MICROS,
    longest: { from: isoOfMicros(longest.from), to: isoOfMicros(longest.to) },
  }
}

/** The longest of some gaps, hours. */
export function longestHours({ longest }: Pick<Gaps, 'longest'>): number {
  return (Date.parse(longest.to) - Date.parse(longest.from)) / 3.6e6
}
