import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { EDGE_LEVELS } from '../count/bin-edges.ts'
import { numbersOf } from '../count/numbers-of.ts'
import { fromRelation, type Relation } from '../count/relation.ts'
import { planRanks, type Cell, type RankPlan } from './rank-cells.ts'

/** The values of a number column that its edges are made of. */
export interface ColumnRanks {
  /** Rows with a finite number. */
  readonly count: number
  readonly minimum: number | null
  readonly maximum: number | null
  /** The values on both sides of each quantile, by rank from 0. */
  readonly at: ReadonlyMap<number, number>
}

/** Columns per statement. */
const COLUMNS_PER_STATEMENT = 16
/** Of so many rows, one is looked at to guess the middle and the spread of a column. */
const ROWS_PER_GUESS = 97
const GUESSED = [0.05, 0.25, 0.5, 0.75, 0.95]
/** Numbers are a quarter of themselves in the arithmetic of cells, so that no difference or sum is infinite. */
const SHRINK = 0.25
/** Cells on each side of the middle. */
const CELLS = 1024
/** With more of a column's rows in the cells to sort, all of it is sorted. */
const MOST_SORTED = 0.5

/** The ranks, from 0, on both sides of each quantile. */
export function wantedRanks(count: number): readonly number[] {
  if (count === 0) return []
  return [...new Set(EDGE_LEVELS.flatMap((level) => [Math.floor((count - 1) * level), Math.ceil((count - 1) * level)]))]
}

/**
 * Reads the ranks of columns, exactly. One scan counts the rows of fine cells around a guessed middle, another one sorts the
 * rows of those cells that hold a rank that is wanted: about a tenth. A bad guess costs time, never an answer. `values` are
 * finite doubles or null.
 */
export async function ranksByCells(
  warehouse: Warehouse,
  relation: Relation,
  values: readonly Sql[],
): Promise<readonly ColumnRanks[]> {
  const found: ColumnRanks[] = []
  for (let start = 0; start < values.length; start += COLUMNS_PER_STATEMENT)
    found.push(...(await ranksOfSome(warehouse, relation, values.slice(start, start + COLUMNS_PER_STATEMENT))))
  return found
}

async function ranksOfSome(
  warehouse: Warehouse,
  relation: Relation,
  values: readonly Sql[],
): Promise<readonly ColumnRanks[]> {
  const keys = (await guessShapes(warehouse, relation, values)).map(cellKey)
  const cells = await countCells(warehouse, relation, values, keys)
  const counts = cells.map((some) => some.reduce((rows, cell) => rows + cell.rows, 0))
  const plans = cells.map((some, index) => planRanks(some, wantedRanks(counts[index] ?? 0)))
  const branches = plans.flatMap((plan, index) => {
    const [value, key] = [values[index], keys[index]]
    if (plan.ranks.size === 0 || value === undefined || key === undefined) return []
    return [sortedSql(warehouse, relation, index, value, key, plan, counts[index] ?? 0)]
  })
  const at = plans.map(({ known }) => new Map(known))
  if (branches.length > 0) {
    const batch = await warehouse.read(sql.join(branches, sql` UNION ALL `))
    const [column = [], rank = [], value = []] = batch.columns.map(numbersOf)
    for (let row = 0; row < batch.rows; row += 1) {
      const index = column[row] ?? 0
      const among = rank[row] ?? 0
      const inColumn = sortsAll(plans[index], counts[index]) ? among : plans[index]?.ranks.get(among)
      if (inColumn !== undefined) at[index]?.set(inColumn, value[row] ?? 0)
    }
  }
  return cells.map((some, index) => ({
    count: counts[index] ?? 0,
    minimum: some.length === 0 ? null : Math.min(...some.map(({ low }) => low)),
    maximum: some.length === 0 ? null : Math.max(...some.map(({ high }) => high)),
    at: at[index] ?? new Map<number, number>(),
  }))
}

/** The middle of a column and how far half of its rows are from it, as a sample has them; nulls: no rows. */
interface Shape {
  readonly centre: number
  readonly spread: number
}

