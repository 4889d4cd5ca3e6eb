import type { ColumnEvidence } from '../evidence.ts'
import type { DriftPolicy } from '../policy.ts'
import type { Finding } from '../result.ts'
import { bySize } from '../severity.ts'
import { significant } from '../stable-number.ts'
import { grouped, percent } from '../wording.ts'

/** Categories that the reference does not have, with a hint where only case or spaces differ. */
export function unseen(columns: readonly ColumnEvidence[], policy: DriftPolicy): readonly Finding[] {
  return columns.flatMap(({ profile, categories, values }): readonly Finding[] => {
    if (profile.kind !== 'category' || categories === null) return []
    if (!categories.unseenKnown) return [tooMany(profile.name, profile.distinct)]
    if (categories.unseenRows === 0) return []
    const share = categories.unseenRows / values
    const severity = bySize(share, policy.unseen)
    const known = new Map([...profile.top, ...profile.rest].map(({ value }) => [fold(value), value]))
    const named = categories.unseen.slice(0, 5).map(({ value }) => JSON.stringify(value))
    const more = categories.unseen.length > named.length ? ` and ${grouped(categories.unseen.length - named.length)} more` : ''
    const twin = categories.unseen.map(({ value }) => [value, known.get(fold(value))] as const).find(([, same]) => same !== undefined)
    const hint = twin === undefined ? '' : ` ${JSON.stringify(twin[0])} differs from the known ${JSON.stringify(twin[1])} in case or spaces only.`
    const sentence = `${percent(share)} of ${profile.name} is not in the reference: ${named.join(', ')}${more}.${hint}`
    return [{ kind: 'unseen', column: profile.name, severity: severity === 'none' ? 'info' : severity, sentence, reference: 0, current: significant(share, 12), q: null }]
  })
}

function tooMany(column: string, distinct: number): Finding {
  const sentence = `${column} has ${grouped(distinct)} values in the reference, too many to know an unseen one; only those with at least 1 % of the rows are compared one by one.`
  return { kind: 'highCardinality', column, severity: 'info', sentence, reference: distinct, current: null, q: null }
}

function fold(value: string): string {
  return value.trim().toLowerCase()
}
