import type { ChangedValue, EntityKey, FeatureDiff, ValueSummary, ViewDiff } from '@martlet/feature-store'
import { counted, grouped, instantWords, numberWords } from '../terminal/words.ts'
import type { ViewChange } from './project-diff.ts'

type Value = ChangedValue['before']

/** `12 %`, never 0 or 100 % where it is not. */
function shareWords(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %'
  const percent = (part / whole) * 100
  if (percent < 0.1) return '< 0.1 %'
  if (part < whole && percent > 99.9) return '> 99.9 %'
  return `${percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)} %`
}

export function valueWords(value: Value): string {
  if (value === null) return 'null'
  if (value instanceof Date) return instantWords(value)
  if (typeof value === 'number') return numberWords(value)
  return typeof value === 'bigint' ? grouped(value) : textWords(String(value))
}

/** Of longer texts the beginning is shown. */
const WHOLE = 60

/** A text in one line, and not all of a long one. */
function textWords(text: string): string {
  // Code points are at most as many as code units.
  const points = text.length <= WHOLE ? [] : [...text]
  const shown =
    points.length <= WHOLE ? text : `${points.slice(0, WHOLE).join('')}… (${grouped(points.length)} characters)`
  // A newline would begin a line that looks like one of ours.
  return shown.replaceAll('\n', '\\u000a')
}

/** `customer_id c1, site 7`. */
export function keyWords(key: EntityKey): string {
  return Object.entries(key)
    .map(([name, value]) => `${name} ${value instanceof Date ? instantWords(value) : textWords(String(value))}`)
    .join(', ')
}

/** `3.1 → 2.8`, or one of them where they are the same or only one is there. */
export function turnWords(before: Value, after: Value): string {
  const [old, now] = [valueWords(before), valueWords(after)]
  return old === now ? now : `${old} → ${now}`
}

function meanOf(summary: ValueSummary | null): number | null {
  return summary?.mean ?? null
}

/** `mean 3.1 → 2.8`; for booleans the share of true; empty where there is none. */
function meanWords({ before, after, kind }: FeatureDiff): string {
  const [old, now] = [meanOf(before), meanOf(after)]
  if (kind === 'new') return now === null ? '' : numberWords(now)
  if (kind === 'gone') return old === null ? '' : numberWords(old)
  return old === null && now === null ? '' : turnWords(old, now)
}

function rangeWords(summary: ValueSummary | null): string {
  if (summary === null || summary.min === null || summary.max === null) return ''
  return `${valueWords(summary.min)} to ${valueWords(summary.max)}`
}

/** `customer_id c1, 2026-01-20: 2.5 → 4.1 (+1.6)`. */
/** What a table says of a feature: its name, how many rows changed, the mean, the range, the nulls. */
export function cells(feature: FeatureDiff): readonly string[] {
  const { name, formerName, kind, changed, rows, before, after } = feature
  const nulls = (side: ValueSummary | null): string => (side === null ? '' : shareWords(side.nulls, rows))
  return [
    formerName === null ? name : `${name} (was ${formerName})`,
    kind === 'new' || kind === 'gone' ? kind : shareWords(changed, rows),
    meanWords(feature),
    turned(rangeWords(before), rangeWords(after)),
    turned(nulls(before), nulls(after)),
  ]
}

function turned(before: string, after: string): string {
  if (before === after || before === '') return after
  return after === '' ? before : `${before} → ${after}`
}

export function largestWords({ key, time, before, after, difference }: ChangedValue): string {
  const who = [keyWords(key), instantWords(time)].filter((part) => part !== '').join(', ')
  const days = before instanceof Date && difference !== null ? ' d' : ''
  const by = difference === null ? '' : ` (${difference > 0 ? '+' : ''}${numberWords(difference)}${days})`
  return `${who}: ${valueWords(before)} → ${valueWords(after)}${by}`
}

/** What happens to the values of a view, in one sentence. */
export function sentence(change: ViewChange): string {
  switch (change.kind) {
    case 'new':
      return `The view is new, with ${counted(change.features.length, 'feature')}: ${listed(change.features)}.`
    case 'gone':
      return `The view is gone, with ${counted(change.features.length, 'feature')}: ${listed(change.features)}.`
    case 'same definition':
      return 'The definition is the same, so nothing was computed.'
    case 'failed':
      return `It could not be compared (${change.error.code}): ${change.error.message}`
    case 'compared':
      return comparedSentence(change.diff)
  }
}

