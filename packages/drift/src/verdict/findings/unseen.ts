import { normalTail } from '../../statistics/normal.ts'
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
    const rare = [...profile.top, ...profile.rest]
    const expected = expectedUnseen(rare.map(({ count }) => count), values)
    const beyondChance = normalTail((share - expected.share) / expected.error) < policy.alpha
    const severity = beyondChance ? bySize(share - expected.share, policy.unseen) : 'none'
    const known = new Map(rare.map(({ value }) => [fold(value), value]))
    const named = categories.unseen.slice(0, 5).map(({ value }) => JSON.stringify(value))
    const more = categories.unseen.length > named.length ? ` and ${grouped(categories.unseen.length - named.length)} more` : ''
    const twin = categories.unseen.map(({ value }) => [value, known.get(fold(value))] as const).find(([, same]) => same !== undefined)
    const hint = twin === undefined ? '' : ` ${JSON.stringify(twin[0])} differs from the known ${JSON.stringify(twin[1])} in case or spaces only.`
    const usual = expected.share >= 0.001 ? ` So many rare values occur that ${percent(expected.share)} would be usual.` : ''
    const sentence = `${percent(share)} of ${profile.name} is not in the reference: ${named.join(', ')}${more}.${usual}${hint}`
    return [{ kind: 'unseen', column: profile.name, severity: severity === 'none' ? 'info' : severity, sentence, reference: significant(expected.share, 12), current: significant(share, 12), q: null }]
  })
}

/**
 * The share of unseen values that a sample from the same source would have, and its standard error.
 *
 * Formula: singletons/n, error² (N₁ + 2N₂)/n² + share(1−share)/m. Source: Good (1953); Robbins (1968). Half a row keeps
 * the error above 0.
 */
function expectedUnseen(counts: readonly number[], m: number): { readonly share: number; readonly error: number } {
  const n = counts.reduce((sum, count) => sum + count, 0)
  const once = counts.filter((count) => count === 1).length
  const twice = counts.filter((count) => count === 2).length
  const share = once / n
  return { share, error: Math.sqrt((once + 2 * twice + 0.5) / (n * n) + (share * (1 - share)) / m) }
}

function tooMany(column: string, distinct: number): Finding {
  const sentence = `${column} has ${grouped(distinct)} values in the reference, too many to know an unseen one; only those with at least 1 % of the rows are compared one by one.`
  return { kind: 'highCardinality', column, severity: 'info', sentence, reference: distinct, current: null, q: null }
}

function fold(value: string): string {
  return value.trim().toLowerCase()
}
