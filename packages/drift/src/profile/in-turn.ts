import { ensureTable, sql, tableRef } from '@martlet/warehouse'
import type { TableSpec, Warehouse } from '@martlet/warehouse'

/** A row for each table whose rows are replaced by key: changing it makes other writers of that table wait, or begin anew. */
export const writers: TableSpec = {
  table: 'monitoring.writers',
  columns: [
    { name: 'table_name', type: 'text', nullable: false },
    { name: 'writes', type: 'bigint', nullable: false },
  ],
}

/**
 * Runs `work` in a transaction that no other one on the same table overlaps: without that, two that delete and insert the same key at once
 * would both insert.
 */
export async function inTurn<T>(
  warehouse: Warehouse,
  table: string,
  work: (transaction: Warehouse) => Promise<T>,
): Promise<T> {
  await ensureTable(warehouse, writers)
  const known = await warehouse.read(sql`SELECT writes FROM ${tableRef(writers.table)} WHERE table_name = ${table}`)
  // Two at once may both add a row; every transaction that begins after that changes both.
  if (known.rows === 0)
    await warehouse.run(sql`INSERT INTO ${tableRef(writers.table)} (table_name, writes) VALUES (${table}, 0)`)
  return warehouse.transaction(async (transaction) => {
    await transaction.run(sql`UPDATE ${tableRef(writers.table)} SET writes = writes + 1 WHERE table_name = ${table}`)
    return work(transaction)
  })
}
