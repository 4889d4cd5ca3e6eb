import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { EDGE_LEVELS } from '../count/bin-edges.ts'
import { numbersOf } from '../count/numbers-of.ts'
import { fromRelation, type Relation } from '../count/relation.ts'

/** The values of a number column at all levels of its edges, by weight. */
export interface WeighedLevels {
  readonly minimum: number | null
  readonly maximum: number | null
  /** One for each of {@link EDGE_LEVELS}; empty without rows. */
  readonly quantiles: readonly number[]
}

/** Columns per statement: each is sorted on its own, so more of them would only need more memory at once. */
const COLUMNS_PER_STATEMENT = 8
/** Every level is a whole number of these. */
const STEPS = 200
/** By how much of a step a running total may be short of a level, so that rounding of the division does not decide. */
const ROUNDING = 1e-9

/**
 * Reads quantiles by weight: the smallest value that, with all below it, has that share of the weight. Unlike those between two
 * rows, they do not depend on the unit of the weights, and a row of weight k gives the same ones as k rows.
 */
export async function weighedLevels(
  warehouse: Warehouse,
  relation: Relation,
  values: readonly Sql[],
  weight: Sql,
): Promise<readonly WeighedLevels[]> {
  const found = values.map((): { readonly value: number; readonly step: number }[] => [])
  for (let start = 0; start < values.length; start += COLUMNS_PER_STATEMENT) {
    const some = values.slice(start, start + COLUMNS_PER_STATEMENT)
    const batch = await warehouse.read(weighedLevelsSql(warehouse, relation, some, weight))
    const [column = [], value = [], step = []] = batch.columns.map(numbersOf)
    for (let row = 0; row < batch.rows; row += 1)
      found[start + (column[row] ?? 0)]?.push({ value: value[row] ?? 0, step: step[row] ?? 0 })
  }
  return found.map((rows) => {
    const ordered = rows.toSorted((a, b) => a.step - b.step || a.value - b.value)
    const [first, last] = [ordered[0]?.value ?? null, ordered.at(-1)?.value ?? null]
    const at = (level: number): number => ordered.find(({ step }) => step >= Math.round(level * STEPS))?.value ?? 0
    return { minimum: first, maximum: last, quantiles: first === null ? [] : EDGE_LEVELS.map(at) }
  })
}

/**
 * The statement of {@link weighedLevels}: the first value, and those with which the running total of weights reaches another step,
 * as rows of (column, value, steps reached).
 */
export function weighedLevelsSql(warehouse: Warehouse, relation: Relation, values: readonly Sql[], weight: Sql): Sql {
  const { leaves } = warehouse
  const branches = values.map((value, index) => {
    const along = sql`(ORDER BY v ASC NULLS LAST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`
    const counted = sql`
      SELECT v, SUM(u) AS s
      FROM (SELECT ${value} AS v, ${weight} AS u FROM ${fromRelation(relation)}) AS measured_rows
      WHERE v IS NOT NULL
      GROUP BY v
    `
    const running = sql`SELECT v, s, SUM(s) OVER ${along} AS t, SUM(s) OVER () AS a FROM (${counted}) AS value_weights`
    const steps = (total: Sql): Sql =>
      sql`FLOOR(${leaves.toDouble(total)} / ${leaves.toDouble(sql`a`)} * ${sql.raw(String(STEPS))} + ${sql.raw(String(ROUNDING))})`
    const stepped = sql`SELECT v, ${steps(sql`t`)} AS k, ${steps(sql`t - s`)} AS b, t - s AS p FROM (${running}) AS running_weights`
    return sql`
      SELECT ${sql.raw(String(index))} AS c, v, k
      FROM (${stepped}) AS stepped_weights
      WHERE k > b OR p = 0
    `
  })
  return sql.join(branches, sql` UNION ALL `)
}
