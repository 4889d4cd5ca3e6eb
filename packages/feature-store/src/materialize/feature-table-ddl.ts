import { ensureSchema, ensureTable, replaceTable, sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import type { ViewPlan } from '../plan/view-plan.ts'
import { clusterColumns, exists, featureColumns, featureTable } from './feature-table.ts'

/**
 * Creates a table for a view's rows, unless it exists.
 * @throws MartletError TABLE_MISMATCH when it exists with other columns
 */
export async function createTable(warehouse: Warehouse, view: ViewPlan, table: string): Promise<void> {
  await ensureTable(warehouse, { table, columns: featureColumns(view), clusterBy: clusterColumns(view) })
}

/**
 * Replaces the rows of the view's table by those of the side table; readers see either the old rows or the new ones.
 * This can be repeated while the side table exists; when it does not, the swap is complete.
 */
export async function finishSwap(warehouse: Warehouse, view: { readonly name: string }, side: string): Promise<void> {
  const columns = await warehouse.introspect(side)
  if (columns === undefined) return
  const names = columns.map(({ name }) => name)
  const orderBy = names.slice(0, names.indexOf('feature_time') + 1)
  await replaceTable(warehouse, {
    table: featureTable(view),
    rows: sql`SELECT * FROM ${tableRef(side)}`,
    columns,
    orderBy,
    clustered: true,
  })
}

/**
 * Defines `ml.<view>_latest`, the newest row of every entity; rows of precomputed tables are shown regardless of the
 * delay.
 */
export async function createLatestView(warehouse: Warehouse, view: ViewPlan, rows: Sql): Promise<void> {
  await ensureSchema(warehouse, 'ml')
  const name = `ml.${view.name}_latest`
  await warehouse.run(warehouse.leaves.createView(name, rows, { keepGrants: await exists(warehouse, name) }))
}
