// What exact numbers cost on DuckDB: fitting sums into 64 bits, columns that are read as declared, and long decimals.
// node --conditions=@martlet/source bench/warehouse/exact-numbers.ts
import { openDuckDb, sql, type Sql } from '@martlet/warehouse'

const ROWS = 10_000_000
const READ = 1_000_000
const ROUNDS = 5

await using warehouse = await openDuckDb()
const { leaves } = warehouse
await warehouse.run(sql`
  CREATE TABLE numbers AS SELECT CAST(i AS HUGEINT) AS total, i AS k FROM range(${sql.lit(ROWS)}) r(i)
`)
await warehouse.run(sql`
  CREATE TABLE money AS
  SELECT CAST(i AS DECIMAL(15, 2)) AS short, CAST(i AS DECIMAL(38, 2)) AS long FROM range(${sql.lit(READ)}) r(i)
`)

/** The median of some runs, in milliseconds; the first run is not counted. */
async function median(query: Sql): Promise<number> {
  const times: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now()
    await warehouse.read(query)
    if (round > 0) times.push(performance.now() - start)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN
}

const of = (value: Sql): Sql => sql`SELECT MAX(${value}) AS v FROM numbers`
for (const [what, query] of [
  ['cast of a sum, 10 million', of(sql`CAST(total AS BIGINT)`)],
  ['fit of a sum, 10 million', of(leaves.fit(sql`total`, 'bigint'))],
  ['fitColumn of a sum, 10 million', of(leaves.fitColumn(sql`total`, 'bigint'))],
  ['column as it is, 10 million', of(sql`k`)],
  ['tryCast of a column of that type, 10 million', of(leaves.tryCast(sql`k`, 'bigint'))],
  ['read of decimals of 15 digits, 1 million', sql`SELECT short FROM money`],
  ['read of decimals of 38 digits, 1 million', sql`SELECT long FROM money`],
] as const)
  process.stdout.write(`${what.padEnd(46)} ${(await median(query)).toFixed(0).padStart(5)} ms\n`)
