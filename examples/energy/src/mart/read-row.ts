import { MartletError, rowsOf, type Sql, type Warehouse } from '@martlet/warehouse'

/**
 * The row of a query that has exactly one.
 *
 * @throws MartletError NOT_ONE_ROW when it has none or several
 */
export async function readRow<R>(warehouse: Warehouse, query: Sql): Promise<R> {
  const rows = rowsOf<R>(await warehouse.read(query))
  const [row] = rows
  if (row === undefined || rows.length > 1)
    throw new MartletError(
      'NOT_ONE_ROW',
      `A query that must return one row returned ${rows.length}. Correct the query.`,
    )
  return row
}
