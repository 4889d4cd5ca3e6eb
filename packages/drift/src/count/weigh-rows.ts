import { MartletError, sql, type ColumnSpec, type Sql, type Warehouse } from '@martlet/warehouse'
import { numbersOf } from './numbers-of.ts'
import { fromRelation, type Relation } from './relation.ts'
import { openSource, type RowWeights } from './scan-source.ts'
import { columnNamed } from './spelling.ts'
import { windowSql, type TimeWindow } from './windows.ts'

/** The rows of a window by what their weights are. */
export interface WeightCounts {
  /** Rows with a weight above 0: those that count. */
  readonly counted: number
  /** Rows with a weight of 0, or one too small beside the largest to add anything. */
  readonly zero: number
  readonly missing: number
  readonly negative: number
  /** Rows with a weight that is NaN, infinite or beyond what squares of doubles hold. */
  readonly notFinite: number
}

/** Rows that count by a weight. */
export interface WeighedRows {
  /** For {@link ScanSource}. */
  readonly weights: RowWeights
  /** The column of {@link relativeWeight}. */
  readonly relative: ColumnSpec
  /** By window; of all rows where there are no windows. */
  readonly found: readonly WeightCounts[]
  /** The average weight of the rows that count, over all windows. */
  readonly average: number
  /** The rows that count, with their weights as whole numbers and in multiples of an average. */
  wrap(relation: Relation): Relation
}

/** The column of whole-number weights: sums of these are the same in any order. */
export const WEIGHT_COLUMN = 'martlet_weight'
/** The largest weight of a window becomes a whole number just below 2^52, which a double holds exactly. */
const WEIGHT_BITS = 52
/** Weights beyond these have no squares, and no largest weight beside which others count. */
const LARGEST = 1e150
const SMALLEST = 1e-150

/** The column of weights in multiples of the reference's average, which is monitored like any other. */
export function relativeWeight(weight: string): string {
  return `${weight} (weight)`
}

/**
 * Weighs rows by a column. In each window the weights of the rows that count are 1 on average, whatever their unit is. The column of
 * relative weights is in multiples of `average`, by default that of the rows themselves.
 *
 * @throws MartletError WEIGHT_COLUMN when the column is not there or holds no numbers
 */
export async function weighRows(
  warehouse: Warehouse,
  rows: {
    readonly relation: Relation
    readonly columns: readonly ColumnSpec[]
    readonly time: string | null
    readonly windows: readonly TimeWindow[]
  },
  weight: string,
  average?: number,
): Promise<WeighedRows> {
  const { relation, time } = rows
  const windows = time === null ? [] : rows.windows
  const column = weightColumn(rows.columns, weight)
  const value = warehouse.leaves.finite(sql.id(column))
  const largest = await surveyWeights(warehouse, { relation, time, windows }, column)
  const factors = largest.map(({ maximum }) => 2 ** (WEIGHT_BITS - 1 - Math.floor(Math.log2(maximum))))
  const whole = sql`CAST(ROUND(${value} * ${byWindow(warehouse, time, windows, factors)}) AS ${warehouse.leaves.columnType('bigint')})`
  const usable = sql`${value} BETWEEN ${number(SMALLEST)} AND ${number(LARGEST)}`
  const weighed = (given: Relation): Sql => sql`
    SELECT *
    FROM (
      SELECT *, CASE WHEN ${usable} THEN ${whole} END AS ${sql.id(WEIGHT_COLUMN)}
      FROM ${fromRelation(given)}
    ) AS weighed_rows
    WHERE ${sql.id(WEIGHT_COLUMN)} >= 1
  `
  const sums = await sumWeights(warehouse, { relation: weighed(relation), time, windows })
  const scales = sums.map(({ rows: kept, sum }) => (sum === 0 ? 0 : kept / sum))
  const counted = sums.reduce((all, one) => all + one.rows, 0)
  const own = counted === 0 ? 1 : sums.reduce((all, { sum }, index) => all + sum / (factors[index] ?? 1), 0) / counted
  const relative = sql`ROUND(${value} / ${number(average ?? own)}, 6)`
  return {
    weights: { column: WEIGHT_COLUMN, scales },
    relative: { name: relativeWeight(weight), type: 'double' },
    average: own,
    found: largest.map(({ rows: all, missing, negative, notFinite }, index) => {
      const kept = sums[index]?.rows ?? 0
      return { counted: kept, zero: all - missing - negative - notFinite - kept, missing, negative, notFinite }
    }),
    wrap: (given) =>
      sql`SELECT *, ${relative} AS ${sql.id(relativeWeight(weight))} FROM (${weighed(given)}) AS counted_rows`,
  }
}

