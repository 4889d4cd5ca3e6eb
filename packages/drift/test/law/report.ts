import { binNumbers, countCategories } from '../../src/count/bin-array.ts'
import { binOf } from '../../src/count/bin-edges.ts'
import type { ColumnPieces, ReferencePieces } from '../../src/profile/pieces.ts'
import { windowReference } from '../../src/reference/window-reference.ts'
import type { WindowReference } from '../../src/verdict/evidence.ts'
import { countedEdges } from '../../src/count/counted-edges.ts'
import { rowWorth } from '../../src/compare/row-worth.ts'
import { comparedEffects } from '../../src/monitor/window-worth.ts'
import { categoryEvidence, numberEvidence } from '../../src/monitor/evidence-of.ts'
import { groupEffect, type GroupEffect } from '../../src/profile/group-effects.ts'
import { blockLengths } from '../../src/profile/time-blocks.ts'
import {
  policyFrom,
  profileCategories,
  profileNumbers,
  type ColumnProfile,
  type DriftResult,
  type PolicyOptions,
  type ReferenceProfile,
} from '../../src/index.ts'
import { centreOf } from '../../src/profile/reference-profile.ts'
import type { GroupMoments } from '../../src/statistics/design-effect.ts'
import type { ColumnEvidence } from '../../src/verdict/evidence.ts'
import { judgeRun } from '../../src/verdict/judge-run.ts'

/** Rows held in memory: what each is about, when it was, and its values. */
export interface Rows {
  readonly columns: readonly (readonly (number | string | null)[])[]
  /** The entity of each row; null: each row is one of its own. */
  readonly entity: readonly number[] | null
  /** The instant of each row in seconds; null: not known. */
  readonly time: readonly number[] | null
}

const now = new Date('2026-03-01T00:00:00Z')
const cellsOf = (column: ColumnProfile): number =>
  column.kind === 'number'
    ? column.deciles.length + 1
    : column.kind === 'category'
      ? Math.min(12, column.top.length) + 1
      : 1

/** The moments that the warehouse counts, from arrays. */
function momentsOf(column: ColumnProfile, values: Rows['columns'][number], groups: readonly number[]): GroupMoments {
  const cells = cellsOf(column)
  const edges = column.kind === 'number' ? countedEdges(column.edges) : []
  const deciles =
    column.kind === 'number' ? column.deciles.map((edge) => edges[column.edges.indexOf(edge)] ?? edge) : []
  const names =
    column.kind === 'category' ? new Map(column.top.slice(0, 12).map(({ value }, index) => [value, index])) : null
  const cellOf = (value: number | string | null): number => {
    if (value === null) return cells
    return typeof value === 'number' ? binOf(value, deciles) : (names?.get(value) ?? cells - 1)
  }
  const width = cells + 2
  const first = groups.reduce((least, group) => Math.min(least, group), Infinity)
  const last = groups.reduce((most, group) => Math.max(most, group), -Infinity)
  const counted = new Float64Array((last - first + 1) * width)
  for (const [row, value] of values.entries()) {
    const place = ((groups[row] ?? 0) - first) * width + cellOf(value)
    counted[place] = (counted[place] ?? 0) + 1
  }
  const counts = Array.from({ length: width }, () => 0)
  const products = counts.map(() => counts.slice())
  for (let start = 0; start < counted.length; start += width) {
    for (const [k, into] of products.entries()) {
      const count = counted[start + k] ?? 0
      counts[k] = (counts[k] ?? 0) + count
      if (count > 0) for (let l = 0; l < width; l += 1) into[l] = (into[l] ?? 0) + count * (counted[start + l] ?? 0)
    }
  }
  return { counts, products }
}

function entityEffect(
  column: ColumnProfile,
  values: Rows['columns'][number],
  entity: Rows['entity'],
): GroupEffect | undefined {
  if (entity === null || new Set(entity).size === entity.length) return undefined
  return groupEffect(momentsOf(column, values, entity), cellsOf(column))
}

function lengthsOf({ time }: Rows): readonly number[] {
  return time === null ? [] : blockLengths(spanOf(time))
}

