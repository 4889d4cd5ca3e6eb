import { sql } from 'kysely'
import { MartletError, tableRef, type ColumnBatch, type ColumnType, type Sql, type Warehouse } from '@martlet/warehouse'
import type { CheckedSpine } from '../compile/training-sql.ts'
import type { EntityPlan } from '../plan/source-plan.ts'

/** The keys and times to be filled: a table, a query, or rows held in memory. Other columns are carried along untouched. */
export type Spine = { readonly table: string } | { readonly query: Sql } | { readonly rows: ColumnBatch }

/** `spine_row` and `us` are Martlet's own columns beside the spine's. */
const RESERVED = ['spine_row', 'us']

/**
 * Copies a spine into a temporary table with a row number and checks it.
 *
 * @throws MartletError `BAD_SPINE`: a missing or wrongly typed column, null keys or times (with the row numbers), no rows.
 */
export async function stageSpine(session: Warehouse, spine: Spine, time: string, keys: EntityPlan['keys'], table: string): Promise<CheckedSpine> {
  const source = await spineSource(session, spine, `${table}_given`)
  const shape = await session.read(sql`SELECT * FROM (${source}) given LIMIT 0`)
  const columns = checkColumns(shape, time, keys)
  const micros = session.leaves.epochMicros(sql.id('given', time))
  await session.run(sql`CREATE TEMPORARY TABLE ${sql.id(table)} AS SELECT ${session.leaves.rowNumber()} - 1 AS spine_row, ${micros} AS us, given.* FROM (${source}) given`)
  await refuseNulls(session, table, [time, ...keys.map((key) => key.name)])
  const bounds = await session.read(sql`SELECT COUNT(*) AS n, MIN(us) AS first, MAX(us) AS last FROM ${sql.id(table)}`)
  const [rows, first, last] = bounds.columns.map((column) => (column.type === 'bigint' ? column.values[0] : undefined))
  if (rows === undefined || first === undefined || last === undefined || rows === 0n) throw bad('the spine has no rows; give it at least one key and time')
  return { table, rows: Number(rows), columns, first, last }
}

async function spineSource(session: Warehouse, spine: Spine, table: string): Promise<Sql> {
  if ('table' in spine) return sql`SELECT * FROM ${tableRef(spine.table)}`
  if ('query' in spine) return spine.query
  const columns = spine.rows.names.map((name, i) => sql`${sql.id(name)} ${session.leaves.columnType(spine.rows.columns[i]?.type ?? 'text')}`)
  if (columns.length === 0) throw bad('the spine has no columns')
  await session.run(sql`CREATE TEMPORARY TABLE ${sql.id(table)} (${sql.join(columns)})`)
  await session.append(table, spine.rows)
  return sql`SELECT * FROM ${sql.id(table)}`
}

function checkColumns(shape: ColumnBatch, time: string, keys: EntityPlan['keys']): readonly string[] {
  const types = new Map(shape.names.map((name, i) => [name, shape.columns[i]?.type]))
  const has = `it has ${shape.names.join(', ')}`
  const taken = shape.names.find((name) => RESERVED.includes(name.toLowerCase()))
  if (taken !== undefined) throw bad(`the spine's column '${taken}' has a name that Martlet uses itself; rename it`, { column: taken })
  const timeType = types.get(time)
  if (timeType === undefined) throw bad(`the spine has no time column '${time}'; ${has}`, { column: time })
  if (timeType !== 'timestamp') throw bad(`the spine's time column '${time}' is ${timeType}, and must be a timestamp (UTC)`, { column: time })
  for (const key of keys) {
    const type = types.get(key.name)
    if (type === undefined) throw bad(`the spine has no key column '${key.name}'; ${has}`, { column: key.name })
    if (family(type) !== family(key.type)) throw bad(`the spine's key column '${key.name}' is ${type}, but the entity's key is ${typeof key.type === 'string' ? key.type : 'decimal'}; cast it`, { column: key.name })
  }
  return shape.names
}

function family(type: ColumnType): string {
  if (type === 'integer' || type === 'bigint') return 'whole number'
  return typeof type === 'string' ? type : 'double'
}

async function refuseNulls(session: Warehouse, table: string, columns: readonly string[]): Promise<void> {
  const missing = columns.map((column) => sql`${sql.id(column)} IS NULL`)
  const found = await session.read(sql`SELECT spine_row, COUNT(*) OVER () AS n FROM ${sql.id(table)} WHERE ${sql.join(missing, sql` OR `)} ORDER BY spine_row LIMIT 10`)
  const [rows, counts] = found.columns
  if (found.rows === 0 || rows?.type !== 'bigint' || counts?.type !== 'bigint') return
  const count = Number(counts.values[0])
  const shown = [...rows.values].map(Number)
  throw bad(`${count} row${count === 1 ? '' : 's'} of the spine lack a key or a time (${columns.join(', ')}): row${count === 1 ? '' : 's'} ${shown.join(', ')}${count > shown.length ? ', …' : ''}, counted from 0`, { rows: shown, count })
}

function bad(message: string, data: Readonly<Record<string, unknown>> = {}): MartletError {
  return new MartletError('BAD_SPINE', message, { data })
}