function weightColumn(columns: readonly ColumnSpec[], weight: string): string {
  const column = columnNamed(columns, weight)
  const isNumber =
    column !== undefined &&
    (typeof column.type === 'object' ||
      column.type === 'integer' ||
      column.type === 'bigint' ||
      column.type === 'double')
  if (column !== undefined && isNumber) return column.name
  const why = column === undefined ? 'they have no such column' : 'it holds no numbers'
  throw new MartletError(
    'WEIGHT_COLUMN',
    `Rows cannot be weighed by ${weight}: ${why}. Name a column of numbers that both the reference and the current rows have.`,
    { data: { column: weight } },
  )
}

interface Survey {
  readonly rows: number
  readonly missing: number
  readonly negative: number
  readonly notFinite: number
  /** Of the weights that can be used; 1 when there are none. */
  readonly maximum: number
}

interface WindowedRows {
  readonly relation: Relation
  readonly time: string | null
  readonly windows: readonly TimeWindow[]
}

async function surveyWeights(warehouse: Warehouse, rows: WindowedRows, column: string): Promise<readonly Survey[]> {
  const { leaves } = warehouse
  const source = openSource(warehouse, sourceOf(rows))
  const selected = source.select([sql`${sql.id(column)} AS x`, sql`${leaves.finite(sql.id(column))} AS v`])
  const count = (condition: Sql): Sql => leaves.toDouble(sql`SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END)`)
  const beyond = sql`(v > ${number(LARGEST)} OR (v > 0 AND v < ${number(SMALLEST)}))`
  const batch = await warehouse.read(sql`
    SELECT w, ${leaves.toDouble(sql`COUNT(*)`)} AS n, ${count(sql`x IS NULL`)} AS n0, ${count(sql`v < 0`)} AS n1,
      ${count(sql`x IS NOT NULL AND (v IS NULL OR ${beyond})`)} AS n2,
      MAX(CASE WHEN v BETWEEN ${number(SMALLEST)} AND ${number(LARGEST)} THEN v END) AS m
    FROM (${selected}) AS valued_rows
    GROUP BY w
  `)
  const found = Array.from({ length: source.windows }, (): Survey => NO_ROWS)
  const [window = [], all = [], missing = [], negative = [], notFinite = [], maximum = []] =
    batch.columns.map(numbersOf)
  for (let row = 0; row < batch.rows; row += 1) {
    const at = source.indexOf(window[row] ?? -1)
    if (at === undefined) continue
    const most = maximum[row] ?? Number.NaN
    found[at] = {
      rows: all[row] ?? 0,
      missing: missing[row] ?? 0,
      negative: negative[row] ?? 0,
      notFinite: notFinite[row] ?? 0,
      maximum: Number.isNaN(most) ? 1 : most,
    }
  }
  return found
}

const NO_ROWS: Survey = { rows: 0, missing: 0, negative: 0, notFinite: 0, maximum: 1 }

async function sumWeights(
  warehouse: Warehouse,
  rows: WindowedRows,
): Promise<readonly { readonly rows: number; readonly sum: number }[]> {
  const { leaves } = warehouse
  const source = openSource(warehouse, sourceOf(rows))
  const batch = await warehouse.read(sql`
    SELECT w, ${leaves.toDouble(sql`COUNT(*)`)} AS n, ${leaves.toDouble(sql`SUM(u)`)} AS s
    FROM (${source.select([sql`${sql.id(WEIGHT_COLUMN)} AS u`])}) AS weighed_rows
    GROUP BY w
  `)
  const found = Array.from({ length: source.windows }, () => ({ rows: 0, sum: 0 }))
  const [window = [], counted = [], sums = []] = batch.columns.map(numbersOf)
  for (let row = 0; row < batch.rows; row += 1) {
    const at = source.indexOf(window[row] ?? -1)
    if (at !== undefined) found[at] = { rows: counted[row] ?? 0, sum: sums[row] ?? 0 }
  }
  return found
}

function sourceOf({ relation, time, windows }: WindowedRows): Parameters<typeof openSource>[1] {
  return { relation, time: windows.length === 0 ? null : time, windows }
}

/** A number that depends on the window of a row; null outside of all windows. */
function byWindow(
  { leaves }: Warehouse,
  time: string | null,
  windows: readonly TimeWindow[],
  values: readonly number[],
): Sql {
  const [first = 1] = values
  if (time === null || values.every((value) => value === first)) return number(first)
  const cases = [...new Set(values)].map((value) => {
    const inside = windows.flatMap((window, index) =>
      values[index] === value ? [sql`(${windowSql(leaves, sql.id(time), [window]).where})`] : [],
    )
    return sql`WHEN ${sql.join(inside, sql` OR `)} THEN ${number(value)}`
  })
  return sql`CASE ${sql.join(cases, sql` `)} END`
}

function number(value: number): Sql {
  return sql.raw(`(${value.toExponential()})`)
}
