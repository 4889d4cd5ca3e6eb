import { INDEPENDENT } from '../../compare/dependence.ts'
import type { ColumnEvidence } from '../evidence.ts'
import { floorsOf, type DriftPolicy } from '../policy.ts'
import type { Finding } from '../result.ts'
import { grouped, percent } from '../wording.ts'
import { rateChanges } from './rate-changes.ts'

/** Columns whose share of NaN and ±Infinity changed, and those that have the first such value. */
export function nonFiniteRate(columns: readonly ColumnEvidence[], policy: DriftPolicy): readonly Finding[] {
  const rates = columns.flatMap(({ profile, nonFinite, values, dependence }) => {
    if (profile.kind !== 'number') return []
    const hits = profile.nan + profile.positiveInfinite + profile.negativeInfinite
    return [
      {
        column: profile.name,
        hits,
        rows: hits + profile.finite,
        currentHits: nonFinite,
        currentRows: nonFinite + values,
        worth: dependence ?? INDEPENDENT,
        of: 'nonFinite' as const,
      },
    ]
  })
  const changed = rateChanges(
    'nonFiniteRate',
    rates,
    (column) => floorsOf(policy, column).nullRate,
    policy.alpha,
    ({ column }, from, to) => `NaN or infinite values in ${column} went from ${percent(from)} to ${percent(to)}.`,
  )
  const reported = new Set(changed.map(({ column }) => column))
  const first = rates
    .filter(({ column, hits, currentHits }) => hits === 0 && currentHits > 0 && !reported.has(column))
    .map(({ column, currentHits, currentRows }): Finding => {
      const values = `${grouped(currentHits)} NaN or infinite ${currentHits === 1 ? 'value' : 'values'}`
      const sentence = `${column} has ${values}; the reference has none. The metrics leave them out.`
      return {
        kind: 'nonFiniteRate',
        column,
        severity: 'info',
        sentence,
        reference: 0,
        current: currentHits / currentRows,
        q: null,
      }
    })
  return [...changed, ...first]
}
