import { decimalUnits, type ColumnSpec, type ColumnType } from '@martlet/warehouse'
import { instantMicros, invalid, PREDICTION, type PredictionLine } from './prediction-line.ts'
import { OWN_COLUMNS } from './prediction-tables.ts'
import { servedType } from './served-columns.ts'

/** The values of a line by the names of their columns in lower case: to engines names that differ in case only are one. */
export type Cells = ReadonlyMap<string, Cell>

export interface Cell {
  readonly name: string
  readonly value: unknown
  readonly isKey: boolean
}

/**
 * The values of a line by their columns. A key that is called like a column of every table gets `key__` before its name.
 *
 * @throws MartletError LOG_LINE_INVALID when two of its values belong in one column, or one in a column that cannot be
 */
export function cellsOf(line: PredictionLine): Cells {
  const all: readonly Cell[] = [
    ...Object.entries(line.values).map(([name, value]) => ({ name, value, isKey: false })),
    ...Object.entries(line.predictions).map(([name, value]) => ({ name, value, isKey: false })),
    ...Object.entries(line.keys).map(([name, value]) => ({ name: keyColumn(name), value, isKey: true })),
  ]
  const cells = new Map(all.map((cell) => [cell.name.toLowerCase(), cell]))
  if (cells.size < all.length) throw invalid('two of its values have the name of one column')
  if (all.some(({ name, value }) => value !== null && !isColumnName(name)))
    throw invalid('one of its values has a name that no column can have')
  return cells
}

/** Engines have no column with another name, and one of them would keep all lines back. */
function isColumnName(name: string): boolean {
  return name !== '' && !name.includes('\0') && name.isWellFormed()
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
 * The columns that a line has and a table has not: of the declared type, else of the type of the value. Keys that are whole
 * numbers are bigint, other numbers are doubles. A column whose values are all null waits for the first one.
 */
export function newColumns(
  cells: Cells,
  isKnown: (folded: string) => boolean,
  declared: ReadonlyMap<string, ColumnType>,
): readonly ColumnSpec[] {
  return [...cells].flatMap(([folded, { name, value, isKey }]) =>
    value === null || value === undefined || isKnown(folded)
      ? []
      : [{ name, type: declared.get(name) ?? servedType(name) ?? typeOf(value, isKey) }],
  )
}

function typeOf(value: unknown, isKey: boolean): ColumnType {
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value !== 'number' && typeof value !== 'bigint') return 'text'
  return isKey && (typeof value === 'bigint' || Number.isSafeInteger(value)) ? 'bigint' : 'double'
}

/** A value as a column holds it; undefined when it is none of the column's. */
type Reader = (value: unknown) => unknown

/** What is wrong with a value that does not fit its column, in words without the value. */
export function misfit({ name, type }: Pick<ColumnSpec, 'name' | 'type'>, value: unknown): string {
  const found = Array.isArray(value) ? 'a list' : `a ${typeof value}`
  return `${name} is ${found} that does not fit a column of type ${typeof type === 'object' ? 'decimal' : type}`
}

/** Reads the values that a column of a type may have. */
export function readerOf(type: ColumnType): Reader {
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
