import { sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import { countedEdges } from '../count/counted-edges.ts'
import { measuredColumn } from '../count/measured-column.ts'
import { numbersOf } from '../count/numbers-of.ts'
import type { Relation } from '../count/relation.ts'
import { categoryText, codeText } from '../count/scan-categories.ts'
import { openSource } from '../count/scan-source.ts'
import { withTable } from '../count/with-table.ts'
import type { CategoryProfile, ColumnProfile, NumericProfile } from './reference-profile.ts'
import { correlationsOf, sampledScores } from './sampled-scores.ts'

/** Rank correlations of the reference's columns, those that are strong enough to say that columns go together. */
export interface Correlation {
  readonly columns: readonly string[]
  /** `[i, j, r]` with i < j in `columns` and |r| from {@link WEAKEST} on; pairs that are not listed are weaker. */
  readonly pairs: readonly (readonly [i: number, j: number, r: number])[]
}

/** Weaker correlations are not kept. */
export const WEAKEST = 0.4
/** With more, each pair's sum of its own (about half a millisecond) takes too long: scores of sampled rows are read instead. */
const MOST_SCORES = 120
/** Of more pairs, the strongest are kept. */
const MOST_PAIRS = 20_000
/** A category takes part with its most frequent values, each as present or not. */
const VALUES_OF_CATEGORY = 3
/** Half the range of scores; whole numbers, so that sums of products are exact in any order. */
const RANGE = 50
/** Sums per statement. */
const SUMS_PER_STATEMENT = 1000
/** With at least this many scores, rows beyond {@link SAMPLE} are sampled: r is then known to about 0.01. */
const MANY_SCORES = 30
const SAMPLE = 10_000

/** What a row scores for a column: the middle rank of its decile, or whether it has a value. */
interface Score {
  readonly column: number
  /** The measured value, which the scored rows name. */
  readonly value: Sql
  /** Of so many values at least it is known that the column has them. */
  readonly distinct: number
  /** The score of a named value. */
  score(v: Sql): Sql
}

/**
 * The rank correlation of the columns, by one pass over the rows to score them by decile, and sums of products of scores: only
 * sums leave the warehouse. Rows without a value count as the middle. Of many rows of many columns, those are taken that a
 * hash of their values picks, so that the same rows give the same figures. Of more columns than {@link MOST_SCORES}, deciles
 * of sampled rows leave it ({@link sampledScores}). Null when there are fewer than two columns, or too many of their rows are equal.
 */
export async function correlationOf(
  warehouse: Warehouse,
  relation: Relation,
  rows: number,
  profiles: readonly ColumnProfile[],
): Promise<Correlation | null> {
  const scores = profiles.flatMap((profile, column) =>
    scoresOf(warehouse, profile).map((score): Score => ({ column, ...score })),
  )
  if (new Set(scores.map(({ column }) => column)).size < 2) return null
  const columns = profiles.map(({ name }) => name)
  if (scores.length > MOST_SCORES) {
    const sampled = await sampledScores(warehouse, relation, rows, scores)
    return sampled === null ? null : { columns, pairs: strongestPairs(scores, correlationsOf(sampled)) }
  }
  const source = openSource(warehouse, { relation, time: null, windows: [] })
  const valued = source.select(scores.map(({ value }, index) => sql`${value} AS ${sql.id(`v${index}`)}`))
  const named = scores.map(
    ({ score }, index) => sql`${warehouse.leaves.toDouble(score(sql.id(`v${index}`)))} AS ${scoreName(index)}`,
  )
  const scored = sql`SELECT ${sql.join(named)} FROM (${valued}) AS measured_rows`
  const sums = await sumsOf(warehouse, scored, rows, scores)
  return { columns, pairs: strongestPairs(scores, (i, j) => sums.correlation(i, j)) }
}

/** The pairs of columns that go together, each by the strongest of its scores. */
function strongestPairs(scores: readonly Score[], correlation: (i: number, j: number) => number): Correlation['pairs'] {
  const strongest = new Map<string, readonly [number, number, number]>()
  for (const [i, a] of scores.entries())
    for (let j = 0; j < i; j += 1) {
      const b = scores[j]
      if (b === undefined || a.column === b.column) continue
      const exact = correlation(i, j)
      // Rounding to three digits takes longer than what comes before it.
      if (Math.abs(exact) < WEAKEST - 0.001) continue
      const r = Number(exact.toFixed(3))
      if (Math.abs(r) < WEAKEST) continue
      const key = `${b.column} ${a.column}`
      if (Math.abs(r) > Math.abs(strongest.get(key)?.[2] ?? 0)) strongest.set(key, [b.column, a.column, r])
    }
  const pairs = [...strongest.values()]
  return pairs.length <= MOST_PAIRS
    ? pairs
    : pairs.toSorted(([, , a], [, , b]) => Math.abs(b) - Math.abs(a)).slice(0, MOST_PAIRS)
}

/** Sums over a sample where that is worth it; over all rows if a hash cannot tell the rows apart well enough to sample them. */
async function sumsOf(warehouse: Warehouse, scored: Sql, rows: number, scores: readonly unknown[]): Promise<ScoreSums> {
  const all = (): Promise<ScoreSums> =>
    withTable(warehouse, scored, (session, table) => sumsOfTable(session, table, scores))
  const buckets = Math.floor(rows / SAMPLE)
  if (buckets < 2 || scores.length < MANY_SCORES) return all()
  const bucket = warehouse.leaves.rowBucket(buckets, ...scores.map((_, index) => scoreName(index)))
  const sampled = sql`SELECT * FROM (${scored}) AS scored_rows WHERE ${bucket} = 0`
  const sums = await withTable(warehouse, sampled, (session, table) => sumsOfTable(session, table, scores))
  return sums.rows < SAMPLE / 2 || sums.rows > SAMPLE * 3 ? all() : sums
}

function scoreName(index: number): Sql {
  return sql.id(`s${index}`)
}

type ColumnScore = Omit<Score, 'column'>

function scoresOf(warehouse: Warehouse, profile: ColumnProfile): readonly ColumnScore[] {
  if (profile.kind === 'number') return numberScore(warehouse, profile)
  return profile.kind === 'category' ? categoryScores(warehouse, profile) : []
}

function numberScore({ leaves }: Warehouse, profile: NumericProfile): readonly ColumnScore[] {
  const { name, type, origin, edges, deciles, counts, finite } = profile
  const upTo = edges.map((edge, index) => ({ edge, bin: index })).filter(({ edge }) => deciles.includes(edge))
  if (finite === 0 || upTo.length === 0) return []
  const counted = countedEdges(edges)
  let below = 0
  let next = 0
  const middle = (last: number): Sql => {
    let inside = 0
    for (; next <= last; next += 1) inside += counts[next] ?? 0
    const rank = (below + inside / 2) / finite
    below += inside
    return sql.raw(String(Math.round(2 * RANGE * rank - RANGE)))
  }
  const branches = upTo.map(({ edge, bin }) => {
    const literal = sql.raw(`(${(counted[bin] ?? edge).toExponential()})`)
    return { literal, score: middle(bin) }
  })
  const { value } = measuredColumn(leaves, type, sql.id(name), origin)
  const last = middle(counts.length - 1)
  const score = (v: Sql): Sql => {
    const ranks = branches.map(({ literal, score: rank }) => sql`WHEN ${v} <= ${literal} THEN ${rank}`)
    return sql`CASE WHEN ${v} IS NULL THEN 0 ${sql.join(ranks, sql` `)} ELSE ${last} END`
  }
  return [{ value, distinct: edges.length, score }]
}

function categoryScores(warehouse: Warehouse, { name, type, top }: CategoryProfile): readonly ColumnScore[] {
  const text = categoryText(warehouse, name, type)
  return top.slice(0, VALUES_OF_CATEGORY).map(({ value }) => ({
    value: text,
    distinct: top.length,
    score: (v) => sql`CASE WHEN ${v} = ${codeText(value, type)} THEN 1 ELSE 0 END`,
  }))
}

/** Sums of scores and of their products. */
class ScoreSums {
  readonly rows: number
  readonly #single: readonly number[]
  readonly #products: readonly number[]

  constructor(rows: number, single: readonly number[], products: readonly number[]) {
    this.rows = rows
    this.#single = single
    this.#products = products
  }

  correlation(i: number, j: number): number {
    const r = this.#covariance(i, j) / Math.sqrt(this.#covariance(i, i) * this.#covariance(j, j))
    return Number.isFinite(r) ? r : 0
  }

  #covariance(i: number, j: number): number {
    const [high, low] = i > j ? [i, j] : [j, i]
    const product = this.#products[(high * (high + 1)) / 2 + low] ?? 0
    return this.rows * product - (this.#single[i] ?? 0) * (this.#single[j] ?? 0)
  }
}

async function sumsOfTable(warehouse: Warehouse, table: string, scores: readonly unknown[]): Promise<ScoreSums> {
  const { leaves } = warehouse
  const terms = [
    sql`COUNT(*)`,
    ...scores.map((_, i) => sql`SUM(${scoreName(i)})`),
    ...scores.flatMap((_, i) => scores.slice(0, i + 1).map((__, j) => sql`SUM(${scoreName(i)} * ${scoreName(j)})`)),
  ]
  const found: number[] = []
  for (let start = 0; start < terms.length; start += SUMS_PER_STATEMENT) {
    const named = terms
      .slice(start, start + SUMS_PER_STATEMENT)
      .map((term, index) => sql`${leaves.toDouble(term)} AS ${sql.id(`n${index}`)}`)
    const batch = await warehouse.read(sql`SELECT ${sql.join(named)} FROM ${tableRef(table)}`)
    for (const vector of batch.columns) found.push(numbersOf(vector)[0] ?? 0)
  }
  return new ScoreSums(found[0] ?? 0, found.slice(1, 1 + scores.length), found.slice(1 + scores.length))
}
