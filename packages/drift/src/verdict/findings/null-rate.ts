import { INDEPENDENT } from '../../compare/dependence.ts'
import type { PresentRows } from '../present-rows.ts'
import { floorsOf, type DriftPolicy } from '../policy.ts'
import type { Finding } from '../result.ts'
import { percent } from '../wording.ts'
import { rateChanges } from './rate-changes.ts'

/** Columns whose share of nulls changed, among the rows that have a value of their view. */
export function nullRate(columns: readonly PresentRows[], policy: DriftPolicy): readonly Finding[] {
  const rates = columns.map(({ profile, reference, nulls, rows, dependence }) => ({
    column: profile.name,
    hits: reference.nulls,
    rows: reference.rows,
    currentHits: nulls,
    currentRows: rows,
    worth: dependence ?? INDEPENDENT,
    of: 'nulls' as const,
  }))
  return rateChanges(
    'nullRate',
    rates,
    (column) => floorsOf(policy, column).nullRate,
    policy.alpha,
    ({ column }, from, to) =>
      to === 1
        ? `${column} is null in every row (${percent(from)} in the reference).`
        : `Nulls in ${column} went from ${percent(from)} to ${percent(to)}.`,
  )
}
