import type { CategoryCells } from '../../compare/category-cells.ts'
import { dependentLogP, INDEPENDENT, isIndependent, type Dependence } from '../../compare/dependence.ts'
import type { CategoryProfile } from '../../profile/reference-profile.ts'
import { benjaminiHochberg } from '../../statistics/benjamini-hochberg.ts'
import { newValuesTest } from '../../statistics/new-values.ts'
import type { ColumnEvidence } from '../evidence.ts'
import { floorsOf, type DriftPolicy } from '../policy.ts'
import type { Finding } from '../result.ts'
import { bySize } from '../severity.ts'
import { significant } from '../stable-number.ts'
import { quoted } from '../shown-value.ts'
import { grouped, percent } from '../wording.ts'
import { twinHint } from './twin-hint.ts'

/** Categories that the reference does not have, tested together over all columns, with a hint where only the spelling differs. */
export function unseen(columns: readonly ColumnEvidence[], policy: DriftPolicy): readonly Finding[] {
  const found = columns.flatMap(({ profile, categories, values, dependence = INDEPENDENT }) =>
    profile.kind === 'category' && categories !== null ? [{ profile, categories, values, dependence }] : [],
  )
  const tested = found.filter(({ categories, values }) => categories.unseenKnown && values > 0)
  const qs = benjaminiHochberg(tested.map(unseenChance))
  const q = new Map(tested.map(({ profile }, index) => [profile.name, qs[index] ?? 1]))
  return found.flatMap((column): readonly Finding[] => {
    const { profile, categories } = column
    if (!categories.unseenKnown) return [tooMany(profile.name, profile.distinct)]
    return categories.unseenRows === 0 ? [] : [finding(column, q.get(profile.name) ?? 1, policy)]
  })
}

interface Unseen {
  readonly profile: CategoryProfile
  readonly categories: CategoryCells
  readonly values: number
  readonly dependence: Dependence
}

function finding({ profile, categories, values }: Unseen, q: number, policy: DriftPolicy): Finding {
  const share = categories.unseenRows / values
  const seen = [...profile.top, ...profile.rest]
  const usual = usualShare(
    seen.map(({ count }) => count),
    profile.once,
  )
  const severity = q < policy.alpha ? bySize(share - usual, floorsOf(policy, profile.name).unseen) : 'none'
  const named = categories.unseen.slice(0, 5).map(({ value }) => quoted(value))
  const more =
    categories.unseen.length > named.length ? ` and ${grouped(categories.unseen.length - named.length)} more` : ''
  const twin = twinHint(
    seen.map(({ value }) => value),
    categories.unseen.map(({ value }) => value),
  )
  const hint = twin === null ? '' : ` ${twin}`
  const rare = usual >= 0.001 ? ` The reference has so many rare values that ${percent(usual)} would be usual.` : ''
  const sentence = `${percent(share)} of ${profile.name} is not in the reference: ${named.join(', ')}${more}.${rare}${hint}`
  const found = { reference: significant(usual, 12), current: significant(share, 12), q: significant(q, 9) }
  return { kind: 'unseen', column: profile.name, severity: severity === 'none' ? 'info' : severity, sentence, ...found }
}

/** The share of unseen values in another sample of the same source: of values that one row alone has. Source: Good (1953). */
function usualShare(counts: readonly number[], once: number = counts.filter((count) => count === 1).length): number {
  const rows = counts.reduce((sum, count) => sum + count, 0)
  return rows === 0 ? 0 : once / rows
}

/**
 * The chance of that many rows with unseen values. Rows beyond the listed values are rare; each counts as a value of its own.
 * Rows that are alike bring a new value together: so many of them count as one.
 */
function unseenChance({ categories, values, dependence }: Unseen): number {
  const { reference, current, beyond, unseenRows } = categories
  const rows = reference.reduce((sum, count) => sum + count, 0)
  if (isIndependent(dependence)) {
    const totals = reference.map((count, cell) => count + (current[cell] ?? 0)).filter((count) => count > 0)
    return newValuesTest([...totals, ...Array.from({ length: beyond[1] }, () => 1)], unseenRows, rows, values)
  }
  const [then, now] = [dependence.reference.shares, dependence.current.shares]
  const totals = reference.flatMap((count, cell) => wholeRows(count / then + (current[cell] ?? 0) / now))
  const rare = Array.from({ length: Math.round(beyond[1] / now) }, () => 1)
  // Values that are worth less than a row are counted as one, so both sides have as many more rows as all values together.
  const dealt = totals.reduce((sum, total) => sum + total, rare.length)
  const more = dealt / (rows / then + values / now)
  const m = Math.min(dealt, Math.max(1, Math.round((values / now) * more)))
  const newRows = Math.min(m, Math.round((unseenRows / now) * more))
  const p = newValuesTest([...totals, ...rare], newRows, dealt - m, m)
  return Math.exp(dependentLogP(Math.log(p), dependence, 'shares', rows, values))
}

/** A value that occurs counts as one row at least. */
function wholeRows(effective: number): readonly number[] {
  return effective > 0 ? [Math.max(1, Math.round(effective))] : []
}

function tooMany(column: string, distinct: number): Finding {
  const values = `${column} has ${grouped(distinct)} values in the reference, too many to recognise an unseen one`
  const sentence = `${values}; only those with at least 1 % of the rows are compared one by one.`
  return { kind: 'highCardinality', column, severity: 'info', sentence, reference: distinct, current: null, q: null }
}
