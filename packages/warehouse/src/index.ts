export type { ColumnBatch, ColumnSpec, ColumnType, ColumnVector, DecimalType } from './column.ts'
export { columnBatch } from './column-batch.ts'
export type { ColumnInput } from './column-batch.ts'
export { MartletError } from './errors.ts'
export { rowsOf } from './rows.ts'
export type { CompiledSql, Engine, RunOptions, Sql, StreamOptions, Warehouse } from './warehouse.ts'

export { openDuckDb } from './duckdb/duckdb-warehouse.ts'
export type { DuckDbOptions } from './duckdb/instances.ts'

export type { AsofJoin } from './leaves/asof-join.ts'
export type { CreateTableOptions } from './leaves/create-table.ts'
export type { DatePart } from './leaves/date-part.ts'
export { duckDbLeaves } from './leaves/duckdb-leaves.ts'
export type { Leaves } from './leaves/leaves.ts'
export type { Series } from './leaves/series.ts'
export { snowflakeLeaves } from './leaves/snowflake-leaves.ts'

export { tableRef } from './table/table-name.ts'
