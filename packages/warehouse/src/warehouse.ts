import type { Kysely } from 'kysely'
import type { ColumnBatch, ColumnSpec } from './column.ts'
import type { Engine } from './engine.ts'
import type { Leaves } from './leaves/leaves.ts'
import type { Sql } from './sql.ts'

export interface CompiledSql {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

export interface RunOptions {
  /** Stops the statement inside the engine; the call rejects with code `CANCELLED`. */
  readonly signal?: AbortSignal
}

export interface StreamOptions extends RunOptions {
  /** The most rows in one batch. @default 16384 */
  readonly batchRows?: number
  /**
   * Fills the arrays of a batch anew for the next one, where the engine can, which saves allocating them: for a caller that keeps
   * none. Batches may then be shorter. @default false
   */
  readonly reuse?: boolean
}

/** One engine that holds marts, feature tables and profiles. Everything above it uses only this interface. */
export interface Warehouse extends AsyncDisposable {
  readonly engine: Engine
  /** The pieces of SQL that differ between engines. */
  readonly leaves: Leaves
  /** A Kysely on the same engine, for the user's own queries. Rows are objects, so it is not for hot paths. */
  readonly db: Kysely<Record<string, Record<string, unknown>>>
  /** Prints a statement without running it. */
  compile(statement: Sql): CompiledSql
  /** Runs a query and returns its whole result as one batch. */
  read(query: Sql, options?: RunOptions): Promise<ColumnBatch>
  /** Runs a query and yields its result in batches, in bounded memory. */
  stream(query: Sql, options?: StreamOptions): AsyncIterable<ColumnBatch>
  /** Runs a statement and returns the number of rows it changed. */
  run(statement: Sql, options?: RunOptions): Promise<number>
  /** Appends rows column by column to an existing table; names must match, order need not. */
  append(table: string, batch: ColumnBatch): Promise<number>
  /** The columns of a table or view, or undefined when it does not exist. */
  introspect(table: string): Promise<readonly ColumnSpec[] | undefined>
  /** Runs `work` on a connection of its own, without a transaction; temporary tables live until it ends. */
  session<T>(work: (warehouse: Warehouse) => Promise<T>): Promise<T>
  /**
   * Runs `work` on one connection between BEGIN and COMMIT; any error rolls back and is rethrown. Inside a transaction it
   * joins that one.
   *
   * When another transaction changed the same rows first, all of `work` runs again, a few times: it must not do anything
   * outside the warehouse that may not happen twice.
   * @throws MartletError TRANSACTION_CONFLICT when it never came first
   */
  transaction<T>(work: (warehouse: Warehouse) => Promise<T>): Promise<T>
  close(): Promise<void>
}
