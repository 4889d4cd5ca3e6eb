import { rowsOf, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { momentColumn, type MomentTable } from '../compile/tiles/moment-table.ts'
import { momentTableOf } from '../compile/tiles/view-moments.ts'
import { LEDGER } from '../materialize/tile-ledger.ts'
import type { ViewPlan } from '../plan/view-plan.ts'

/**
 * Stored tiles that hold all that a view reads of its events before `last` (µs); undefined when there are none, or when
 * its features are not made of tiles.
 */
export async function storedTilesOf(
  warehouse: Warehouse,
  view: ViewPlan,
  last: bigint,
): Promise<MomentTable | undefined> {
  const table = momentTableOf(view)
  if (table === undefined || (await warehouse.introspect(LEDGER)) === undefined) return undefined
  const { leaves } = warehouse
  const reaching = rowsOf<{ name: string }>(
    await warehouse.read(sql`
      SELECT table_name AS name
      FROM ${tableRef(LEDGER)}
      GROUP BY table_name
      HAVING MIN(covered_to) >= ${leaves.timestamp(last)}
      ORDER BY table_name
    `),
  )
  for (const { name } of reaching) {
    if (!name.startsWith(`${table.base}_`)) continue
    const columns = new Set((await warehouse.introspect(name))?.map((column) => column.name.toLowerCase()))
    if (table.moments.every((moment) => columns.has(momentColumn(moment)))) return { ...table, table: name }
  }
  return undefined
}
