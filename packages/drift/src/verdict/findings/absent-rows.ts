import { INDEPENDENT } from '../../compare/dependence.ts'
import type { ReferenceProfile } from '../../profile/reference-profile.ts'
import type { WindowEvidence } from '../evidence.ts'
import type { DriftPolicy } from '../policy.ts'
import type { Finding } from '../result.ts'
import { percent } from '../wording.ts'
import { rateChanges } from './rate-changes.ts'

/**
 * Views for which the share of rows without any value changed. A feature table has no rows for entities that are missing, so
 * compared with rows of another kind only a rise is a finding.
 */
export function absentRows(
  { rows, rowKind = 'table', views = [] }: ReferenceProfile,
  current: Pick<WindowEvidence, 'rows' | 'rowKind' | 'absent' | 'absentWorth'>,
  policy: DriftPolicy,
): readonly Finding[] {
  const rates = views.map(({ view, absent }, index) => ({
    column: view,
    hits: absent,
    rows,
    currentHits: current.absent[index] ?? 0,
    currentRows: current.rows,
    worth: current.absentWorth?.[index] ?? INDEPENDENT,
    of: 'nulls' as const,
  }))
  const changed = rateChanges(
    'absentRows',
    rates,
    () => policy.nullRate,
    policy.alpha,
    ({ column }, from, to) => `Rows without any value of view ${column} went from ${percent(from)} to ${percent(to)}.`,
  )
  const onlyRises = rowKind !== current.rowKind && (rowKind === 'featureRows' || current.rowKind === 'featureRows')
  return changed
    .filter((finding) => !onlyRises || (finding.current ?? 0) > (finding.reference ?? 0))
    .map(({ column: view, ...finding }) => ({ ...finding, column: null, ...(view === null ? {} : { view }) }))
}
