import { sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import { numbersOf } from '../count/numbers-of.ts'
import { withTable } from '../count/with-table.ts'

/** Rows whose scores are correlated in process: r is then known to about 0.016. */
const SAMPLE = 4000
/** With fewer rows in the sample, a hash cannot tell them apart well enough. */
const LEAST = 500
/** Scores per statement. */
const SCORES_PER_STATEMENT = 100

/** What a row scores for a column, from a value that the rows have. */
export interface ValueScore {
  readonly value: Sql
  score(v: Sql): Sql
}

/**
 * The scores of a sample of rows, one array for each: those rows that a hash of all their values picks. Statements are read a
 * hundred scores at a time, rows in the order of the same hash, so that equal places belong to equal rows. Null when the rows are
 * too many of a kind to sample them so.
 */
export async function sampledScores(
  warehouse: Warehouse,
  select: (expressions: readonly Sql[]) => Sql,
  rows: number,
  scores: readonly ValueScore[],
): Promise<readonly Float64Array[] | null> {
  const { leaves } = warehouse
  const names = scores.map((_, index) => sql.id(`v${index}`))
  const valued = select(scores.map(({ value }, index) => sql`${value} AS ${sql.id(`v${index}`)}`))
  const buckets = Math.max(1, Math.floor(rows / SAMPLE))
  const picked = buckets === 1 ? sql`` : sql` WHERE ${leaves.rowBucket(buckets, ...names)} = 0`
  const hashed = sql`
    SELECT ${sql.join(names)}, ${leaves.rowHash(...names)} AS h
    FROM (${valued}) AS valued_rows${picked}
  `
  return withTable(warehouse, hashed, async (session, table) => {
    const found: Float64Array[] = []
    for (let start = 0; start < scores.length; start += SCORES_PER_STATEMENT) {
      const some = scores
        .slice(start, start + SCORES_PER_STATEMENT)
        .map(
          ({ score }, index) => sql`${leaves.toDouble(score(sql.id(`v${start + index}`)))} AS ${sql.id(`s${index}`)}`,
        )
      const batch = await session.read(
        sql`SELECT ${sql.join(some)} FROM ${tableRef(table)} ORDER BY h ASC NULLS LAST LIMIT ${sql.raw(String(3 * SAMPLE))}`,
      )
      if (batch.rows < Math.min(rows, LEAST)) return null
      for (const vector of batch.columns) found.push(Float64Array.from(numbersOf(vector)))
    }
    return found
  })
}

/** The correlation of scores by their places. */
export function correlationsOf(scores: readonly Float64Array[]): (i: number, j: number) => number {
  const standard = scores.map(standardised)
  return (i, j) => {
    const [a, b] = [standard[i] ?? new Float64Array(), standard[j] ?? new Float64Array()]
    let sum = 0
    for (let row = 0; row < a.length; row += 1) sum += (a[row] ?? 0) * (b[row] ?? 0)
    return sum
  }
}

/** Around 0 and of length 1; of a constant nothing but zeros. */
function standardised(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const length = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0))
  return values.map((value) => (length > 0 ? (value - mean) / length : 0))
}