/** The columns as a profile has them. */
export function profiledRows(reference: Rows): readonly ColumnProfile[] {
  const seconds = lengthsOf(reference)
  return reference.columns.map((values, index): ColumnProfile => {
    const name = `x${index}`
    const column = values.some((value) => typeof value === 'string')
      ? profileCategories({ name, type: 'text' }, values as readonly (string | null)[])
      : profileNumbers({ name, type: 'double' }, values as readonly (number | null)[])
    const entity = entityEffect(column, values, reference.entity)
    const time = seconds.map((length) =>
      groupEffect(
        momentsOf(
          column,
          values,
          (reference.time ?? []).map((at) => Math.floor(at / length)),
        ),
        cellsOf(column),
      ),
    )
    return {
      ...column,
      effects: { ...(entity === undefined ? {} : { entity }), ...(time.length === 0 ? {} : { time }) },
    }
  })
}

export interface ReportOptions {
  readonly policy?: PolicyOptions
  /** False: every row counts as independent. @default true */
  readonly dependent?: boolean
  /** Compares with the reference's rows of the same weekday. @default false */
  readonly sameWeekday?: boolean
  /** Compares with that many windows as long as the current one, which the reference is made of. @default 0 */
  readonly windows?: number
  /** The only one of those windows that is compared with; the others show how much windows differ. @default all of them */
  readonly comparedWindow?: number
}

/** The report on current rows against reference rows, by the code that judges warehouse rows. */
export function reportOf(
  reference: Rows,
  current: Rows,
  { policy, dependent = true, sameWeekday = false, windows = 0, comparedWindow }: ReportOptions = {},
): DriftResult {
  const rows = reference.columns[0]?.length ?? 0
  const rowsNow = current.columns[0]?.length ?? 0
  const seconds = lengthsOf(reference)
  const profile = {
    schema: 'martlet.drift.profile/1' as const,
    name: 'law',
    createdAt: now.toISOString(),
    rows,
    time: null,
    columns: profiledRows(reference),
  }
  const own = sameWeekday
    ? weekdayReference(profile, reference, current)
    : windows > 0
      ? windowsReference(profile, reference, windows, comparedWindow)
      : null
  const evidence = (own?.profile ?? profile).columns.map((column, index): ColumnEvidence => {
    const values = current.columns[index] ?? []
    const worth = dependent
      ? rowWorth({
          profile: { entity: ['id'], time: seconds.length === 0 ? null : { column: 'at', seconds } },
          effects: comparedEffects(column.effects, policy?.learnt !== 'never', own !== null),
          referenceRows: rows,
          comparedRows: own?.profile.rows ?? rows,
          rows: rowsNow,
          seconds: current.time === null ? null : spanOf(current.time),
          stretches: seconds.map((length) => new Set(current.time?.map((at) => Math.floor(at / length))).size),
          entity: entityEffect(column, values, current.entity),
        })
      : undefined
    if (column.kind === 'category')
      return categoryEvidence(column, countCategories(values as readonly (string | null)[]), worth)
    if (column.kind !== 'number') throw new Error('only numbers and categories')
    const binned = binNumbers(values as readonly (number | null)[], column.edges, column.centre ?? 0)
    return numberEvidence(column, binned, null, worth)
  })
  const window = {
    window: null,
    rows: rowsNow,
    columns: evidence,
    schema: profile.columns.map(({ name, type }) => ({ name, type })),
    rowKind: 'table' as const,
    absent: [],
    ignored: [],
    newest: null,
    latest: true,
    ...(own === null ? {} : { reference: own }),
  }
  return judgeRun({ monitor: 'law', now, profile, windows: [window] }, policyFrom(policy))
}

