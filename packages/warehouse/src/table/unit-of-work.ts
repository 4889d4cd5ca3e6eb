import type { Warehouse } from '../warehouse.ts'

/** Whether CREATE, ALTER and DROP are part of a transaction, as on DuckDB, or commit it, as on Snowflake. */
export function ddlRollsBack(warehouse: Warehouse): boolean {
  return warehouse.db.getExecutor().adapter.supportsTransactionalDdl === true
}

/**
 * Runs `work`, which may create tables, on one connection: in one transaction where that rolls back what it creates, so that all of it
 * sees one state and happens whole or not at all; else in a session without one, where each `transaction` inside is a step for itself.
 *
 * On such an engine `work` may stop between its steps: it must leave readers a table that is whole, and be right when it runs again.
 * Inside a transaction it joins that one.
 */
export function unitOfWork<T>(warehouse: Warehouse, work: (warehouse: Warehouse) => Promise<T>): Promise<T> {
  return ddlRollsBack(warehouse) ? warehouse.transaction(work) : warehouse.session(work)
}
