import type { ColumnType } from './column.ts'
import type { RunOptions, Warehouse } from './warehouse.ts'
import type { Sql } from './sql.ts'

/** Files on this machine that hold the rows of a query. */
export interface UnloadedFiles {
  readonly rows: number
  readonly files: readonly string[]
  readonly columns: readonly UnloadedColumn[]
}

export interface UnloadedColumn {
  readonly name: string
  readonly type: ColumnType
  /** The file's column as DuckDB reads it into `type`. */
  readonly cell: Sql
}

/** A remote warehouse, which takes and returns many rows as files. */
export interface BulkWarehouse extends Warehouse {
  /**
   * Loads the rows that `query` yields on `reader`, a DuckDB: all of them or none. `columns` are the query's, with the
   * types of the table.
   */
  appendQuery(
    table: string,
    columns: readonly { readonly name: string; readonly type: ColumnType }[],
    reader: Warehouse,
    query: Sql,
  ): Promise<number>
  /** Downloads the rows of a query as files to a folder; undefined for a query that has to be streamed. */
  unload(query: Sql, folder: string, options?: RunOptions): Promise<UnloadedFiles | undefined>
}

export function isBulk(warehouse: Warehouse): warehouse is BulkWarehouse {
  return 'appendQuery' in warehouse && 'unload' in warehouse
}
