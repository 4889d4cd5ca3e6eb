/**
 * Counts a column of each shape on its hundred percentiles, with sums and squares: by the search that any engine takes (as
 * Snowflake's leaf prints it) and as DuckDB's leaf prints it. Both give the same counts. Prints the least processor time.
 *
 *   npx node --conditions=@martlet/source bench/drift/bins.ts [rows] [runs]
 */
import process from 'node:process'
import { openDuckDb, snowflakeLeaves, sql, type Leaves, type Sql } from '@martlet/warehouse'
import { profileReference } from '@martlet/drift'

const [rows = 356_251, runs = 12] = process.argv.slice(2).map(Number)
const three = sql`random() + random() + random()`
const shapes: Readonly<Record<string, Sql>> = {
  'sum of three uniform numbers': three,
  uniform: sql`random() - 0.5`,
  lognormal: sql`exp(3 * (${three} - 1.5))`,
  Cauchy: sql`tan(3.1 * (random() - 0.5))`,
  'a third zeros, and a lognormal tail': sql`CASE WHEN random() < 0.3 THEN 0 ELSE exp(2 * (${three} - 1.5)) END`,
  'twenty whole numbers': sql`floor(random() * 20)`,
}
await using warehouse = await openDuckDb()
const columns = Object.values(shapes).map((value, index) => sql`${value} AS ${sql.id(`x${index}`)}`)
await warehouse.run(sql`CREATE TABLE numbers AS SELECT ${sql.join(columns)} FROM range(${rows}) AS n(i)`)
const names = Object.keys(shapes)
const profile = await profileReference(warehouse, {
  name: 'numbers',
  relation: 'numbers',
  columns: names.map((_, index) => ({ name: `x${index}`, type: 'double' })),
})

function counting(leaves: Leaves, name: string, edges: readonly number[]): Sql {
  const binned = sql`SELECT ${leaves.binIndex(sql.raw('v'), edges)} AS b, v - 1 AS d FROM (SELECT ${sql.id(name)} AS v FROM numbers) n`
  return sql`SELECT b, COUNT(*) AS n, SUM(d) AS s, SUM(d * d) AS q FROM (${binned}) x GROUP BY b ORDER BY b`
}

console.log(`${rows} rows, least of ${runs} runs, ms of processor: search, as DuckDB prints it`)
for (const [index, column] of profile.columns.entries()) {
  if (column.kind !== 'number') continue
  const statements = [snowflakeLeaves, warehouse.leaves].map((leaves) => counting(leaves, column.name, column.edges))
  const least = [Infinity, Infinity]
  const counts = ['', '']
  for (let run = 0; run < runs; run += 1)
    for (const side of run % 2 === 0 ? [0, 1] : [1, 0]) {
      const before = process.cpuUsage()
      const { columns: found } = await warehouse.read(statements[side] ?? sql`SELECT 1`)
      const { user, system } = process.cpuUsage(before)
      least[side] = Math.min(least[side] ?? Infinity, (user + system) / 1000)
      counts[side] = String(found[1]?.values)
    }
  if (counts[0] !== counts[1]) throw new Error(`${names[index]}: the counts differ`)
  console.log(`${(names[index] ?? '').padEnd(36)} ${least.map((ms) => ms.toFixed(0).padStart(4)).join(' ')}`)
}
