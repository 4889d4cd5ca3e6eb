import {
  columnBatch,
  decimalUnits,
  type ColumnBatch,
  type ColumnInput,
  type ColumnSpec,
  type ColumnType,
} from '@martlet/warehouse'
import { instantMicros, type PredictionLine } from './prediction-line.ts'
import { OWN_COLUMNS } from './prediction-tables.ts'

/** A prediction with the place that it was read from. */
export interface PlacedLine {
  readonly number: number
  readonly line: PredictionLine
  /** Its values by the names of their columns. */
  readonly cells: Readonly<Record<string, unknown>>
}

/** A line in its place. A key that is called like a column of every table gets `key__` before its name. */
export function placed(number: number, line: PredictionLine): PlacedLine {
  const keys = Object.entries(line.keys).map(([name, value]) => [keyColumn(name), value] as const)
  return { number, line, cells: { ...line.values, ...line.predictions, ...Object.fromEntries(keys) } }
}

const OWN = new Set(OWN_COLUMNS.map(({ name }) => name))

/** The column of a key. */
export function keyColumn(name: string): string {
  return OWN.has(name.toLowerCase()) ? `key__${name}` : name
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
  for (const { line, cells } of lines)
    for (const name of Object.keys(cells)) {
      const value = cells[name]
      if (value === null || value === undefined || names.has(name.toLowerCase())) continue
      names.add(name.toLowerCase())
      found.push({ name, type: declared.get(name) ?? typeOf(value, Object.hasOwn(line.keys, name)) })
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
    const value = cells[name]
    return value !== null && value !== undefined && readerOf(type)(value) === undefined
  })
  if (bad === undefined) return undefined
  const found = Array.isArray(cells[bad.name]) ? 'a list' : `a ${typeof cells[bad.name]}`
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
      const values = lines.map(({ cells }) => read(cells[name] ?? null) ?? null)
      return [name, { type, values } as ColumnInput]
    })
  return columnBatch({ ...own, ...Object.fromEntries(others) })
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