/** What the warehouse makes of earlier rows for `{ windows }`. */
function windowsReference(
  profile: ReferenceProfile,
  reference: Rows,
  count: number,
  compared?: number,
): WindowReference {
  const { time } = reference
  if (time === null) throw new Error('windows have times')
  const first = time.reduce((least, at) => Math.min(least, at), Infinity)
  const length = spanOf(time) / count
  const numbers = Array.from({ length: count }, (_, index) => index)
  const rowsOf = numbers.map((): number[] => [])
  for (const [row, at] of time.entries()) rowsOf[Math.floor((at - first) / length)]?.push(row)
  const columns = Object.fromEntries(
    profile.columns.map((column, index) => [column.name, piecesOf(column, reference.columns[index] ?? [], rowsOf)]),
  )
  const pieces: ReferencePieces = {
    by: [],
    zone: 'UTC',
    seasons: numbers.map(() => 0),
    stretches: numbers,
    rows: rowsOf.map((rows) => rows.length),
    absent: [],
    columns,
  }
  const windows = numbers.map((index) => ({
    from: new Date((first + index * length) * 1000),
    to: new Date((first + (index + 1) * length) * 1000),
  }))
  const all = compared === undefined ? windows : windows.slice(compared, compared + 1)
  const stretches = { all, windows, words: 'the windows before it' }
  const chosen = numbers.map((index) => numbers.map((other) => other === index))
  const own = numbers.map((index) => compared === undefined || index === compared)
  const parts = [{ stretches, chosen: own, windows: chosen }]
  return windowReference({ profile, choice: { windows: count }, match: [], pieces, parts }, 0, new Map())
}

/** The counts of a column by groups of rows. */
function piecesOf(
  column: ColumnProfile,
  values: Rows['columns'][number],
  groups: readonly (readonly number[])[],
): ColumnPieces {
  if (column.kind !== 'number') throw new Error('only numbers have pieces here')
  const counted = groups.map((rows) =>
    binNumbers(
      rows.map((row) => values[row] as number | null),
      column.edges,
      centreOf(column),
    ),
  )
  const none = counted.map(() => 0)
  return {
    nulls: counted.map(({ nulls }) => nulls),
    nan: none,
    positiveInfinite: none,
    negativeInfinite: none,
    counts: counted.map(({ counts }) => counts),
    sums: counted.map(({ sums }) => sums),
  }
}

/** What the warehouse makes of a stored profile for `match: ['weekday']`. */
function weekdayReference(profile: ReferenceProfile, reference: Rows, current: Rows): WindowReference {
  const weekdays = [1, 2, 3, 4, 5, 6, 7]
  const ofDay = weekdays.map((day) => (reference.time ?? []).flatMap((at, row) => (weekdayOf(at) === day ? [row] : [])))
  const columns = Object.fromEntries(
    profile.columns.map((column, index) => [column.name, piecesOf(column, reference.columns[index] ?? [], ofDay)]),
  )
  const pieces: ReferencePieces = {
    by: ['weekday'],
    zone: 'UTC',
    seasons: weekdays,
    stretches: weekdays.map(() => 0),
    rows: ofDay.map((rows) => rows.length),
    absent: [],
    columns,
  }
  const composition = new Map<number, number>()
  for (const at of current.time ?? []) composition.set(weekdayOf(at), (composition.get(weekdayOf(at)) ?? 0) + 1)
  const stretches = { all: [], windows: [], words: 'the stored profile' }
  const parts = [{ stretches, chosen: weekdays.map(() => true), windows: [] }]
  return windowReference({ profile, choice: { match: ['weekday'] }, match: ['weekday'], pieces, parts }, 0, composition)
}

/** Day 0 of 1970 was a Thursday. */
function weekdayOf(second: number): number {
  return ((Math.floor(second / 86_400) + 3) % 7) + 1
}

/** Whole days that the rows lie in, in seconds. */
function spanOf(time: readonly number[]): number {
  let [low, high] = [Infinity, -Infinity]
  for (const at of time) {
    if (at < low) low = at
    if (at > high) high = at
  }
  return (Math.floor(high / 86_400) - Math.floor(low / 86_400) + 1) * 86_400
}

/** Whether a report calls for anybody's attention. */
export function alerts(result: DriftResult): boolean {
  return result.severity === 'warn' || result.severity === 'crit'
}