const NAMED = 5

function comparedSentence({ outcome, incomparable, features, compared }: ViewDiff): string {
  if (outcome === 'not comparable' || compared === null) return `All rows change: ${incomparable}.`
  const { rows, entities } = compared
  if (outcome === 'same')
    return rows.both === 0
      ? 'Neither definition has a row at these times, so no value was compared.'
      : `The plan is another one, but no value changes, in ${counted(rows.both, 'row')}.`
  const paired = features.filter(({ kind }) => kind === 'compared' || kind === 'replaced')
  const moved = paired
    .filter(({ changed, kind }) => changed > 0 || kind === 'replaced')
    .toSorted((a, b) => share(b) - share(a))
  const still = paired.length - moved.length
  const parts = [
    ...moved.slice(0, NAMED).map(movedWords),
    ...(moved.length > NAMED ? [`${counted(moved.length - NAMED, 'other feature')} change too`] : []),
    ...(still === 0 || rows.both === 0 ? [] : [stillWords(paired, still, moved.length)]),
    ...named('new', features),
    ...named('gone', features),
    ...moving('appear', rows.appear, entities.appear),
    ...moving('vanish', rows.vanish, entities.vanish),
  ]
  return `${parts.join('; ')}.`
}

/** `3 rows vanish, with 1 entity`. */
function moving(what: 'appear' | 'vanish', rows: number, entities: number): readonly string[] {
  if (rows === 0) return []
  const verb = rows === 1 ? `${what}${what === 'vanish' ? 'es' : 's'}` : what
  return [`${counted(rows, 'row')} ${verb}${entities === 0 ? '' : `, with all of ${entityCount(entities)}`}`]
}

function stillWords(paired: readonly FeatureDiff[], still: number, moved: number): string {
  if (moved === 0) return 'no value changes in rows that both have'
  if (still > NAMED) return `${grouped(still)} others in none`
  const names = paired.filter(({ changed, kind }) => changed === 0 && kind !== 'replaced').map(({ name }) => name)
  return `${names.join(', ')} in none`
}

function share({ changed, rows }: FeatureDiff): number {
  return rows === 0 ? 0 : changed / rows
}

function movedWords(feature: FeatureDiff): string {
  const { name, formerName, kind, changed, rows, nullToValue, valueToNull } = feature
  const who = kind === 'replaced' ? `${name}, in place of ${formerName}, differs` : `${name} changes`
  const mean = meanWords(feature)
  const details = [
    ...(mean.includes('→') ? [`mean ${mean}`] : []),
    ...(nullToValue === 0 ? [] : [`${counted(nullToValue, 'null')} filled`]),
    ...(valueToNull === 0 ? [] : [`${counted(valueToNull, 'value')} lost`]),
  ]
  const where = changed === 0 ? 'no row' : changed === rows ? 'all rows' : `${shareWords(changed, rows)} of rows`
  return `${who} in ${where}${details.length === 0 ? '' : ` (${details.join(', ')})`}`
}

function named(kind: 'new' | 'gone', features: readonly FeatureDiff[]): readonly string[] {
  const names = features.filter((one) => one.kind === kind).map(({ name }) => name)
  if (names.length === 0) return []
  return [kind === 'new' ? `new: ${listed(names)}` : `gone: ${listed(names)}`]
}

/** The first twelve of them. */
export function listed(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')}, … (${names.length})` : names.join(', ')
}

/** Which rows were compared: `11 feature times from 2026-01-10 to 2026-01-20, 1,234 rows of 120 entities`. */
export function comparedWords({ compared }: ViewDiff): string {
  if (compared === null) return ''
  const { first, last, times, rows, entities, sample, kind } = compared
  const when =
    times === 1
      ? instantWords(last)
      : `${counted(times, 'feature time')} from ${instantWords(first)} to ${instantWords(last)}`
  const who = sample === null ? entityCount(entities.both) : `a sample of ${entityCount(entities.both)}`
  const what = kind === 'served' ? 'as they would be served, ' : ''
  return `compared ${what}at ${when}: ${counted(rows.both, 'row')} of ${who}`
}

export function entityCount(count: number): string {
  return count === 1 ? '1 entity' : `${grouped(count)} entities`
}
