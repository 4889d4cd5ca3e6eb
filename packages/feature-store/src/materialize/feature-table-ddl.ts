import { ensureSchema, ensureTable, replaceTable, sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import type { ViewPlan } from '../plan/view-plan.ts'
import { clusterColumns, exists, featureColumns, featureTable } from './feature-table.ts'

/** Creates a table of a view's rows, unless it exists. Errors: TABLE_MISMATCH when it exists with other columns. */
export async function createTable(warehouse: Warehouse, view: ViewPlan, table: string): Promise<void> {
  await ensureTable(warehouse, { table, columns: featureColumns(view), clusterBy: clusterColumns(view) })
}

/**
 * Puts the rows of the side table in the place of the view's, so that readers see the old rows or the new ones.
 * As long as the side table exists, doing this again is harmless; without it the swap has been made.
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

/** Defines `ml.<view>_latest`: the newest row of every entity; of a table that holds features already, whatever the delay. */
export async function createLatestView(warehouse: Warehouse, view: ViewPlan, rows: Sql): Promise<void> {
  await ensureSchema(warehouse, 'ml')
  const name = `ml.${view.name}_latest`
  await warehouse.run(warehouse.leaves.createView(name, rows, { keepGrants: await exists(warehouse, name) }))
}
