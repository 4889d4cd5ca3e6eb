import { INDEPENDENT, isIndependent } from '../../compare/dependence.ts'
import type { ReferenceProfile } from '../../profile/reference-profile.ts'
import type { ColumnEvidence } from '../evidence.ts'
import type { Finding } from '../result.ts'
import { significant } from '../stable-number.ts'
import { grouped } from '../wording.ts'

/** Below this many rows for one, nobody needs to hear of it. */
const WORTH_SAYING = 1.5

/** How many independent rows a column's values are worth on both sides; null when each counts as one. */
export function effectiveValues({
  profile,
  values,
  dependence = INDEPENDENT,
}: ColumnEvidence): { readonly reference: number; readonly current: number } | null {
  if (isIndependent(dependence)) return null
  const { reference, current } = dependence
  return {
    reference: significant(valuesOf(profile) / reference.shares, 6),
    current: significant(values / current.shares, 6),
  }
}

/** A note on what the rows of a window are worth, because rows of one entity and of neighbouring times are alike, or weigh differently. */
export function dependentRows(
  { dependence, weight }: ReferenceProfile,
  rows: number,
  columns: readonly ColumnEvidence[],
): readonly Finding[] {
  const shares = columns
    .filter(({ obstacle, values, profile }) => obstacle === null && values > 0 && profile.kind !== 'time')
    .map((column) => (effectiveValues(column)?.current ?? column.values) / column.values)
    .toSorted((a, b) => a - b)
  const middle = shares[(shares.length - 1) >> 1] ?? 1
  if (middle * WORTH_SAYING > 1) return []
  const effective = Math.max(1, Math.round(rows * middle))
  const entity = dependence?.entity ?? []
  const alike =
    entity.length === 0
      ? 'rows of neighbouring times are alike'
      : `rows of one ${entity.join(', ')} and of neighbouring times are alike`
  const reasons = [
    ...(weight === undefined ? [] : [`their weights (${weight.column}) differ`]),
    ...(weight !== undefined && dependence === undefined ? [] : [alike]),
  ]
  const column = columns.length === 1 ? 'its column' : 'the column in the middle'
  const sentence = `${grouped(rows)} rows count as about ${grouped(effective)} independent ones in ${column}: ${reasons.join(', and ')}.`
  return [
    { kind: 'dependentRows', column: null, severity: 'info', sentence, reference: null, current: effective, q: null },
  ]
}

function valuesOf(profile: ColumnEvidence['profile']): number {
  if (profile.kind === 'number') return profile.finite
  if (profile.kind === 'time') return 0
  return [...profile.top, ...profile.rest].reduce((sum, { count }) => sum + count, profile.beyond)
}
