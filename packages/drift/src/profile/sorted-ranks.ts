import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { numbersOf } from '../count/numbers-of.ts'
import { fromRelation, type Relation } from '../count/relation.ts'
import { wantedRanks, type ColumnRanks } from './column-ranks.ts'

/** Columns per statement: each is sorted on its own, so more of them would only need more memory at once. */
const COLUMNS_PER_STATEMENT = 8

/** Reads the ranks of columns by sorting each of them. */
export async function ranksBySorting(
  warehouse: Warehouse,
  relation: Relation,
  values: readonly Sql[],
): Promise<readonly ColumnRanks[]> {
  const found: ColumnRanks[] = []
  for (let start = 0; start < values.length; start += COLUMNS_PER_STATEMENT) {
    const batch = values.slice(start, start + COLUMNS_PER_STATEMENT)
    const summaries = await summarize(warehouse, relation, batch)
    const wanted = summaries.map(({ count }) => wantedRanks(count))
    const sorted = await valuesAt(warehouse, relation, batch, wanted)
    found.push(...summaries.map((summary, index) => ({ ...summary, at: sorted[index] ?? new Map<number, number>() })))
  }
  return found
}

type Summary = Omit<ColumnRanks, 'at'>

async function summarize(
  warehouse: Warehouse,
  relation: Relation,
  values: readonly Sql[],
): Promise<readonly Summary[]> {
  const { leaves } = warehouse
  const columns = values.map((value, index) => sql`${value} AS ${sql.id(`v${index}`)}`)
  const aggregates = values.flatMap((_, index): readonly Sql[] => {
    const value = sql.id(`v${index}`)
    return [leaves.toDouble(sql`COUNT(${value})`), sql`MIN(${value})`, sql`MAX(${value})`]
  })
  const named = aggregates.map((aggregate, index) => sql`${aggregate} AS ${sql.id(`a${index}`)}`)
  const batch = await warehouse.read(
    sql`SELECT ${sql.join(named)} FROM (SELECT ${sql.join(columns)} FROM ${fromRelation(relation)}) AS measured_rows`,
  )
  const cells = batch.columns.map((vector) => numbersOf(vector)[0] ?? Number.NaN)
  return values.map((_, index) => {
    const [count = 0, minimum, maximum] = cells.slice(index * 3, index * 3 + 3)
    return { count, minimum: orNull(minimum), maximum: orNull(maximum) }
  })
}

async function valuesAt(
  warehouse: Warehouse,
  relation: Relation,
  values: readonly Sql[],
  positions: readonly (readonly number[])[],
): Promise<readonly ReadonlyMap<number, number>[]> {
  const { leaves } = warehouse
  const branches = values.flatMap((value, index): readonly Sql[] => {
    const wanted = positions[index] ?? []
    if (wanted.length === 0) return []
    const rows = sql`
      SELECT v, ROW_NUMBER() OVER (ORDER BY v ASC NULLS LAST) - 1 AS r
      FROM (SELECT ${value} AS v FROM ${fromRelation(relation)}) AS measured_rows
      WHERE v IS NOT NULL
    `
    return [
      sql`
        SELECT ${sql.raw(String(index))} AS c, ${leaves.toDouble(sql.raw('r'))} AS r, v
        FROM (${rows}) AS sorted_rows
        WHERE r IN (${sql.raw(wanted.join(', '))})
      `,
    ]
  })
  const found = values.map(() => new Map<number, number>())
  if (branches.length === 0) return found
  const batch = await warehouse.read(sql.join(branches, sql` UNION ALL `))
  const [column = [], position = [], value = []] = batch.columns.map(numbersOf)
  for (let row = 0; row < batch.rows; row += 1) found[column[row] ?? 0]?.set(position[row] ?? 0, value[row] ?? 0)
  return found
}

function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}
