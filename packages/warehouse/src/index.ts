export type { ColumnBatch, ColumnSpec, ColumnType, ColumnVector, DecimalType } from './column.ts'
export type { CompiledSql, Engine, RunOptions, Sql, StreamOptions, Warehouse } from './warehouse.ts'
export { MartletError } from './errors.ts'
