import { decimalValue } from './decimal.ts'
import { isDecimalVector, type ColumnBatch, type ColumnVector } from './column.ts'

/**
 * The rows of a batch as objects, for tests, examples and small results.
 *
 * A bigint becomes a number when it is a safe integer, and a decimal when the number has the same digits, or else its
 * digits as text; timestamps, cut to milliseconds, and dates become `Date`s in UTC.
 */
export function rowsOf<R = Record<string, unknown>>(batch: ColumnBatch): R[]
export function rowsOf(batch: ColumnBatch): Record<string, unknown>[] {
  const cells = batch.columns.map(cellsOf)
  return Array.from({ length: batch.rows }, (_, row) =>
    Object.fromEntries(batch.names.map((name, column) => [name, cells[column]?.(row)])),
  )
}

function cellsOf(column: ColumnVector): (row: number) => unknown {
  const { nulls } = column
  const cell = presentCell(column)
  return nulls === null ? cell : (row) => (nulls[row] === 1 ? null : cell(row))
}

function presentCell(column: ColumnVector): (row: number) => unknown {
  if (isDecimalVector(column)) return (row) => decimalValue(column.values[row] ?? 0n, column.type.decimal[1])
  switch (column.type) {
    case 'boolean':
      return (row) => column.values[row] === 1
    case 'bigint':
      return (row) => toNumberIfSafe(column.values[row] ?? 0n)
    case 'timestamp':
      return (row) =>
        new Date(Number((column.values[row] ?? 0n) / 1000n - ((column.values[row] ?? 0n) % 1000n < 0n ? 1n : 0n)))
    case 'date':
      return (row) => new Date((column.values[row] ?? 0) * 86_400_000)
    case 'integer':
    case 'double':
    case 'text':
      break
  }
  return (row) => column.values[row]
}

function toNumberIfSafe(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
