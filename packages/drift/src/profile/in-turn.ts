import { ensureTable, sql, tableRef, type TableSpec, type Warehouse } from '@martlet/warehouse'

/** One row per table whose rows are replaced by key: a transaction that changes it makes other writers of the table wait or retry. */
export const writers: TableSpec = {
  table: 'monitoring.writers',
  columns: [
    { name: 'table_name', type: 'text', nullable: false },
    { name: 'writes', type: 'bigint', nullable: false },
  ],
}

/**
 * Runs `work` in a transaction that no other one on the same table overlaps: two that delete and insert the same key at the
 * same time would otherwise both insert it.
 */
export async function inTurn<T>(
  warehouse: Warehouse,
  table: string,
  work: (transaction: Warehouse) => Promise<T>,
): Promise<T> {
  await ensureTable(warehouse, writers)
  const known = await warehouse.read(sql`SELECT writes FROM ${tableRef(writers.table)} WHERE table_name = ${table}`)
  // Two processes may both add a row; every later transaction changes both rows, so the turns still hold.
  if (known.rows === 0)
    await warehouse.run(sql`INSERT INTO ${tableRef(writers.table)} (table_name, writes) VALUES (${table}, 0)`)
  return warehouse.transaction(async (transaction) => {
    await transaction.run(sql`UPDATE ${tableRef(writers.table)} SET writes = writes + 1 WHERE table_name = ${table}`)
    return work(transaction)
  })
}
