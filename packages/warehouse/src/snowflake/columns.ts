import type { Column } from 'snowflake-sdk'
import type { ColumnBatch, ColumnVector, DecimalType } from '../column.ts'
import { decimalUnits, isWideDecimal } from '../decimal.ts'
import { MartletError } from '../errors.ts'
import type { Row } from './row-reader.ts'

type Decode = (cells: readonly unknown[]) => ColumnVector

/**
 * Turns rows of a result into columns, whose names are Snowflake's in lower case. `epochs` are the columns that hold
 * timestamps as whole microseconds.
 * @throws MartletError COLUMN_TYPE_UNSUPPORTED when no vector holds a column's type
 */
export function batchDecoder(
  columns: readonly Column[],
  epochs: ReadonlySet<number> = new Set(),
): (rows: readonly Row[]) => ColumnBatch {
  const names = columns.map((column) => column.getName().toLowerCase())
  const decoders = columns.map((column, index) =>
    epochs.has(index) ? wholes('timestamp', names[index] ?? '') : decoderOf(names[index] ?? '', column),
  )
  return (rows) => ({
    rows: rows.length,
    names,
    columns: decoders.map((decode, index) => decode(rows.map((row) => row[index] ?? null))),
  })
}

function decoderOf(name: string, column: Column): Decode {
  const type = column.getType().toLowerCase()
  switch (type) {
    case 'fixed':
      if (column.getScale() > 0) {
        const type = { decimal: [column.getPrecision(), column.getScale()] } as const
        return isWideDecimal(type) ? decimals(name, type) : doubles
      }
      return column.getPrecision() <= 10 ? integers(name) : wholes('bigint', name)
    case 'real':
      return doubles
    case 'text':
      return (cells) => ({
        type: 'text',
        values: cells.map((cell) => (typeof cell === 'string' ? cell : '')),
        nulls: nullsOf(cells),
      })
    case 'boolean':
      return (cells) => ({
        type: 'boolean',
        values: Uint8Array.from(cells, (cell) => (cell === true ? 1 : 0)),
        nulls: nullsOf(cells),
      })
    case 'date':
      return (cells) => ({
        type: 'date',
        values: Int32Array.from(cells, (cell) => (cell instanceof Date ? Math.floor(cell.getTime() / 86_400_000) : 0)),
        nulls: nullsOf(cells),
      })
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return (cells) => ({
        type: 'timestamp',
        values: BigInt64Array.from(cells, (cell) => (cell === null ? 0n : microsOf(name, cell))),
        nulls: nullsOf(cells),
      })
    default:
      throw new MartletError(
        'COLUMN_TYPE_UNSUPPORTED',
        `Column ${JSON.stringify(name)} is of type ${type}, which cannot be read. ` +
          'Cast it in the query, for example with TO_JSON, or to VARCHAR or DOUBLE.',
        { data: { column: name, type } },
      )
  }
}

function doubles(raw: readonly unknown[]): ColumnVector {
  const cells = raw.map(numberText)
  return {
    type: 'double',
    values: Float64Array.from(cells, (cell) => (cell === null ? 0 : doubleOf(cell))),
    nulls: nullsOf(cells),
  }
}

function wholes(type: 'bigint' | 'timestamp', name: string): Decode {
  return (raw) => {
    const cells = raw.map(numberText)
    return {
      type,
      values: BigInt64Array.from(cells, (cell) => (cell === null ? 0n : int64(name, cell))),
      nulls: nullsOf(cells),
    }
  }
}

function decimals(name: string, type: DecimalType): Decode {
  return (raw) => {
    const cells = raw.map(numberText)
    return {
      type,
      values: cells.map((cell) => (cell === null ? 0n : unitsOf(name, cell, type.decimal[1]))),
      nulls: nullsOf(cells),
    }
  }
}

function integers(name: string): Decode {
  return (raw) => {
    const cells = raw.map(numberText)
    return {
      type: 'integer',
      values: Int32Array.from(cells, (cell) => (cell === null ? 0 : int32(name, cell))),
      nulls: nullsOf(cells),
    }
  }
}

// Numbers come as text. A null is the text NULL when other code in this process has configured the SDK that way.
function numberText(cell: unknown): string | null {
  return typeof cell === 'string' && cell !== 'NULL' ? cell : null
}

function nullsOf(cells: readonly unknown[]): Uint8Array | null {
  return cells.includes(null) ? Uint8Array.from(cells, (cell) => (cell === null ? 1 : 0)) : null
}

function doubleOf(text: string): number {
  switch (text.toLowerCase()) {
    case 'inf':
    case 'infinity':
      return Number.POSITIVE_INFINITY
    case '-inf':
    case '-infinity':
      return Number.NEGATIVE_INFINITY
    default:
      return Number(text)
  }
}

function int64(name: string, text: string): bigint {
  const value = BigInt(text)
  if (BigInt.asIntN(64, value) !== value) throw outOfRange(name, text, '64 bits', 'DOUBLE')
  return value
}

function unitsOf(name: string, text: string, scale: number): bigint {
  const units = decimalUnits(text, scale)
  if (units === undefined) throw outOfRange(name, text, '38 digits', 'DOUBLE')
  return units
}

function int32(name: string, text: string): number {
  const value = Number(text)
  if ((value | 0) !== value) throw outOfRange(name, text, '32 bits', 'NUMBER(19, 0)')
  return value
}

function outOfRange(column: string, value: string, bits: string, type: string): MartletError {
  return new MartletError(
    'VALUE_OUT_OF_RANGE',
    `Column ${JSON.stringify(column)} holds ${value}, which needs more than ${bits}. Cast it to ${type}.`,
    { data: { column, value } },
  )
}

// The SDK's dates have whole seconds and nanoseconds; a plain Date has only milliseconds.
function microsOf(name: string, cell: unknown): bigint {
  if (!(cell instanceof Date))
    throw new MartletError(
      'COLUMN_TYPE_UNSUPPORTED',
      `Column ${JSON.stringify(name)} holds a timestamp that cannot be read. Cast it to VARCHAR in the query.`,
      { data: { column: name } },
    )
  const [seconds, nanos] = [call(cell, 'getEpochSeconds'), call(cell, 'getNanoSeconds')]
  if (seconds === undefined || nanos === undefined) return BigInt(cell.getTime()) * 1000n
  return BigInt(seconds) * 1_000_000n + BigInt(Math.floor(nanos / 1000))
}

function call(date: Date, method: string): number | undefined {
  const get: unknown = Reflect.get(date, method)
  const value: unknown = typeof get === 'function' ? Reflect.apply(get, date, []) : undefined
  return typeof value === 'number' ? value : undefined
}
