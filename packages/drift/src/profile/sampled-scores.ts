import { sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import { numbersOf } from '../count/numbers-of.ts'
import { fromRelation, type Relation } from '../count/relation.ts'
import { withTable } from '../count/with-table.ts'
import { Workbench } from '../kernels/workbench.ts'

/** Rows whose scores are correlated in process: r is then known to about 0.016. */
const SAMPLE = 4000
/** With fewer rows in the sample, a hash cannot tell them apart well enough. */
const LEAST = 500
/** Scores per statement. */
const SCORES_PER_STATEMENT = 100

/** Columns whose values pick the rows of the sample, if they tell the rows apart well enough: the hash of hundreds takes long. */
const PICKING = 16
/** The share of the picked rows, at least, that these values tell apart. */
const APART = 0.5

/** What a row scores for a column, from a value that the rows have. */
export interface ValueScore {
  readonly value: Sql
  /** Of so many values at least it is known that the column has them. */
  readonly distinct: number
  score(v: Sql): Sql
}

/**
 * The scores of a sample of rows, one array for each: those rows that a hash picks of the values that are most distinct; where these
 * do not tell rows apart, a hash of all values. Statements are read a hundred scores at a time, rows in the order of a hash of all
 * their values, so that equal places belong to equal rows. Null when the rows are too many of a kind to sample them so.
 */
export async function sampledScores(
  warehouse: Warehouse,
  relation: Relation,
  rows: number,
  scores: readonly ValueScore[],
): Promise<readonly Float64Array[] | null> {
  const buckets = Math.max(1, Math.floor(rows / SAMPLE))
  const all = scores.map((_, index) => index)
  if (buckets > 1) {
    const few = all.toSorted((a, b) => (scores[b]?.distinct ?? 0) - (scores[a]?.distinct ?? 0)).slice(0, PICKING)
    const sampled = await pickedScores(warehouse, relation, scores, few, buckets, (picked, apart) => {
      return picked >= LEAST && apart >= APART * picked
    })
    if (sampled !== null) return sampled
  }
  return pickedScores(warehouse, relation, scores, all, buckets, (picked) => picked >= Math.min(rows, LEAST))
}

/**
 * The scores of the rows that a hash of some of the values picks, one in so many; null unless it is enough how many they are, and
 * how many of them these values tell apart.
 */
async function pickedScores(
  warehouse: Warehouse,
  relation: Relation,
  scores: readonly ValueScore[],
  by: readonly number[],
  buckets: number,
  isEnough: (picked: number, apart: number) => boolean,
): Promise<readonly Float64Array[] | null> {
  const { leaves } = warehouse
  const names = scores.map((_, index) => valueName(index))
  const values = scores.map(({ value }, index) => sql`${value} AS ${valueName(index)}`)
  const keys = by.map((index) => scores[index]?.value ?? sql`NULL`)
  // A condition on the values by their names would wait until all of them are computed, of all rows.
  const picked = buckets === 1 ? sql`` : sql` WHERE ${leaves.rowBucket(buckets, ...keys)} = 0`
  const valued = sql`SELECT ${sql.join(values)} FROM ${fromRelation(relation)}${picked}`
  const hashed = sql`
    SELECT ${sql.join(names)}, ${leaves.rowHash(...names)} AS h, ${leaves.rowHash(...by.map(valueName))} AS p
    FROM (${valued}) AS valued_rows
  `
  return withTable(warehouse, hashed, async (session, table) => {
    const [n, d] = [leaves.toDouble(sql`COUNT(*)`), leaves.toDouble(sql`COUNT(DISTINCT p)`)]
    const counted = await session.read(sql`SELECT ${n} AS n, ${d} AS d FROM ${tableRef(table)}`)
    const [count = 0, apart = 0] = counted.columns.map((vector) => numbersOf(vector)[0])
    if (!isEnough(count, apart)) return null
    const found: Float64Array[] = []
    for (let start = 0; start < scores.length; start += SCORES_PER_STATEMENT) {
      const some = scores
        .slice(start, start + SCORES_PER_STATEMENT)
        .map(({ score }, index) => sql`${leaves.toDouble(score(valueName(start + index)))} AS ${sql.id(`s${index}`)}`)
      const batch = await session.read(
        sql`SELECT ${sql.join(some)} FROM ${tableRef(table)} ORDER BY h ASC NULLS LAST LIMIT ${sql.raw(String(3 * SAMPLE))}`,
      )
      for (const vector of batch.columns) found.push(Float64Array.from(numbersOf(vector)))
    }
    return found
  })
}

function valueName(index: number): Sql {
  return sql.id(`v${index}`)
}

/** The correlation of scores by their places. Scores are whole numbers, of which sums of products are exact. */
export function correlationsOf(scores: readonly Float64Array[]): (i: number, j: number) => number {
  const rows = scores[0]?.length ?? 0
  // Zeros fill up the last eight, which are multiplied at once. The workbench goes with the function that is returned.
  const bytes = Math.ceil(rows / 8) * 16
  const bench = Workbench.take()
  const start = bench.take(bytes * scores.length)
  bench.bytes.fill(0, start, start + bytes * scores.length)
  for (const [index, values] of scores.entries())
    new Int16Array(bench.bytes.buffer, start + bytes * index, rows).set(values)
  const product = (i: number, j: number): number => {
    const from = start + bytes * i
    return bench.run.sumOfProducts(from, from + bytes, start + bytes * j)
  }
  const sums = scores.map((values) => values.reduce((sum, value) => sum + value, 0))
  const covariance = (i: number, j: number): number => rows * product(i, j) - (sums[i] ?? 0) * (sums[j] ?? 0)
  const lengths = scores.map((_, index) => Math.sqrt(covariance(index, index)))
  return (i, j) => {
    const r = covariance(i, j) / ((lengths[i] ?? 0) * (lengths[j] ?? 0))
    return Number.isFinite(r) ? r : 0
  }
}
