import { MartletError, sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import type { SourceSize } from '../compile/plan-choice.ts'
import { gridBefore, gridCeiling } from '../plan/time/grid-search.ts'
import { keyAlias } from '../vocabulary/algebra/frame.ts'
import { scanEvents } from '../vocabulary/sources/event-rows.ts'
import { scanKeyed, scanSource } from '../vocabulary/sources/scan.ts'
import { stepsOf, type ViewPlan } from '../plan/view-plan.ts'
import { attributesOf, eventsOf, sourceKind, viewsOf } from '../vocabulary/sources/list.ts'
import { exists, featureTable } from './feature-table.ts'
import { writerOf } from './writers/writer-of.ts'

/** The end of the closed feature times: T + delay <= now holds for every T before it. */
export function closedBefore(view: ViewPlan, now: bigint): bigint {
  return writerOf(view).closedBefore(view, now)
}

/**
 * The first feature time that can have rows; undefined when the source is empty. A calendar begins with the earliest
 * of `starts`, the beginnings of the other views.
 * @throws MartletError MATERIALIZE_FROM_NEEDED when `starts` is empty for a calendar
 */
export async function earliestInstant(
  warehouse: Warehouse,
  view: ViewPlan,
  closed: bigint,
  starts: readonly bigint[],
): Promise<bigint | undefined> {
  const { source } = view
  if (source === null) {
    const [first] = starts.toSorted((a, b) => (a < b ? -1 : 1))
    if (first !== undefined) return gridCeiling(stepsOf(view), first)
    throw new MartletError(
      'MATERIALIZE_FROM_NEEDED',
      `${view.name} reads no table, and there is no other view to begin with. Materialize it once with from: '2024-01-01'.`,
      { data: { view: view.name } },
    )
  }
  const views = viewsOf(source)?.views
  if (views !== undefined) return earliestRead(warehouse, view, views, closed)
  const time = sourceKind(source).begins(source)?.column ?? null
  if (time === null) return (await isEmpty(warehouse, source.table)) ? undefined : gridBefore(stepsOf(view), closed)
  const writer = writerOf(view)
  const first = await oldest(warehouse, scanSource(warehouse.leaves, source, [time]), time, writer.likelyAfter)
  if (first === undefined) return undefined
  if (attributesOf(source) !== undefined && first < writer.likelyAfter) return gridBefore(stepsOf(view), closed)
  return writer.firstTime(view, first)
}

/** The first feature time at which a row of one of these views could be served. */
async function earliestRead(
  warehouse: Warehouse,
  view: ViewPlan,
  read: readonly ViewPlan[],
  closed: bigint,
): Promise<bigint | undefined> {
  const first: bigint[] = []
  for (const one of read) {
    const its = await earliestInstant(warehouse, one, closed + BigInt(view.delay - one.delay), [])
    if (its !== undefined) first.push(gridCeiling(stepsOf(view), its + BigInt(one.delay - view.delay)))
  }
  return first.toSorted((a, b) => (a < b ? -1 : 1))[0]
}

/** About how many entities have rows. */
export async function countEntities(warehouse: Warehouse, view: ViewPlan, tableExists: boolean): Promise<number> {
  const keys = view.entity.keys.map((_, index) => sql.id(keyAlias(index)))
  if (keys.length === 0) return 1
  if (tableExists) {
    const table = tableRef(featureTable(view))
    const written = await count(
      warehouse,
      sql`SELECT COUNT(*) AS n FROM ${table} WHERE feature_time = (SELECT MAX(feature_time) FROM ${table})`,
    )
    if (written > 0) return written
  }
  const from = view.population ?? view.source
  if (from === null) return 1
  const views = viewsOf(from)?.views
  if (views !== undefined) {
    const counts: number[] = []
    for (const one of views)
      counts.push(await countEntities(warehouse, one, await exists(warehouse, featureTable(one))))
    return Math.max(...counts)
  }
  const events = eventsOf(from)
  const rows =
    events === undefined
      ? scanKeyed(warehouse.leaves, from, view.entity, [])
      : scanEvents(warehouse.leaves, events, view.entity, [])
  return count(
    warehouse,
    sql`
      SELECT COUNT(*) AS n
      FROM (SELECT DISTINCT ${sql.join(keys)} FROM (${rows}) s) d
    `,
  )
}

/** How large the events of a view are; undefined for a view without events. */
export async function sourceSize(
  warehouse: Warehouse,
  view: ViewPlan,
  entities: number,
): Promise<SourceSize | undefined> {
  const source = eventsOf(view.source)
  if (source === undefined) return undefined
  const time = warehouse.leaves.epochMicros(sql.id('f', source.eventTime))
  const { columns } = await warehouse.read(sql`
    SELECT COUNT(*) AS events, MAX(${time}) - MIN(${time}) AS span
    FROM (${scanSource(warehouse.leaves, source, [source.eventTime])}) f
  `)
  const [events = 0, span = 0] = columns.map(({ values, nulls }) => (nulls?.[0] === 1 ? 0 : Number(values[0])))
  return { events, entities, span }
}

export async function count(warehouse: Warehouse, query: Sql): Promise<number> {
  const { columns } = await warehouse.read(query)
  return Number(columns[0]?.values[0] ?? 0)
}

async function oldest(warehouse: Warehouse, scan: Sql, time: string, after: bigint): Promise<bigint | undefined> {
  const { leaves } = warehouse
  const likely = sql`CASE WHEN ${sql.id(time)} >= ${leaves.timestamp(after)} THEN ${sql.id(time)} END`
  const { columns } = await warehouse.read(
    sql`SELECT MIN(${likely}) AS likely, MIN(${sql.id(time)}) AS first FROM (${scan}) s`,
  )
  for (const column of columns) {
    if (column.nulls?.[0] === 1) continue
    if (column.type === 'date') return BigInt(column.values[0] ?? 0) * 86_400_000_000n
    if (column.type === 'timestamp') return column.values[0]
  }
  return undefined
}

async function isEmpty(warehouse: Warehouse, table: string): Promise<boolean> {
  return (
    (await count(warehouse, sql`SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM ${tableRef(table)} LIMIT 1) s`)) === 0
  )
}
