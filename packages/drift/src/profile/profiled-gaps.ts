import type { Warehouse } from '@martlet/warehouse'
import { relationColumns } from '../count/relation.ts'
import { columnNamed } from '../count/spelling.ts'
import { measureGaps, togetherGaps } from './gaps.ts'
import type { MeasuredRows } from './profile-reference.ts'
import { filledTime, type ReferenceProfile } from './reference-profile.ts'

/** The profile with the gaps of its time column; single rows far away make none. */
export async function withGaps(
  warehouse: Warehouse,
  { profile, relation, time }: MeasuredRows,
  entity: readonly string[],
): Promise<ReferenceProfile> {
  if (time === null) return profile
  const present = await relationColumns(warehouse, relation)
  const keys = keysFor(entity, present, time)
  const filled = profile.mostly === undefined ? null : filledTime(profile)
  const stretches = filled === null ? [] : [filled]
  const found = await measureGaps(warehouse, { relation, time, keys, stretches })
  return { ...profile, gaps: togetherGaps(found, [], keys) }
}

/** The columns of an entity that are there; none when one is missing. */
export function keysFor(
  entity: readonly string[],
  present: readonly { readonly name: string }[],
  time: string,
): readonly string[] {
  const found = entity.flatMap((name) => columnNamed(present, name)?.name ?? [])
  return found.length === entity.length ? found.filter((name) => name !== time) : []
}
