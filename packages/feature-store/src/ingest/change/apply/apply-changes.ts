import { sql, tableRef, type ColumnVector, type Warehouse } from '@martlet/warehouse'
import { OP, POSITION, UNCHANGED, type ChangeTables } from './change-tables.ts'
import { mergeCurrent } from './current-sql.ts'
import { mergeHistory } from './history-sql.ts'
import type { Scope } from './versions-sql.ts'

/** How many rows changed. */
export interface AppliedChanges {
  readonly current: number
  readonly history: number
}

/**
 * Brings the tables of a source up to the changes in its log. Rows with a change after `since` are computed again from all of
 * their changes, so neither the order in which these arrived nor repetitions matter; null computes every row.
 *
 * It creates nothing, so it may be part of a transaction on every engine.
 */
export async function applyChanges(
  warehouse: Warehouse,
  tables: ChangeTables,
  since: bigint | null,
): Promise<AppliedChanges> {
  const { leaves } = warehouse
  const scope = await scopeOf(warehouse, tables, since)
  const current = await warehouse.run(mergeCurrent(tables, scope, leaves))
  if (tables.history === null) return { current, history: 0 }
  return { current, history: await warehouse.run(mergeHistory(tables, tables.history, scope, leaves)) }
}

/** Computes the tables of a source anew from its log: first they are emptied. */
export async function replayChanges(warehouse: Warehouse, tables: ChangeTables): Promise<AppliedChanges> {
  await warehouse.run(sql`DELETE FROM ${tableRef(tables.current.table)}`)
  if (tables.history !== null) await warehouse.run(sql`DELETE FROM ${tableRef(tables.history.table)}`)
  return applyChanges(warehouse, tables, null)
}

async function scopeOf(warehouse: Warehouse, { log, columns }: ChangeTables, since: bigint | null): Promise<Scope> {
  const truncations = await warehouse.read(
    sql`SELECT MAX(${sql.id(POSITION)}) AS last FROM ${tableRef(log)} WHERE ${sql.id(OP)} = 't'`,
  )
  const last = bigintAt(truncations.columns[0])
  const lacking = await warehouse.read(
    sql`SELECT DISTINCT ${sql.id(UNCHANGED)} FROM ${tableRef(log)} WHERE ${sql.id(UNCHANGED)} IS NOT NULL`,
  )
  const [texts] = lacking.columns
  const unchanged = new Set(texts?.type === 'text' ? texts.values.flatMap((text) => text.split(',')) : [])
  return {
    // A truncation changes every row.
    since: since === null || (last !== undefined && last > since) ? null : since,
    unchanged: columns.map(({ name }) => name).filter((name) => unchanged.has(name)),
    truncated: last !== undefined,
  }
}

function bigintAt(column: ColumnVector | undefined): bigint | undefined {
  if (column === undefined || column.nulls?.[0] === 1) return undefined
  const value = column.values[0]
  return typeof value === 'bigint' || typeof value === 'number' ? BigInt(value) : undefined
}
