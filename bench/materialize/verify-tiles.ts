// What it costs to compare stored tiles with the facts, beside the run that it belongs to.
// node --conditions=@martlet/source bench/materialize/verify-tiles.ts [events] [entities] [days] [--hours]
// --hours: tiles of an hour, so that most tiles hold one event; otherwise of a day.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { entity, fact, featureView, materialize, openCatalog, type MaterializedView } from '@martlet/feature-store'
import { openDuckDb, rowsOf, sql, tableRef } from '@martlet/warehouse'
import { z } from 'zod'
import { changedCells } from '../../packages/feature-store/src/compile/tiles/tile-checks.ts'
import {
  momentRows,
  tileColumns,
  type MomentTable,
} from '../../packages/feature-store/src/compile/tiles/moment-table.ts'
import { refreshMoments, sharedMoments } from '../../packages/feature-store/src/materialize/refresh-moments.ts'

const hours = process.argv.includes('--hours')
const plain = process.argv.slice(2).filter((one) => !one.startsWith('--'))
const [events = 5_000_000, entities = 100_000, days = 200] = plain.map(Number)
const DAY = 86_400_000_000
const start = Date.UTC(2024, 0, 1) * 1000

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number(), cost: z.number(), meter: z.string() },
  entities: [customer],
  eventTime: 'ts',
})
const view = featureView('usage', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({
    kwh: f.sum('kwh').over('1d', '7d', '28d'),
    cost: f.sum('cost').over('28d'),
    readings: f.count().over('28d'),
    hour: f.count().over(hours ? '1h' : '1d'),
  }),
})

const folder = await mkdtemp(join(tmpdir(), 'martlet-bench-'))
try {
  await using warehouse = await openDuckDb({ path: join(folder, 'bench.duckdb') })
  await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
  await warehouse.run(sql`CREATE SCHEMA mart`)
  // Facts come as a warehouse gets them, day by day.
  await warehouse.run(sql`CREATE TABLE mart.usage AS
    SELECT 'c' || lpad(CAST(hash(i) % ${sql.lit(entities)} AS VARCHAR), 7, '0') AS customer_id,
      make_timestamp(CAST(${sql.lit(start)} + floor(i * ${sql.lit((days * DAY) / events)}) AS BIGINT)) AS ts,
      (hash(i * 11) % 80000) / 8.0 AS kwh, (hash(i * 13) % 80000) / 16.0 AS cost, 'm' || (hash(i * 17) % 1000) AS meter
    FROM range(${sql.lit(events)}) r(i)`)
  const end = BigInt(start + days * DAY)
  const night = (nights: number): bigint => end + BigInt(nights * DAY) - BigInt(2 * DAY)
  const run = (now: bigint, from?: bigint): Promise<readonly MaterializedView[]> =>
    materialize({ warehouse, catalog, views: [view], quality: false, now, ...(from === undefined ? {} : { from }) })
  const table = sharedMoments([view.plan]).get('usage')
  if (table === undefined) throw new Error('the view has no tiles')

  console.log(`${events} events, ${entities} entities, ${days} days, tiles of ${hours ? 'an hour' : 'a day'}`)
  await step('first run of one instant, which makes the tiles', () => run(night(0), night(0)))
  const [size] = rowsOf<{ n: number }>(await warehouse.read(sql`SELECT COUNT(*) AS n FROM ${tableRef(table.table)}`))
  console.log(`${size?.n} tiles`)
  await step('all tiles once more, with checksums', () => makeTiles(tileColumns(table)))
  await step('all tiles once more, without', () => makeTiles(tileColumns(table).slice(0, -2)))
  await step('the next night, compared', () => run(night(1)))
  await step('of that, the comparison', () => compare(table))
  await step('of that, the comparison by md5 instead', () => compareBy(table, 'md5_number_lower'))
  await step('of that, counting only', () => warehouse.read(changedCells(warehouse.leaves, check(table, false))))
  await warehouse.run(sql`INSERT INTO mart.usage SELECT customer_id, ts + INTERVAL 1 SECOND, kwh, cost, meter FROM mart.usage
    WHERE hash(customer_id, ts) % 100000 = 0`)
  await step('tiles again after one fact in 100000 arrived late', () =>
    refreshMoments(warehouse, table, night(1), async () => {}),
  )

  async function makeTiles(columns: readonly string[]): Promise<void> {
    if (table === undefined) return
    const rows = momentRows(warehouse.leaves, table, null, night(0))
    const list = sql.join(columns.map((name) => sql.id(name)))
    await warehouse.run(sql`CREATE OR REPLACE TABLE mart.once_more AS SELECT ${list} FROM (${rows}) t`)
    await warehouse.run(sql`DROP TABLE mart.once_more`)
  }

  function check(of: MomentTable, checksums: boolean) {
    return { table: of, to: night(1), checksums }
  }

  async function compare(of: MomentTable): Promise<void> {
    const changed = await warehouse.read(changedCells(warehouse.leaves, check(of, true)))
    if (changed.rows > 0) throw new Error('nothing has changed')
  }

  /** The same scan of the facts, with another hash of the same columns. */
  async function compareBy(of: MomentTable, hash: string): Promise<void> {
    const columns = ['customer_id', 'ts', ...of.checked].map((name) => sql.id(name))
    const text = sql`concat_ws('|', ${sql.join(columns)})`
    await warehouse.read(
      sql`
        SELECT MAX(checksum) AS checksum
        FROM (SELECT SUM(${sql.raw(hash)}(${text})) AS checksum FROM mart.usage GROUP BY epoch_us(ts) // ${sql.lit(DAY)}) s
      `,
    )
  }
} finally {
  await rm(folder, { recursive: true })
}

async function step(what: string, work: () => Promise<unknown>): Promise<void> {
  let peak = process.memoryUsage.rss()
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 10)
  const cpu = process.cpuUsage()
  const began = performance.now()
  await work()
  const seconds = (performance.now() - began) / 1000
  clearInterval(watch)
  const { user, system } = process.cpuUsage(cpu)
  console.log(
    `${what.padEnd(52)}${seconds.toFixed(2)} s  (${((user + system) / 1e6).toFixed(2)} s of processor, ` +
      `peak ${(peak / 2 ** 20).toFixed(0)} MB)`,
  )
}
