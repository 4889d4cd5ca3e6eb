import type { ColumnEvidence } from '../evidence.ts'
import type { DriftPolicy } from '../policy.ts'
import type { Finding } from '../result.ts'
import { significant } from '../stable-number.ts'
import { grouped, percent } from '../wording.ts'

/** Columns that follow from the clock and say something else than their definition does for the same instants. */
export function calendar(columns: readonly ColumnEvidence[], policy: DriftPolicy): readonly Finding[] {
  return columns.flatMap((column): readonly Finding[] => {
    const check = column.calendar ?? null
    if (check === null || check.differing === 0) return []
    const share = check.differing / check.checked
    const rows = `${grouped(check.differing)} of ${grouped(check.checked)} rows (${percent(share)})`
    return [
      {
        kind: 'calendar',
        column: column.profile.name,
        severity: share >= policy.nullRate.crit ? 'crit' : 'warn',
        sentence: `${column.profile.name} differs from the calendar in ${rows}; it follows from the time of the row.`,
        reference: 0,
        current: significant(share, 12),
        q: null,
      },
    ]
  })
}
