import type { OutputSpec, Tensor, Tensors } from '@martlet/registry'
import { MartletError, type ColumnSpec, type ColumnType, type ColumnVector } from '@martlet/warehouse'

/** The columns of a model's outputs. */
export interface OutputColumns {
  readonly specs: readonly ColumnSpec[]
  readonly vectors: readonly ColumnVector[]
}

/**
 * An output of one value per row is a column of its name; one of several is a column for each, named after the label or
 * the number. What is no number is null, as in the answers of a server.
 */
export function outputColumns(outputs: readonly OutputSpec[], parts: readonly Tensors[]): OutputColumns {
  const columns = outputs.flatMap(({ name, labels }) => {
    const given = parts.flatMap((tensors) => tensors[name] ?? [])
    const [first] = given
    if (first === undefined) return []
    const width = widthOf(first)
    const other = given.find((tensor) => widthOf(tensor) !== width)
    if (other !== undefined) throw unlike(name, width, widthOf(other))
    const single = width === 1 && first.dims.length <= 2
    return Array.from({ length: width }, (_, column) => ({
      name: single ? name : `${name}_${labels?.length === width ? String(labels[column]) : column}`,
      vector: vectorOf(name, given, { column, width }),
    }))
  })
  return {
    specs: columns.map(({ name, vector }) => ({ name, type: vector.type })),
    vectors: columns.map(({ vector }) => vector),
  }
}

/** How many values an output has for a row. */
function widthOf({ dims }: Tensor): number {
  return dims.slice(1).reduce((product, size) => product * size, 1)
}

interface Layout {
  readonly column: number
  /** How many values a row has. */
  readonly width: number
}

type PlainType = Exclude<ColumnType, object | 'date' | 'timestamp'>

const TYPES: Readonly<Record<Tensor['element'], PlainType>> = {
  float16: 'double',
  float32: 'double',
  float64: 'double',
  int8: 'integer',
  uint8: 'integer',
  int16: 'integer',
  uint16: 'integer',
  int32: 'integer',
  uint32: 'bigint',
  int64: 'bigint',
  uint64: 'bigint',
  string: 'text',
  bool: 'boolean',
}

function vectorOf(output: string, given: readonly Tensor[], { column, width }: Layout): ColumnVector {
  const rows = given.reduce((sum, { dims }) => sum + (dims[0] ?? 0), 0)
  const nulls = new Uint8Array(rows).fill(1)
  const each = (set: (row: number, value: number | bigint | string) => void): void => {
    let row = 0
    for (const { data } of given)
      for (let at = column; at < data.length; at += width, row++) {
        const value = data[at]
        if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) continue
        nulls[row] = 0
        set(row, value)
      }
  }
  const type = TYPES[given[0]?.element ?? 'float64']
  switch (type) {
    case 'text': {
      const values = Array.from({ length: rows }, () => '')
      each((row, value) => (values[row] = String(value)))
      return { type, values, nulls }
    }
    case 'bigint': {
      const values = new BigInt64Array(rows)
      each((row, value) => {
        const whole = BigInt(value)
        if (BigInt.asIntN(64, whole) !== whole) throw tooLarge(output, whole)
        values[row] = whole
      })
      return { type, values, nulls }
    }
    case 'boolean': {
      const values = new Uint8Array(rows)
      each((row, value) => (values[row] = Number(value)))
      return { type, values, nulls }
    }
    case 'integer': {
      const values = new Int32Array(rows)
      each((row, value) => (values[row] = Number(value)))
      return { type, values, nulls }
    }
    case 'double': {
      const values = new Float64Array(rows)
      each((row, value) => (values[row] = Number(value)))
      return { type, values, nulls }
    }
  }
}

function tooLarge(output: string, value: bigint): MartletError {
  return new MartletError(
    'VALUE_OUT_OF_RANGE',
    `Output ${JSON.stringify(output)} is ${value}, more than a column of 64 bits holds. Cast it in the model.`,
    { data: { output } },
  )
}

function unlike(output: string, width: number, other: number): MartletError {
  return new MartletError(
    'OUTPUT_SHAPE',
    `Output ${JSON.stringify(output)} has ${width} values for some rows and ${other} for others. ` +
      'Export a model that gives as many for every row.',
    { data: { output, widths: [width, other] } },
  )
}
