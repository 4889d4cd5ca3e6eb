import {
  columnBatch,
  decimalUnits,
  type ColumnBatch,
  type ColumnInput,
  type ColumnSpec,
  type ColumnType,
} from '@martlet/warehouse'
import { instantMicros, invalid, PREDICTION, type PredictionLine } from './prediction-line.ts'
import { OWN_COLUMNS } from './prediction-tables.ts'
import { servedType } from './served-columns.ts'

/** A prediction with the place that it was read from. */
export interface PlacedLine {
  readonly number: number
  readonly line: PredictionLine
  /** Its cells by the names of their columns in lower case: to engines names that differ in case only are one. */
  readonly cells: ReadonlyMap<string, Cell>
}

interface Cell {
  readonly name: string
  readonly value: unknown
  readonly isKey: boolean
}

/**
 * A line in its place. A key that is called like a column of every table gets `key__` before its name.
 *
 * @throws MartletError LOG_LINE_INVALID when two of its values belong in one column
 */
export function placed(number: number, line: PredictionLine): PlacedLine {
  const all: readonly Cell[] = [
    ...Object.entries(line.values).map(([name, value]) => ({ name, value, isKey: false })),
    ...Object.entries(line.predictions).map(([name, value]) => ({ name, value, isKey: false })),
    ...Object.entries(line.keys).map(([name, value]) => ({ name: keyColumn(name), value, isKey: true })),
  ]
  const cells = new Map(all.map((cell) => [cell.name.toLowerCase(), cell]))
  if (cells.size < all.length) throw invalid('two of its values have the name of one column')
  return { number, line, cells }
}

const OWN = new Set([...OWN_COLUMNS.map(({ name }) => name), PREDICTION])

/** The column of a key. */
export function keyColumn(name: string): string {
  return OWN.has(name.toLowerCase()) ? `key__${name}` : name
}

/** The key of a column. */
export function keyOfColumn(column: string): string {
  const name = column.replace(/^key__/, '')
  return OWN.has(name.toLowerCase()) ? name : column
}

/**
 * The columns that lines have and a table has not: of the declared type, else of the type of the first value. Keys that are
 * whole numbers are bigint, other numbers are doubles. A column whose values are all null waits for the first one.
 */
export function newColumns(
  lines: readonly PlacedLine[],
  known: readonly ColumnSpec[],
  declared: ReadonlyMap<string, ColumnType>,
): readonly ColumnSpec[] {
  const names = new Set(known.map(({ name }) => name.toLowerCase()))
  const found: ColumnSpec[] = []
  for (const { cells } of lines)
    for (const [folded, { name, value, isKey }] of cells) {
      if (value === null || value === undefined || names.has(folded)) continue
      names.add(folded)
      found.push({ name, type: declared.get(name) ?? servedType(name) ?? typeOf(value, isKey) })
    }
  return found
}

function typeOf(value: unknown, isKey: boolean): ColumnType {
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'bigint') return 'bigint'
  if (typeof value === 'number') return isKey && Number.isSafeInteger(value) ? 'bigint' : 'double'
  return 'text'
}

/** A value as a column holds it; undefined when it is none of the column's. */
type Reader = (value: unknown) => unknown

/** The first column of a line whose value does not fit, in words without the value; undefined when all fit. */
export function misfit({ cells }: PlacedLine, columns: readonly ColumnSpec[]): string | undefined {
  const bad = columns.find(({ name, type }) => {
    const value = valueOf(cells, name)
    return value !== null && value !== undefined && readerOf(type)(value) === undefined
  })
  if (bad === undefined) return undefined
  const value = valueOf(cells, bad.name)
  const found = Array.isArray(value) ? 'a list' : `a ${typeof value}`
  return `${bad.name} is ${found} that does not fit a column of type ${typeof bad.type === 'object' ? 'decimal' : bad.type}`
}

/** Lines as a batch with all columns of their table. */
export function batchOf(file: string, lines: readonly PlacedLine[], columns: readonly ColumnSpec[]): ColumnBatch {
  const own: Readonly<Record<string, ColumnInput>> = {
    predicted_at: { type: 'timestamp', values: lines.map(({ line }) => line.at) },
    request_id: { type: 'text', values: lines.map(({ line }) => line.requestId) },
    request_row: { type: 'bigint', values: lines.map(({ line }) => line.row) },
    model_version: { type: 'bigint', values: lines.map(({ line }) => line.version) },
    service: { type: 'text', values: lines.map(({ line }) => line.service) },
    rollout: { type: 'text', values: lines.map(({ line }) => line.rollout) },
    role: { type: 'text', values: lines.map(({ line }) => line.role) },
    log_file: { type: 'text', values: lines.map(() => file) },
    log_line: { type: 'bigint', values: lines.map(({ number }) => number) },
  }
  const others = columns
    .filter(({ name }) => !Object.hasOwn(own, name))
    .map(({ name, type }): [string, ColumnInput] => {
      const read = readerOf(type)
      // Each reader gives what its type of column holds.
      const values = lines.map(({ cells }) => read(valueOf(cells, name) ?? null) ?? null)
      return [name, { type, values } as ColumnInput]
    })
  return columnBatch({ ...own, ...Object.fromEntries(others) })
}

function valueOf(cells: PlacedLine['cells'], column: string): unknown {
  return cells.get(column.toLowerCase())?.value
}

function readerOf(type: ColumnType): Reader {
  return typeof type === 'object' ? decimalReader(type.decimal) : READERS[type]
}

function decimalReader([precision, scale]: readonly [precision: number, scale: number]): Reader {
  const limit = 10n ** BigInt(precision)
  return (value) => {
    const isDigits = typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    const units = isDigits ? decimalUnits(String(value), scale) : undefined
    return units !== undefined && units > -limit && units < limit ? units : undefined
  }
}

const READERS: Readonly<Record<Exclude<ColumnType, object>, Reader>> = {
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  integer: (value) => (typeof value === 'number' && (value | 0) === value ? value : undefined),
  bigint: wholeOf,
  double: (value) => (typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined),
  text: (value) => (typeof value === 'string' ? value : undefined),
  timestamp: instantMicros,
  date: (value) => {
    const micros = instantMicros(typeof value === 'string' && value.length === 10 ? `${value}T00:00:00Z` : value)
    return micros === undefined ? undefined : new Date(Number(micros / 1000n))
  },
}

function wholeOf(value: unknown): bigint | undefined {
  if (Number.isSafeInteger(value)) return BigInt(Number(value))
  const whole = typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? BigInt(value) : value
  return typeof whole === 'bigint' && BigInt.asIntN(64, whole) === whole ? whole : undefined
}
