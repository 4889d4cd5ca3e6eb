import type { Warehouse } from '@martlet/warehouse'
import type { Relation } from './relation.ts'

const table = 'martlet_drift_rows'

/** Runs `work` on a table of the relation's rows: the table itself, or a temporary one that a query is computed into once. */
export async function withTable<T>(warehouse: Warehouse, relation: Relation, work: (warehouse: Warehouse, table: string) => Promise<T>): Promise<T> {
  if (typeof relation === 'string') return work(warehouse, relation)
  return warehouse.transaction(async (session) => {
    await session.run(session.leaves.createTableAs(table, relation, { temporary: true, replace: true }))
    return work(session, table)
  })
}
