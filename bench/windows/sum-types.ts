// What it costs to add values as doubles, as whole numbers of 38 digits, and as doubles split so that they add without
// rounding: grouped into tiles, as running totals, as frames and as looks back.
// node --conditions=@martlet/source bench/windows/sum-types.ts      EVENTS, ROUNDS
import { openDuckDb, sql, type Sql } from '@martlet/warehouse'

const events = Number(process.env['EVENTS'] ?? 10_000_000)
const rounds = Number(process.env['ROUNDS'] ?? 3)
const DAYS = [1, 7, 30, 90]
const order = sql`PARTITION BY k ORDER BY j`
const units = sql`CAST(x * 1152921504606846976 AS HUGEINT)`
const high = sql`((x + 1e12) - 1e12)`
const middle = sql`((x - ${high} + 1e2) - 1e2)`

const tiles = (columns: Sql): Sql => sql`
  SELECT k, epoch_us(ts) // 86400000000 AS j, COUNT(x) AS n, ${columns} FROM readings GROUP BY ALL
`
const running = (columns: readonly string[]): Sql =>
  sql`SELECT k, j, ${sql.join(columns.map((name) => sql`SUM(${sql.id(name)}) OVER (${order} ROWS UNBOUNDED PRECEDING)`))} FROM tiles`
const looksBack = (column: string): Sql =>
  sql`SELECT k, j, ${sql.join([0, ...DAYS].map((days) => sql`LAG(${sql.id(column)}, ${sql.lit(days)}) OVER (${order})`))} FROM tiles`
const frames = (column: string): Sql =>
  sql`SELECT k, j, ${sql.join(
    DAYS.map(
      (days) => sql`SUM(${sql.id(column)}) OVER (${order} ROWS BETWEEN ${sql.lit(days)} PRECEDING AND 1 PRECEDING)`,
    ),
  )} FROM tiles`

await using warehouse = await openDuckDb({ path: ':memory:', memoryLimit: '8GB' })
await warehouse.run(sql`
  CREATE TABLE readings AS
  SELECT hash(i) % 10000 AS k,
    make_timestamp(1700000000000000 + CAST(hash(i + 77) % 31536000 AS BIGINT) * 1000000) AS ts,
    CAST(hash(i * 3) % 100000 AS DOUBLE) / 1000 AS x
  FROM range(${sql.lit(events)}) r(i)
`)
await warehouse.run(sql`CREATE TABLE tiles AS ${tiles(sql`SUM(x) AS s, SUM(${units}) AS u`)}`)
const steps: Readonly<Record<string, Sql>> = {
  'tiles of doubles': tiles(sql`SUM(x)`),
  'tiles of whole numbers': tiles(sql`SUM(${units})`),
  'tiles of three doubles': tiles(sql`SUM(${high}), SUM(${middle}), SUM(x - ${high} - ${middle})`),
  'running totals of a double and a count': running(['s', 'n']),
  'running totals of a whole number and a count': running(['u', 'n']),
  'frames of four windows, doubles': frames('s'),
  'frames of four windows, whole numbers': frames('u'),
  'looks back of four windows, doubles': looksBack('s'),
  'looks back of four windows, whole numbers': looksBack('u'),
}
const seconds = new Map<string, number[]>(Object.keys(steps).map((name) => [name, []]))
for (let round = 0; round < rounds; round++) {
  const turn = Object.entries(steps)
  for (const [name, query] of round % 2 === 0 ? turn : turn.toReversed()) {
    const start = performance.now()
    await warehouse.run(sql`CREATE OR REPLACE TEMPORARY TABLE made AS ${query}`)
    seconds.get(name)?.push((performance.now() - start) / 1000)
  }
}
for (const [name, all] of seconds) {
  const median = all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0
  console.log(`${name.padEnd(48)} ${median.toFixed(2).padStart(6)} s`)
}
