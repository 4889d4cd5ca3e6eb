import {
  isDecimalVector,
  typeText,
  type ColumnBatch,
  type ColumnType,
  type ColumnVector,
  type DecimalType,
  type DecimalVector,
} from './column.ts'
import { decimalText } from './decimal.ts'
import { MartletError } from './errors.ts'

/** A column as a catalog has it; `type` is undefined when no engine-free type corresponds to it. */
interface CatalogColumn {
  readonly name: string
  readonly dataType: string
  readonly type: ColumnType | undefined
  readonly nullable: boolean
}

/**
 * The batch's columns in the table's order.
 * @throws MartletError APPEND_MISMATCH when they do not fit the table, naming column and row
 */
export function alignColumns(
  table: string,
  columns: readonly CatalogColumn[],
  batch: ColumnBatch,
): readonly ColumnVector[] {
  const given = new Map<string, ColumnVector>()
  batch.names.forEach((name, index) => {
    const vector = batch.columns[index]
    if (vector === undefined || given.has(name.toLowerCase()))
      throw mismatch(table, name, 'is given twice, or without values')
    given.set(name.toLowerCase(), vector)
  })
  const known = new Set(columns.map((column) => column.name.toLowerCase()))
  const extra = batch.names.find((name) => !known.has(name.toLowerCase()))
  if (extra !== undefined) throw mismatch(table, extra, 'is not in the table')
  return columns.map((column) => {
    const vector = given.get(column.name.toLowerCase())
    if (vector === undefined) throw mismatch(table, column.name, 'is in the table but not in the batch')
    checkColumn(table, column, vector, batch.rows)
    return vector
  })
}

function checkColumn(table: string, column: CatalogColumn, vector: ColumnVector, rows: number): void {
  if (!fits(column.type, vector.type)) {
    throw mismatch(
      table,
      column.name,
      `is ${column.dataType} in the table and cannot take ${typeText(vector.type)} values`,
    )
  }
  if (vector.values.length !== rows || (vector.nulls !== null && vector.nulls.length !== rows)) {
    throw mismatch(
      table,
      column.name,
      `has ${vector.values.length} values and ${vector.nulls?.length ?? 'no'} null marks, but the batch has ${rows} rows`,
    )
  }
  if (!column.nullable && vector.nulls !== null) {
    const row = vector.nulls.indexOf(1)
    if (row >= 0) throw mismatch(table, column.name, `is NOT NULL and has a null in row ${row}`, row)
  }
  if (vector.type === 'text') {
    const row = vector.values.findIndex((value, at) => typeof value !== 'string' && vector.nulls?.[at] !== 1)
    if (row >= 0) throw mismatch(table, column.name, `has a value in row ${row} that is not a string`, row)
  }
  if (vector.type === 'double' && typeof column.type === 'object')
    checkDecimals(table, column.name, column.type.decimal, vector.values, vector.nulls)
  if (isDecimalVector(vector) && typeof column.type === 'object') checkUnits(table, column.name, column.type, vector)
}

function checkDecimals(
  table: string,
  name: string,
  [precision, scale]: readonly [number, number],
  values: Float64Array,
  nulls: Uint8Array | null,
): void {
  const limit = 10 ** (precision - scale)
  const row = values.findIndex((value, at) => !(Math.abs(value) < limit) && nulls?.[at] !== 1)
  if (row >= 0)
    throw mismatch(table, name, `is DECIMAL(${precision},${scale}) and row ${row} holds ${values[row]}`, row)
}

function checkUnits(table: string, name: string, { decimal }: DecimalType, vector: DecimalVector): void {
  const [precision, scale] = decimal
  const limit = 10n ** BigInt(precision - scale + vector.type.decimal[1])
  const row = vector.values.findIndex((units, at) => (units <= -limit || units >= limit) && vector.nulls?.[at] !== 1)
  if (row < 0) return
  const value = decimalText(vector.values[row] ?? 0n, vector.type.decimal[1])
  throw mismatch(table, name, `is DECIMAL(${precision},${scale}) and row ${row} holds ${value}`, row)
}

function fits(type: ColumnType | undefined, given: ColumnVector['type']): boolean {
  if (type === undefined) return false
  if (typeof type === 'object')
    return typeof given === 'object' || given === 'integer' || given === 'bigint' || given === 'double'
  if (type === 'bigint' || type === 'double') return given === type || given === 'integer'
  return given === type
}

function mismatch(table: string, column: string, what: string, row?: number): MartletError {
  return new MartletError(
    'APPEND_MISMATCH',
    `Column ${JSON.stringify(column)} ${what} (append to ${table}). Nothing was appended.`,
    { data: { table, column, ...(row === undefined ? {} : { row }) } },
  )
}
