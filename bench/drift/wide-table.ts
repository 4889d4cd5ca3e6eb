/**
 * Profiles and compares a wide table of doubles in DuckDB and prints the times, beside those of SQL by hand over both tables.
 *
 *   npx node --conditions=@martlet/source bench/drift/wide-table.ts [rows] [columns] [windows] [percentiles]
 *
 * `percentiles` 0 leaves out the slow ones by hand, which take minutes for hundreds of columns.
 */
import process from 'node:process'
import { openDuckDb, sql, tableRef } from '@martlet/warehouse'
import { profileReference, runDrift, toHtml } from '@martlet/drift'

const [rows = 200_000, width = 200, windowCount = 1, withPercentiles = 1] = process.argv.slice(2).map(Number)
const day = 86_400_000
const start = Date.UTC(2026, 0, 1)
const names = Array.from({ length: width }, (_, index) => `x${index}`)
await using warehouse = await openDuckDb()

async function fill(table: string, from: number, days: number, shifted: boolean): Promise<void> {
  // Sums of three uniform numbers: smooth, without ties, and a tenth of the columns moved in the current table.
  const columns = names.map(
    (name, index) =>
      sql`random() + random() + random() + ${shifted && index % 10 === 0 ? 0.2 : 0.0} AS ${sql.id(name)}`,
  )
  const time = sql`make_timestamp(CAST(${from * 1000} AS BIGINT) + CAST(i * ${(days * day * 1000) / rows} AS BIGINT)) AS ts`
  await warehouse.run(
    sql`CREATE TABLE ${tableRef(table)} AS SELECT ${sql.join([time, ...columns])} FROM range(${rows}) AS numbers(i)`,
  )
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const [before, used] = [performance.now(), process.cpuUsage()]
  const result = await work()
  const { user, system } = process.cpuUsage(used)
  console.log(
    `${what.padEnd(46)} ${((performance.now() - before) / 1000).toFixed(2).padStart(7)} s   processor ` +
      `${((user + system) / 1e6).toFixed(2).padStart(7)} s   peak so far ` +
      `${Math.round(process.resourceUsage().maxRSS / 1e3)} MB`,
  )
  return result
}

console.log(`${rows} rows x ${width} doubles, ${windowCount} windows, Node ${process.version}`)
await timed('make both tables', async () => {
  await fill('reference', start, 30, false)
  await fill('current', start + 30 * day, windowCount, true)
})
/** What a person would write for each table: aggregates in one scan, and with percentiles a few dozen columns at a time. */
async function byHand(aggregates: (name: string) => string, atOnce: number): Promise<void> {
  for (const table of ['reference', 'current'])
    for (let from = 0; from < names.length; from += atOnce) {
      const list = names.slice(from, from + atOnce).map((name) => sql.raw(aggregates(name)))
      await warehouse.read(sql`SELECT ${sql.join(list)} FROM ${tableRef(table)}`)
    }
}

await timed('by hand: one sum', () => byHand((x) => `sum(${x})`, names.length))
await timed('by hand: count, min, max, mean, deviation', () =>
  byHand((x) => `count(${x}), min(${x}), max(${x}), avg(${x}), stddev(${x})`, names.length),
)
const percentiles = Array.from({ length: 99 }, (_, index) => (index + 1) / 100).join(', ')
if (withPercentiles !== 0)
  await timed('by hand: the same and 99 exact percentiles', () =>
    byHand(
      (x) => `count(${x}), min(${x}), max(${x}), avg(${x}), stddev(${x}), len(quantile_disc(${x}, [${percentiles}]))`,
      40,
    ),
  )
const columns = names.map((name) => ({ name, type: 'double' as const }))
const profile = await timed('profile the reference', () =>
  profileReference(warehouse, { name: 'wide', relation: 'reference', columns, time: 'ts' }),
)
const windows = Array.from({ length: windowCount }, (_, index) => ({
  from: new Date(start + (30 + index) * day),
  to: new Date(start + (31 + index) * day),
}))
const current = { relation: 'current', time: 'ts' }
const policy = { volume: { warn: 1000, crit: 10_000 } }
const result = await timed('compare: bins, PSI, KS, Wasserstein, verdict', () =>
  runDrift({ warehouse, profile, current, windows, policy, record: false }),
)
await timed('the same, recorded in the warehouse', () => runDrift({ warehouse, profile, current, windows, policy }))
const html = await timed('HTML report', async () => toHtml(result))
console.log(
  `${result.sentence} Profile ${(JSON.stringify(profile).length / 1e3).toFixed(0)} kB, HTML ${(html.length / 1e3).toFixed(0)} kB`,
)
