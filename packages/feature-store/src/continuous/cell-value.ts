import { decimalUnits, isDecimalVector, type ColumnType, type ColumnVector } from '@martlet/warehouse'
import { scaleOf, valueOf, type Value } from '../vocabulary/algebra/value.ts'

/** Compiles the reading of a column of a batch as values of a type, whichever way the engine gives them. */
export function cellValues(vector: ColumnVector, type: ColumnType): (row: number) => Value {
  const { nulls } = vector
  const read = presentValues(vector, type)
  return nulls === null ? read : (row) => (nulls[row] === 1 ? null : read(row))
}

function presentValues(vector: ColumnVector, type: ColumnType): (row: number) => Value {
  if (isDecimalVector(vector)) {
    const more = 10n ** BigInt(scaleOf(type) - vector.type.decimal[1])
    return type === 'double'
      ? (row) => Number(vector.values[row] ?? 0n) / 10 ** vector.type.decimal[1]
      : (row) => (vector.values[row] ?? 0n) * more
  }
  switch (vector.type) {
    case 'text':
      return typeof type === 'object'
        ? (row) => decimalUnits(vector.values[row] ?? '', scaleOf(type)) ?? null
        : (row) => vector.values[row] ?? ''
    case 'boolean':
      return (row) => vector.values[row] === 1
    case 'double':
      return type === 'double'
        ? (row) => finite(vector.values[row] ?? 0)
        : (row) => valueOf(vector.values[row] ?? 0, type)
    case 'integer':
    case 'bigint':
    case 'timestamp': {
      const more = 10n ** BigInt(scaleOf(type))
      return type === 'double'
        ? (row) => Number(vector.values[row] ?? 0)
        : (row) => BigInt(vector.values[row] ?? 0) * more
    }
    case 'date':
      return (row) => valueOf(vector.values[row] ?? 0, 'date')
  }
}

function finite(value: number): Value {
  return Number.isFinite(value) ? value : null
}
