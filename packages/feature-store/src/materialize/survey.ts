import { FIRST_INSTANT } from '../catalog/instant.ts'
import { MartletError, sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import { gridInstants, servedFeatureTime } from '../compile/grid.ts'
import { keyAlias, scanKeyed, scanSource } from '../compile/source-sql.ts'
import type { GridPlan, ViewPlan } from '../plan/view-plan.ts'
import { featureTable } from './feature-table.ts'

/** The first grid instant at or after t. */
export function gridCeiling(grid: GridPlan, t: bigint): bigint {
  for (let reach = 2n * BigInt(grid.every) + 1n; ; reach *= 2n) {
    const first = gridInstants(grid, t, t + reach)[0]
    if (first !== undefined) return first
  }
}

/** The feature time from which on nothing is closed: T + delay <= now holds for every T before it. */
export function closedBefore(view: ViewPlan, now: bigint): bigint {
  if (view.source?.kind === 'precomputed') return now - BigInt(view.delay) + 1n
  return gridCeiling(view.grid, servedFeatureTime(view.grid, view.delay, now) + 1n)
}

/**
 * The first feature time that can have rows; undefined when the source is empty. A calendar begins with the other views, which `starts` tells of.
 * Errors: MATERIALIZE_FROM_NEEDED for a calendar alone.
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
    if (first !== undefined) return gridCeiling(view.grid, first)
    throw new MartletError(
      'MATERIALIZE_FROM_NEEDED',
      `${view.name} reads no table, and no other view says where it could begin; materialize it once with from: '2024-01-01'`,
      { data: { view: view.name } },
    )
  }
  const time =
    source.kind === 'fact' ? source.eventTime : source.kind === 'precomputed' ? source.time : source.validFrom
  if (time === null) return (await isEmpty(warehouse, source.table)) ? undefined : gridBefore(view.grid, closed)
  const first = await oldest(
    warehouse,
    scanSource(warehouse.leaves, source, [time]),
    time,
    source.kind === 'precomputed' ? FIRST_INSTANT : EARLIEST_START,
  )
  if (first === undefined) return undefined
  if (source.kind === 'dimension' && first < EARLIEST_START) return gridBefore(view.grid, closed)
  return source.kind === 'precomputed' ? first : gridCeiling(view.grid, first)
}

/** How many entities have rows, about. */
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
  return count(
    warehouse,
    sql`
      SELECT COUNT(*) AS n
      FROM (SELECT DISTINCT ${sql.join(keys)} FROM (${scanKeyed(warehouse.leaves, from, view.entity, [])}) s) d
    `,
  )
}

export async function count(warehouse: Warehouse, query: Sql): Promise<number> {
  const { columns } = await warehouse.read(query)
  return Number(columns[0]?.values[0] ?? 0)
}

/** Times before 1900 (µs) are mostly typing errors and words for "since ever": where later ones are, a first run does not begin with them. */
const EARLIEST_START = -2_208_988_800_000_000n

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

function gridBefore(grid: GridPlan, closed: bigint): bigint | undefined {
  for (let reach = 2n * BigInt(grid.every) + 1n, tries = 0; tries < 8; reach *= 2n, tries++) {
    const last = gridInstants(grid, closed - reach, closed).at(-1)
    if (last !== undefined) return last
  }
  return undefined
}
