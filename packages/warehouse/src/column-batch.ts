import type { ColumnBatch, ColumnVector, DecimalType } from './column.ts'
import { decimalUnits } from './decimal.ts'
import { MartletError } from './errors.ts'

/** One column as plain values: a `Date` may stand for a timestamp or date, a whole number for a bigint. */
export type ColumnInput =
  | { readonly type: 'boolean'; readonly values: readonly (boolean | null)[] }
  | { readonly type: 'integer' | 'double'; readonly values: readonly (number | null)[] }
  | { readonly type: 'bigint'; readonly values: readonly (bigint | number | null)[] }
  | { readonly type: 'text'; readonly values: readonly (string | null)[] }
  /** Microseconds since the epoch, or a Date. */
  | { readonly type: 'timestamp'; readonly values: readonly (bigint | Date | null)[] }
  /** Days since the epoch, or a Date (its UTC day). */
  | { readonly type: 'date'; readonly values: readonly (number | Date | null)[] }
  | DecimalInput

/** Decimals of any number of digits: as text, or as a bigint in units of the last digit. */
export interface DecimalInput {
  readonly type: DecimalType
  readonly values: readonly (string | bigint | null)[]
}

/**
 * Builds a batch from arrays of values with nulls.
 * @throws MartletError BATCH_INVALID when a value is not of its type or columns differ in length, naming column and row
 *
 * @example columnBatch({ customer_id: { type: 'text', values: ['c1', 'c2'] }, kwh: { type: 'double', values: [1.5, null] } })
 */
export function columnBatch(columns: Readonly<Record<string, ColumnInput>>): ColumnBatch {
  const entries = Object.entries(columns)
  const rows = entries[0]?.[1].values.length ?? 0
  const other = entries.find(([, { values }]) => values.length !== rows)
  if (other !== undefined)
    throw invalid(other[0], undefined, `has ${other[1].values.length} values, but the first column has ${rows}`)
  return { rows, names: entries.map(([name]) => name), columns: entries.map(([name, input]) => toVector(name, input)) }
}

function toVector(name: string, input: ColumnInput): ColumnVector {
  const nulls = (input.values as readonly unknown[]).includes(null)
    ? Uint8Array.from(input.values, (value: unknown) => (value === null ? 1 : 0))
    : null
  if (isDecimals(input)) {
    const { type } = input
    return { type, values: input.values.map((value, row) => units(name, row, type, value ?? 0n)), nulls }
  }
  switch (input.type) {
    case 'boolean':
      return { type: 'boolean', values: Uint8Array.from(input.values, (value) => (value === true ? 1 : 0)), nulls }
    case 'integer':
      return {
        type: 'integer',
        values: Int32Array.from(input.values, (value, row) => int32(name, row, value ?? 0)),
        nulls,
      }
    case 'double':
      return { type: 'double', values: Float64Array.from(input.values, (value) => value ?? 0), nulls }
    case 'bigint':
      return {
        type: 'bigint',
        values: BigInt64Array.from(input.values, (value, row) => int64(name, row, value ?? 0n)),
        nulls,
      }
    case 'text':
      return { type: 'text', values: input.values.map((value) => value ?? ''), nulls }
    case 'timestamp':
      return {
        type: 'timestamp',
        values: BigInt64Array.from(input.values, (value, row) => micros(name, row, value ?? 0n)),
        nulls,
      }
    case 'date':
      break
  }
  return { type: 'date', values: Int32Array.from(input.values, (value, row) => days(name, row, value ?? 0)), nulls }
}

function int32(name: string, row: number, value: number): number {
  if ((value | 0) !== value) throw invalid(name, row, `${value} is not a 32-bit integer`)
  return value
}

function int64(name: string, row: number, value: bigint | number): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw invalid(name, row, `${value} is not a whole number that a double holds exactly`)
  const whole = BigInt(value)
  if (BigInt.asIntN(64, whole) !== whole) throw invalid(name, row, `${value} is not a 64-bit integer`)
  return whole
}

function isDecimals(input: ColumnInput): input is DecimalInput {
  return typeof input.type === 'object'
}

function units(name: string, row: number, { decimal }: DecimalType, value: string | bigint): bigint {
  const [precision, scale] = decimal
  const found = typeof value === 'bigint' ? value : decimalUnits(value, scale)
  const limit = 10n ** BigInt(precision)
  if (found === undefined || found <= -limit || found >= limit)
    throw invalid(name, row, `${value} is not a decimal of ${precision} digits, ${scale} of them after the point`)
  return found
}

function micros(name: string, row: number, value: bigint | Date): bigint {
  if (typeof value === 'bigint') return int64(name, row, value)
  if (Number.isNaN(value.getTime())) throw invalid(name, row, 'the Date is invalid')
  return BigInt(value.getTime()) * 1000n
}

function days(name: string, row: number, value: number | Date): number {
  return int32(name, row, typeof value === 'number' ? value : Math.floor(value.getTime() / 86_400_000))
}

function invalid(column: string, row: number | undefined, what: string): MartletError {
  const where = `Column ${JSON.stringify(column)}${row === undefined ? '' : `, row ${row}`}`
  return new MartletError('BATCH_INVALID', `${where}: ${what}.`, {
    data: { column, ...(row === undefined ? {} : { row }) },
  })
}
