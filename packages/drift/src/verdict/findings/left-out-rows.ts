import type { WeightCounts } from '../../count/weigh-rows.ts'
import type { ReferenceProfile } from '../../profile/reference-profile.ts'
import type { DriftPolicy } from '../policy.ts'
import type { Finding } from '../result.ts'
import { bySize } from '../severity.ts'
import { significant } from '../stable-number.ts'
import { grouped, percent } from '../wording.ts'

/**
 * Rows that have no weight to count by, and so are in no figure. By how much more of them there are than in the reference says how
 * bad that is, on the floors of null rates.
 */
export function leftOutRows(
  { weight }: Pick<ReferenceProfile, 'weight'>,
  found: WeightCounts | undefined,
  policy: DriftPolicy,
): readonly Finding[] {
  if (weight === undefined || found === undefined) return []
  const [reference, current] = [leftOut(weight), leftOut(found)]
  if (current.rows === 0) return []
  const reasons = [
    `${grouped(found.missing)} missing`,
    `${grouped(found.negative)} negative`,
    `${grouped(found.notFinite)} not finite`,
  ].filter((reason) => !reason.startsWith('0 '))
  const sentence =
    `${grouped(current.rows)} of ${grouped(current.all)} rows have no weight in ${weight.column} ` +
    `(${reasons.join(', ')}) and are left out; of the reference it was ${percent(reference.share)}.`
  const severity = bySize(current.share - reference.share, policy.nullRate)
  return [
    {
      kind: 'leftOutRows',
      column: null,
      severity: severity === 'none' ? 'info' : severity,
      sentence,
      reference: significant(reference.share, 12),
      current: significant(current.share, 12),
      q: null,
    },
  ]
}

function leftOut(counts: WeightCounts): { readonly rows: number; readonly all: number; readonly share: number } {
  const rows = counts.missing + counts.negative + counts.notFinite
  const all = rows + counts.zero + counts.counted
  return { rows, all, share: all === 0 ? 0 : rows / all }
}
