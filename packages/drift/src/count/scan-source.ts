import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { numbersOf } from './numbers-of.ts'
import { fromRelation, type Relation } from './relation.ts'
import { windowSql, type TimeWindow } from './windows.ts'

/** The rows to count: a relation, and the windows its rows fall into. */
export interface ScanSource {
  readonly relation: Relation
  /** The name of the time column; rows in which it is null are in no window. Null: all rows are one window. */
  readonly time: string | null
  readonly windows: readonly TimeWindow[]
  /** Divides every window further, into the places of `codes`; rows with another number are in none. */
  readonly divided?: Divided
}

/** A whole number of every row, below {@link MOST_DIVISIONS}, and the values that it may have. */
export interface Divided {
  readonly number: Sql
  readonly codes: readonly number[]
}

/** A source, ready for statements. */
export interface OpenSource {
  /** How many windows there are; of a source that is divided, window i at place k of the codes is i · codes + k. */
  readonly windows: number
  /** A query of `w` (the window's number) and some named expressions. */
  select(expressions: readonly Sql[]): Sql
  /** The window of a number in `w`, or undefined when it belongs to none. */
  indexOf(number: number): number | undefined
}

/** Above every number of {@link Divided}. */
const MOST_DIVISIONS = 1_000_000

export function openSource(warehouse: Warehouse, source: ScanSource): OpenSource {
  const whole = openWindows(warehouse, source)
  const { divided } = source
  if (divided === undefined) return { ...whole, select: (expressions) => whole.select(whole.number, expressions) }
  const places = new Map(divided.codes.map((code, place) => [code, place]))
  const bigint = warehouse.leaves.columnType('bigint')
  const number = sql`(CAST(${whole.number} AS ${bigint}) * ${sql.raw(String(MOST_DIVISIONS))} + ${divided.number})`
  return {
    windows: whole.windows * divided.codes.length,
    select: (expressions) => whole.select(number, expressions),
    indexOf: (found) => {
      const window = whole.indexOf(Math.floor(found / MOST_DIVISIONS))
      const place = places.get(found % MOST_DIVISIONS)
      return window === undefined || place === undefined ? undefined : window * divided.codes.length + place
    },
  }
}

interface OpenWindows {
  readonly windows: number
  readonly number: Sql
  select(number: Sql, expressions: readonly Sql[]): Sql
  indexOf(number: number): number | undefined
}

function openWindows(warehouse: Warehouse, source: ScanSource): OpenWindows {
  const from = fromRelation(source.relation)
  if (source.time === null) {
    return {
      windows: 1,
      number: sql`0`,
      select: (number, expressions) => sql`SELECT ${sql.join([sql`${number} AS w`, ...expressions])} FROM ${from}`,
      indexOf: () => 0,
    }
  }
  const windows = windowSql(warehouse.leaves, sql.id(source.time), source.windows)
  return {
    windows: source.windows.length,
    // Rows in no window are left out, so those of a single one need no number.
    number: source.windows.length === 1 ? sql`1` : windows.number,
    select: (number, expressions) =>
      sql`SELECT ${sql.join([sql`${number} AS w`, ...expressions])} FROM ${from} WHERE ${windows.where}`,
    indexOf: windows.indexOf,
  }
}

/** The values that a whole number of the rows has, ascending. */
export async function codesIn(warehouse: Warehouse, relation: Relation, number: Sql): Promise<readonly number[]> {
  const codes = sql`SELECT ${warehouse.leaves.toDouble(number)} AS code FROM ${fromRelation(relation)}`
  const batch = await warehouse.read(sql`SELECT code FROM (${codes}) AS coded_rows GROUP BY code`)
  return batch.columns.flatMap(numbersOf).toSorted((a, b) => a - b)
}
