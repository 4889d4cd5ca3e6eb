import type { RunOptions, Warehouse } from '../warehouse.ts'
import { tableRef } from './table-name.ts'
import { ddlRollsBack } from './unit-of-work.ts'
import { temporaryTableName } from './temporary-table-name.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * A query for the rows of `query` as they are now. In a unit of work that is one transaction it is the query itself; else the rows are kept
 * in a temporary table of the session, so that a transaction which writes them is short and holds nothing but the writing.
 */
export async function stageRows(warehouse: Warehouse, query: Sql, options: RunOptions = {}): Promise<Sql> {
  if (ddlRollsBack(warehouse)) return query
  const staged = temporaryTableName('staged')
  await warehouse.run(warehouse.leaves.createTableAs(staged, query, { temporary: true }), options)
  return sql`SELECT * FROM ${tableRef(staged)}`
}
