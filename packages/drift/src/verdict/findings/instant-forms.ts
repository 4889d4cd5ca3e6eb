import { AHEAD, SENTINELS } from '../../count/instant-sql.ts'
import { INDEPENDENT } from '../../compare/dependence.ts'
import type { Derivation } from '../../profile/derived-columns.ts'
import type { CategoryProfile } from '../../profile/reference-profile.ts'
import type { ColumnEvidence } from '../evidence.ts'
import { floorsOf, type DriftPolicy } from '../policy.ts'
import type { Finding } from '../result.ts'
import { percent } from '../wording.ts'
import { rateChanges, type Rate } from './rate-changes.ts'

/** The columns that are there, without those that are derived from dates and instants. */
export function plainEvidence<E extends ColumnEvidence>(columns: readonly E[]): readonly E[] {
  return columns.filter(({ profile }) => profile.derived === undefined)
}

interface FormRate extends Rate {
  readonly form: (typeof SENTINELS)[number] | 'ahead'
  readonly since: Derivation['since']
}

/** Sentinels such as 1970-01-01, and values that lie ahead of their row, whose share among a column's values changed. */
export function instantForms(columns: readonly ColumnEvidence[], policy: DriftPolicy): readonly Finding[] {
  const rates = columns.flatMap((column) =>
    column.profile.kind === 'category' && column.profile.derived?.as === 'form' ? ratesOf(column, column.profile) : [],
  )
  const floor = (column: string): ReturnType<typeof floorsOf>['unseen'] => floorsOf(policy, column).unseen
  const sentinels = rates.filter(({ form }) => form !== 'ahead')
  const ahead = rates.filter(({ form }) => form === 'ahead')
  return [
    ...rateChanges('sentinel', sentinels, floor, policy.alpha, sentinelWords),
    ...rateChanges('future', ahead, floor, policy.alpha, aheadWords),
  ]
}

function ratesOf({ categories, dependence, values }: ColumnEvidence, profile: CategoryProfile): readonly FormRate[] {
  const { derived } = profile
  if (derived === undefined || categories === null) return []
  const then = new Map([...profile.top, ...profile.rest].map(({ value, count }) => [value, count]))
  const now = new Map(categories.labels.map((label, cell) => [label, categories.current[cell] ?? 0]))
  const rows = [...then.values()].reduce((sum, count) => sum + count, 0)
  const hits = (counts: ReadonlyMap<string, number>, is: (form: string) => boolean): number =>
    [...counts].reduce((sum, [form, count]) => (is(form) ? sum + count : sum), 0)
  const rate = (form: FormRate['form'], is: (form: string) => boolean): FormRate => ({
    column: derived.of,
    form,
    since: derived.since,
    hits: hits(then, is),
    rows,
    currentHits: hits(now, is),
    currentRows: values,
    worth: dependence ?? INDEPENDENT,
    of: 'shares',
  })
  const all = [
    ...SENTINELS.map((sentinel) => rate(sentinel, (form) => form === sentinel)),
    rate('ahead', (form) => form.endsWith(AHEAD)),
  ]
  return all.filter((one) => one.hits + one.currentHits > 0)
}

function sentinelWords({ column, form }: FormRate, from: number, to: number): string {
  return `${column}: ${percent(to)} of values are ${form}; ${before(from)}.`
}

function aheadWords({ column, since }: FormRate, from: number, to: number): string {
  const where = since === 'run' ? 'in the future' : 'after the time of their row'
  return `${column}: ${percent(to)} of values lie ${where}; ${before(from)}.`
}

function before(share: number): string {
  return share === 0 ? 'the reference had none' : `it was ${percent(share)} in the reference`
}
