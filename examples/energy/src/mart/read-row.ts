import { MartletError, rowsOf, type Sql, type Warehouse } from '@martlet/warehouse'

/** The only row of a query that has exactly one. Errors: `NOT_ONE_ROW`. */
export async function readRow<R>(warehouse: Warehouse, query: Sql): Promise<R> {
  const rows = rowsOf<R>(await warehouse.read(query))
  const [row] = rows
  if (row === undefined || rows.length > 1)
    throw new MartletError('NOT_ONE_ROW', `A query of one row gave ${rows.length}.`)
  return row
}
