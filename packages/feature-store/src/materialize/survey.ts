import { sql } from 'kysely'
import { MartletError, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import { gridInstants } from '../compile/grid.ts'
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

/**
 * The first feature time that can have rows; undefined when the source is empty. A calendar begins with the other views, which `starts` tells of.
 * Errors: MATERIALIZE_FROM_NEEDED for a calendar alone.
 */
export async function earliestInstant(warehouse: Warehouse, view: ViewPlan, closed: bigint, starts: readonly bigint[]): Promise<bigint | undefined> {
  const { source } = view
  if (source === null) {
    const [first] = starts.toSorted((a, b) => (a < b ? -1 : 1))
    if (first !== undefined) return gridCeiling(view.grid, first)
    throw new MartletError('MATERIALIZE_FROM_NEEDED', `${view.name} reads no table, and no other view says where it could begin; materialize it once with from: '2024-01-01'`, { data: { view: view.name } })
  }
  const time = source.kind === 'fact' ? source.eventTime : source.kind === 'precomputed' ? source.time : source.validFrom
  if (time === null) return (await isEmpty(warehouse, source.table)) ? undefined : gridBefore(view.grid, closed)
  const first = await oldest(warehouse, scanSource(warehouse.leaves, source, [time]), time)
  if (first === undefined) return undefined
  return source.kind === 'precomputed' ? first : gridCeiling(view.grid, first)
}

/** How many entities have rows, about. */
export async function countEntities(warehouse: Warehouse, view: ViewPlan, tableExists: boolean): Promise<number> {
  const keys = view.entity.keys.map((_, index) => sql.id(keyAlias(index)))
  if (keys.length === 0) return 1
  if (tableExists) {
    const table = tableRef(featureTable(view))
    const written = await count(warehouse, sql`SELECT COUNT(*) AS n FROM ${table} WHERE feature_time = (SELECT MAX(feature_time) FROM ${table})`)
    if (written > 0) return written
  }
  const from = view.population ?? view.source
  if (from === null) return 1
  return count(warehouse, sql`SELECT COUNT(*) AS n FROM (SELECT DISTINCT ${sql.join(keys)} FROM (${scanKeyed(warehouse.leaves, from, view.entity, [])}) s) d`)
}

export async function count(warehouse: Warehouse, query: Sql): Promise<number> {
  const { columns } = await warehouse.read(query)
  return Number(columns[0]?.values[0] ?? 0)
}

async function oldest(warehouse: Warehouse, scan: Sql, time: string): Promise<bigint | undefined> {
  const { columns } = await warehouse.read(sql`SELECT MIN(${sql.id(time)}) AS first FROM (${scan}) s`)
  const [first] = columns
  if (first === undefined || first.nulls?.[0] === 1) return undefined
  if (first.type === 'date') return BigInt(first.values[0] ?? 0) * 86_400_000_000n
  return first.type === 'timestamp' ? first.values[0] : undefined
}

async function isEmpty(warehouse: Warehouse, table: string): Promise<boolean> {
  return (await count(warehouse, sql`SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM ${tableRef(table)} LIMIT 1) s`)) === 0
}

function gridBefore(grid: GridPlan, closed: bigint): bigint | undefined {
  for (let reach = 2n * BigInt(grid.every) + 1n, tries = 0; tries < 8; reach *= 2n, tries++) {
    const last = gridInstants(grid, closed - reach, closed).at(-1)
    if (last !== undefined) return last
  }
  return undefined
}
