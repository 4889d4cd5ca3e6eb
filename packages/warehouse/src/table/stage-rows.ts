import type { RunOptions, Warehouse } from '../warehouse.ts'
import { tableRef } from './table-name.ts'
import { ddlRollsBack } from './unit-of-work.ts'
import { temporaryTableName } from './temporary-table-name.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * A query for the rows of `query` as they are now. Where a unit of work is one transaction it is the query itself; otherwise
 * the rows are copied to a temporary table of the session, so that the transaction that writes them is short.
 */
export async function stageRows(warehouse: Warehouse, query: Sql, options: RunOptions = {}): Promise<Sql> {
  if (ddlRollsBack(warehouse)) return query
  const staged = temporaryTableName('staged')
  await warehouse.run(warehouse.leaves.createTableAs(staged, query, { temporary: true }), options)
  return sql`SELECT * FROM ${tableRef(staged)}`
}
