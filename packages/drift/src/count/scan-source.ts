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
  /** By what rows count; absent: each counts as one. */
  readonly weights?: RowWeights
}

/** Weights of rows, see `weighRows`. */
export interface RowWeights {
  /** A column of whole numbers of the relation. */
  readonly column: string
  /** What sums of it are multiplied by in each window, so that the rows of a window weigh 1 on average. */
  readonly scales: readonly number[]
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
  /** Absent: each row counts as one. */
  readonly weight?: SourceWeight
}

/** What the rows of a source count as. */
export interface SourceWeight {
  /** A whole number of each row. */
  readonly column: Sql
  /** The weight that a sum of the column stands for, to a millionth of a row; the same in any order of the rows. */
  weightOf(sum: number, window: number): number
  /** What the column is multiplied by in a window. */
  scaleOf(window: number): number
}

/** A weight to a millionth of an average row. */
function weightIn(sum: number, scale: number): number {
  return Math.round(sum * scale * 1e6) / 1e6
}

/** Above every number of {@link Divided}. */
const MOST_DIVISIONS = 1_000_000

export function openSource(warehouse: Warehouse, source: ScanSource): OpenSource {
  const whole = openWindows(warehouse, source)
  const { divided, weights } = source
  const weighedBy = (divisions: number): Pick<OpenSource, 'weight'> => {
    if (weights === undefined) return {}
    const scaleOf = (window: number): number => weights.scales[Math.floor(window / divisions)] ?? 0
    return {
      weight: {
        column: sql.id(weights.column),
        weightOf: (sum, window) => weightIn(sum, scaleOf(window)),
        scaleOf,
      },
    }
  }
  if (divided === undefined)
    return { ...whole, ...weighedBy(1), select: (expressions) => whole.select(whole.number, expressions) }
  const places = new Map(divided.codes.map((code, place) => [code, place]))
  const bigint = warehouse.leaves.columnType('bigint')
  const number = sql`(CAST(${whole.number} AS ${bigint}) * ${sql.raw(String(MOST_DIVISIONS))} + ${divided.number})`
  return {
    ...weighedBy(divided.codes.length),
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