async function guessShapes(
  warehouse: Warehouse,
  relation: Relation,
  values: readonly Sql[],
): Promise<readonly Shape[]> {
  const { leaves } = warehouse
  const columns = values.map((value, index) => sql`${value} AS ${sql.id(`v${index}`)}`)
  const numbered = sql`SELECT ${sql.join([...columns, sql`${leaves.rowNumber()} AS r`])} FROM ${fromRelation(relation)}`
  const few = sql`SELECT * FROM (${numbered}) AS numbered_rows WHERE r % ${sql.raw(String(ROWS_PER_GUESS))} = 0`
  const quantiles = values.flatMap((_, index) => leaves.quantiles(sql.id(`v${index}`), GUESSED))
  const named = quantiles.map((quantile, index) => sql`${quantile} AS ${sql.id(`q${index}`)}`)
  const batch = await warehouse.read(sql`SELECT ${sql.join(named)} FROM (${few}) AS few_rows`)
  const cells = batch.columns.map((vector) => numbersOf(vector)[0] ?? Number.NaN)
  return values.map((_, index) => shapeOf(cells.slice(index * GUESSED.length, (index + 1) * GUESSED.length)))
}

/** A spread that is finite and above 0 in any case: all numbers then have a cell. */
function shapeOf([
  low = Number.NaN,
  first = Number.NaN,
  middle = Number.NaN,
  third = Number.NaN,
  high = Number.NaN,
]: readonly number[]): Shape {
  const centre = Number.isFinite(middle) ? middle * SHRINK : 0
  const spreads = [third * SHRINK - first * SHRINK, high * SHRINK - low * SHRINK, Math.abs(centre)]
  const spread = spreads.find((one) => Number.isFinite(one) && one > 0) ?? 1
  return { centre, spread }
}

/** The cell of `v`: of `u / (spread + |u|)` with its distance `u` from the middle, which has tails as near as the middle. */
function cellKey({ centre, spread }: Shape): Sql {
  const distance = sql`(v * ${sql.raw(String(SHRINK))} - ${literal(centre)})`
  const place = sql`${distance} / (${literal(spread)} + ABS(${distance})) * ${sql.raw(String(CELLS))}`
  return sql`CAST(${place} AS INTEGER)`
}

function literal(value: number): Sql {
  return sql.raw(`(${value.toExponential()})`)
}

async function countCells(
  warehouse: Warehouse,
  relation: Relation,
  values: readonly Sql[],
  keys: readonly Sql[],
): Promise<readonly (readonly Cell[])[]> {
  const { leaves } = warehouse
  const branches = values.map((value, index) => {
    const rows = sql`SELECT ${value} AS v FROM ${fromRelation(relation)}`
    const keyed = sql`SELECT v, ${keys[index] ?? sql`0`} AS k FROM (${rows}) AS measured_rows`
    return sql`
      SELECT ${sql.raw(String(index))} AS c, ${leaves.toDouble(sql`COUNT(*)`)} AS n, MIN(v) AS low, MAX(v) AS high, k
      FROM (${keyed}) AS keyed_rows
      GROUP BY k
    `
  })
  const batch = await warehouse.read(sql.join(branches, sql` UNION ALL `))
  const [column = [], rows = [], low = [], high = [], key = []] = batch.columns.map(numbersOf)
  const found = values.map((): Cell[] => [])
  for (let row = 0; row < batch.rows; row += 1) {
    const cell = { key: key[row] ?? Number.NaN, rows: rows[row] ?? 0, low: low[row] ?? 0, high: high[row] ?? 0 }
    // Rows without a value have no cell.
    if (!Number.isNaN(cell.key)) found[column[row] ?? 0]?.push(cell)
  }
  return found
}

/** Whether so many rows are in the cells that all of them are as quickly sorted. */
function sortsAll(plan: RankPlan | undefined, count = 0): boolean {
  return (plan?.rows ?? 0) > count * MOST_SORTED
}

function sortedSql(
  warehouse: Warehouse,
  relation: Relation,
  index: number,
  value: Sql,
  key: Sql,
  plan: RankPlan,
  count: number,
): Sql {
  const rows = sql`SELECT ${value} AS v FROM ${fromRelation(relation)}`
  const all = sortsAll(plan, count)
  const near = all ? sql`${key} IS NOT NULL` : sql`${key} IN (${sql.raw(plan.keys.join(', '))})`
  const ranked = sql`
    SELECT v, ROW_NUMBER() OVER (ORDER BY v ASC NULLS LAST) - 1 AS r
    FROM (${rows}) AS measured_rows
    WHERE ${near}
  `
  const ranks = [...plan.ranks].map(([rank, inColumn]) => (all ? inColumn : rank))
  return sql`
    SELECT ${sql.raw(String(index))} AS c, ${warehouse.leaves.toDouble(sql.raw('r'))} AS r, v
    FROM (${ranked}) AS sorted_rows
    WHERE r IN (${sql.raw(ranks.join(', '))})
  `
}
