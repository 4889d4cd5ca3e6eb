import type { PrecomputedPlan } from '../../src/plan/source-plan.ts'
import { viewColumnName, type ViewsPlan } from '../../src/plan/views-plan.ts'
import type { ViewPlan } from '../../src/plan/view-plan.ts'
import { servedTime } from './clock.ts'
import { time } from './events.ts'
import { valueOf, type Answers, type KnownFeature, type KnownSource, type OracleMart } from './mart.ts'
import { compare, type Row, type Value } from './row.ts'

type RowOf = (view: ViewPlan, key: Row, T: number) => Answers | null

/** What a row at T sees of other views: their rows as served at T + delay; null when the entity has none in any. */
export function viewedRow(
  mart: OracleMart,
  view: ViewPlan,
  source: ViewsPlan,
  { key, T }: { readonly key: Row; readonly T: number },
  rowOf: RowOf,
): Row | null {
  const t = T + view.delay
  const seen = source.views.map((read) => [read, servedRow(mart, read, key, t, rowOf)] as const)
  if (seen.every(([, row]) => row === null)) return null
  const columns = seen.flatMap(([read, row]) =>
    read.features.map(({ name }): readonly [string, Value] => [
      viewColumnName(source.views, read.name, name),
      valueOf(row?.[name] ?? null),
    ]),
  )
  return Object.fromEntries(columns)
}

function servedRow(mart: OracleMart, read: ViewPlan, key: Row, t: number, rowOf: RowOf): Answers | null {
  const source = read.source as KnownSource
  if (source?.kind === 'precomputed') return passedThroughRow(mart, read, source, key, t)
  const T = servedTime(read, t)
  return read.ttl !== null && t - T > read.ttl ? null : rowOf(read, key, T)
}

function passedThroughRow(
  mart: OracleMart,
  read: ViewPlan,
  { table, time: at, created }: PrecomputedPlan,
  key: Row,
  t: number,
): Answers | null {
  const rows = (mart.tables[table] ?? [])
    .filter((row) => read.entity.keys.every(({ name }) => row[name] === key[name]))
    .filter((row) => time(row, at) + read.delay <= t && (created === null || time(row, created) <= t))
    .toSorted(
      (a, b) => compare(a[at] ?? null, b[at] ?? null) || (created === null ? 0 : time(a, created) - time(b, created)),
    )
  const newest = rows.at(-1)
  if (newest === undefined || (read.ttl !== null && t - time(newest, at) > read.ttl)) return null
  return Object.fromEntries(
    read.features.map((feature) => {
      const { kind, name, ...rest } = feature as KnownFeature
      return [name, kind === 'column' && 'column' in rest ? (newest[rest.column] ?? null) : null]
    }),
  )
}

/** The tables whose rows say who may have a row in a view. */
export function tablesOfEverybody({ population, source }: ViewPlan): readonly string[] {
  const known = source as KnownSource
  if (known?.kind === 'views') return known.views.flatMap(tablesOfEverybody)
  return [(population ?? source)?.table ?? '']
}
