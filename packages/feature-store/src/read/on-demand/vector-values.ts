import { decimalUnits, type ColumnType, type ColumnVector } from '@martlet/warehouse'
import { isWhole } from '../../vocabulary/algebra/expression-type.ts'
import { storedOf, valueOf, type Value } from '../../vocabulary/algebra/value.ts'

/** A value of a column that a warehouse gave, as a value of its declared type. */
export function valueIn(vector: ColumnVector | undefined, row: number, type: ColumnType): Value {
  if (vector === undefined || vector.nulls?.[row] === 1) return null
  const value = vector.values[row]
  if (value === undefined) return null
  if (vector.type === 'boolean') return value === 1
  if (typeof type === 'object') return unitsIn(vector, value, type.decimal[1])
  if (typeof vector.type === 'object') return value
  return type === 'double' ? Number(value) : isWhole(type) ? BigInt(value) : valueOf(value, type)
}

/** A warehouse gives decimals of few digits as doubles, and those without digits after the point as whole numbers. */
function unitsIn(vector: ColumnVector, value: string | number | bigint, scale: number): Value {
  const given = typeof vector.type === 'object' ? vector.type.decimal[1] : 0
  if (typeof value === 'bigint') return value * 10n ** BigInt(scale - given)
  return decimalUnits(Number(value).toFixed(scale), scale) ?? null
}

/** A column that is written row by row. */
export interface VectorWriter {
  set(row: number, value: Value): void
  vector(): ColumnVector
}

/** Room for so many values of a type, all null until they are set. */
export function vectorWriter(type: ColumnType, rows: number): VectorWriter {
  const nulls = new Uint8Array(rows).fill(1)
  const writer = (vector: ColumnVector, set: (row: number, value: Exclude<Value, null>) => void): VectorWriter => ({
    set(row, value) {
      if (value === null) return
      nulls[row] = 0
      set(row, value)
    },
    vector: () => vector,
  })
  switch (type) {
    case 'text': {
      const values = Array.from({ length: rows }, () => '')
      return writer({ type, values, nulls }, (row, value) => (values[row] = String(value)))
    }
    case 'boolean': {
      const values = new Uint8Array(rows)
      return writer({ type, values, nulls }, (row, value) => (values[row] = value === true ? 1 : 0))
    }
    case 'integer': {
      const values = new Int32Array(rows)
      return writer({ type, values, nulls }, (row, value) => (values[row] = Number(value)))
    }
    case 'date': {
      const values = new Int32Array(rows)
      return writer({ type, values, nulls }, (row, value) => (values[row] = Number(storedOf(value, type))))
    }
    case 'bigint':
    case 'timestamp': {
      const values = new BigInt64Array(rows)
      return writer({ type, values, nulls }, (row, value) => (values[row] = BigInt(value)))
    }
    default: {
      const values = new Float64Array(rows)
      return writer({ type: 'double', values, nulls }, (row, value) => (values[row] = Number(value)))
    }
  }
}
