import type { Warehouse } from '../warehouse.ts'

/** Whether CREATE, ALTER and DROP are part of a transaction, as on DuckDB, or commit it, as on Snowflake. */
export function ddlRollsBack(warehouse: Warehouse): boolean {
  return warehouse.db.getExecutor().adapter.supportsTransactionalDdl === true
}

/**
 * Runs `work`, which may create tables, on one connection. Where a transaction also rolls back created tables, all of it is
 * one transaction. Otherwise it is a session, in which each `transaction` is a step of its own.
 *
 * On such an engine `work` may stop between two steps: it must leave complete tables to readers, and be correct when it runs
 * again. Inside a transaction it joins that one.
 */
export function unitOfWork<T>(warehouse: Warehouse, work: (warehouse: Warehouse) => Promise<T>): Promise<T> {
  return ddlRollsBack(warehouse) ? warehouse.transaction(work) : warehouse.session(work)
}
