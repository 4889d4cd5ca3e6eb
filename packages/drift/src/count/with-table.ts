import { dropTable, temporaryTableName, type Warehouse } from '@martlet/warehouse'
import type { Relation } from './relation.ts'

/** Runs `work` on a table of the relation's rows: the table itself, or a temporary one for a query, which so runs only once. */
export async function withTable<T>(
  warehouse: Warehouse,
  relation: Relation,
  work: (warehouse: Warehouse, table: string) => Promise<T>,
): Promise<T> {
  if (typeof relation === 'string') return work(warehouse, relation)
  return warehouse.session(async (session) => {
    const table = temporaryTableName('drift_rows')
    await session.run(session.leaves.createTableAs(table, relation, { temporary: true }))
    try {
      return await work(session, table)
    } finally {
      await dropTable(session, table)
    }
  })
}
