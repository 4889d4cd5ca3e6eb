import type { ColumnSpec, Warehouse } from '@martlet/warehouse'
import type { Relation } from '../count/relation.ts'
import type { TimeWindow } from '../count/windows.ts'
import { measureGaps, togetherGaps, type TimeGaps } from '../profile/gaps.ts'
import { keysFor } from '../profile/profiled-gaps.ts'
import type { ReferenceProfile } from '../profile/reference-profile.ts'

interface TimedRows {
  readonly relation: Relation
  readonly schema: readonly ColumnSpec[]
  readonly time: string | null
  readonly windows: readonly TimeWindow[]
  /** The time of the newest row; what is not over then is not yet a gap. */
  readonly newest: Date | null
}

/** The gaps of every window, where the profile it is compared with has any. */
export async function gapEvidence(
  warehouse: Warehouse,
  { relation, schema, time, windows, newest }: TimedRows,
  profiles: readonly ReferenceProfile[],
): Promise<readonly (TimeGaps | undefined)[]> {
  const known = profiles.flatMap(({ gaps }) => gaps ?? [])
  if (time === null || known.length === 0) return []
  const keys = keysFor(
    known.flatMap(({ entity }) => (entity === undefined ? [] : [entity.keys])).at(0) ?? [],
    schema,
    time,
  )
  const found = await measureGaps(warehouse, { relation, time, keys, stretches: windows })
  return found.map((one, index) => {
    const window = windows[index]
    if (window === undefined) return togetherGaps([one], [], keys)
    const to = new Date(Math.min(window.to.getTime(), newest?.getTime() ?? window.from.getTime()))
    return togetherGaps([one], [{ from: window.from, to }], keys)
  })
}
