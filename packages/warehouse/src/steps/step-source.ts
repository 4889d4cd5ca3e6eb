import type { ColumnSpec } from '../column.ts'
import { MartletError } from '../errors.ts'
import { dropTable } from '../table/ensure-table.ts'
import { tableRef } from '../table/table-name.ts'
import { temporaryTableName } from '../table/temporary-table-name.ts'
import type { RunOptions, Warehouse } from '../warehouse.ts'
import { stepError, type StepName } from './step-error.ts'
import { sql, type Sql } from '../sql.ts'

/** Where the rows of a step come from: a table or view, or one query. `file` says where the query is written, for errors. */
export type StepSource =
  | { readonly table: string }
  | { readonly query: Sql; readonly file?: { readonly file: string; readonly line: number } }

/** What follows FROM. A query may end with a comment, so its parenthesis is closed on a line of its own. */
export function sourceRows(source: StepSource): Sql {
  return 'table' in source ? tableRef(source.table) : sql`(${source.query}\n)`
}

/**
 * The columns of a source, with names in small letters.
 * @throws MartletError TABLE_NOT_FOUND, STEP_QUERY_FAILED when it cannot be read
 */
export async function sourceColumns(
  session: Warehouse,
  step: StepName,
  source: StepSource,
  options: RunOptions,
): Promise<readonly ColumnSpec[]> {
  if ('table' in source && (await session.introspect(source.table)) === undefined) {
    const { table } = source
    throw stepError('TABLE_NOT_FOUND', step, `there is no table ${table} to read from. Create it first.`, { table })
  }
  const columns =
    'table' in source ? await session.introspect(source.table) : await queryColumns(session, step, source, options)
  return (columns ?? []).map(({ name, type }) => ({ name: name.toLowerCase(), type }))
}

/** A result has doubles for short decimals, so the types are those of a table. */
async function queryColumns(
  session: Warehouse,
  step: StepName,
  source: StepSource,
  options: RunOptions,
): Promise<readonly ColumnSpec[] | undefined> {
  const shape = temporaryTableName('shape')
  const query = sql`SELECT * FROM ${sourceRows(source)} AS q WHERE 1 = 0`
  await inSource(session, step, source, () =>
    session.run(session.leaves.createTableAs(shape, query, { temporary: true }), options),
  )
  const columns = await session.introspect(shape)
  await dropTable(session, shape)
  return columns
}

/** Runs a statement that reads the source; when it fails, the error names the file and the line of the query. */
export async function inSource<T>(
  warehouse: Warehouse,
  step: StepName,
  source: StepSource,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof MartletError) || cause.code !== 'SQL_FAILED') throw cause
    if ('table' in source)
      throw stepError('STEP_QUERY_FAILED', step, `reading ${source.table} failed: ${cause.message}`, {}, cause)
    // The SQL around the query adds no lines before it, but the error may be on one after it.
    const lines = warehouse.compile(source.query).sql.split('\n').length
    const within = cause.data['line']
    const place = source.file
    const line =
      place !== undefined && typeof within === 'number' && within <= lines ? place.line + within - 1 : undefined
    const where = place === undefined ? 'its query' : line === undefined ? place.file : `${place.file}, line ${line}`
    const data = { ...(place === undefined ? {} : { file: place.file }), ...(line === undefined ? {} : { line }) }
    throw stepError('STEP_QUERY_FAILED', step, `${where} failed: ${cause.message}`, data, cause)
  }
}
