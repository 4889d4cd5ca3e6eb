// What publishing costs within a run, from a feature table in DuckDB to LMDB, on three runs after each other: 1 M entities
// with 20 features at one instant, or 10 k entities at 365 instants, of which the newest row each is published.
// node --conditions=@martlet/source bench/materialize/publish.ts [entities] [instants]
import { join } from 'node:path'
import process from 'node:process'
import { featureView, materialize, openCatalog, openLmdbStore, type CompiledRows } from '@martlet/feature-store'
import { openDuckDb, sql } from '@martlet/warehouse'
import { gigabytes, printTable, text } from '../measure/report.ts'
import { withFolder } from '../measure/turns.ts'
import { customer, usage } from '../usage/definition.ts'
import { customerId, DAY } from '../usage/table.ts'

const [entities = 1_000_000, instants = 1] = process.argv.slice(2).map(Number)
const FIRST = Date.UTC(2020, 0, 1)

const days = ['1d', '2d', '3d', '4d', '5d', '6d', '7d', '14d', '30d', '90d'] as const
const view = featureView('wide', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over(...days), mean: f.mean('kwh').over(...days) }),
})

const id = sql`${customerId(sql`i`)} AS customer_id`

/** Rows that cost nothing: only what follows is of interest. */
function madeUp({ from, to }: { readonly from: bigint; readonly to: bigint }): CompiledRows {
  const features = view.plan.features.map(
    ({ name }, index) => sql`(hash(i, t, ${sql.lit(index)}) % 10000) / 8.0 AS ${sql.id(name)}`,
  )
  const times = sql`range(CAST(${sql.lit(Number(from))} AS BIGINT), ${sql.lit(Number(to))}, ${sql.lit(DAY * 1000)})`
  const query = sql`
    SELECT ${id}, make_timestamp(t) AS feature_time, ${sql.join(features)}
    FROM range(${sql.lit(entities)}) r(i), (SELECT UNNEST(${times}) AS t) s
  `
  return { prepare: [], query, cleanup: [] }
}

await withFolder(async (folder) => {
  await using warehouse = await openDuckDb({ path: join(folder, 'bench.duckdb') })
  await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
  await using online = openLmdbStore({ path: join(folder, 'online') })
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.usage AS
    SELECT ${id}, TIMESTAMP '2019-12-31' AS ts, 1.0 AS kwh FROM range(${sql.lit(entities)}) r(i)
  `)
  const rows: (readonly string[])[] = []
  for (const round of [0, 1, 2]) {
    let begun = 0
    let seconds = 0
    let processor = process.cpuUsage()
    const before = performance.now()
    const [done] = await materialize({
      warehouse,
      catalog,
      online,
      views: [view],
      from: new Date(FIRST + round * instants * DAY),
      now: new Date(FIRST + ((round + 1) * instants - 1) * DAY),
      quality: false,
      compile: (_warehouse, _view, range) => madeUp(range),
      onProgress: (event) => {
        if (event.type === 'step' && event.step === 'publish' && begun === 0) {
          begun = performance.now()
          processor = process.cpuUsage()
        } else if (event.type === 'publish') {
          seconds = (performance.now() - begun) / 1000
          processor = process.cpuUsage(processor)
        }
      },
    })
    const all = (performance.now() - before) / 1000
    const { rows: written = 0, published } = done ?? {}
    rows.push([
      `run ${round + 1}`,
      written.toLocaleString('en'),
      `${text(all - seconds)} s`,
      (published ?? 0).toLocaleString('en'),
      `${text(seconds)} s`,
      `${text((processor.user + processor.system) / 1e6)} s`,
      Math.round((published ?? 0) / seconds).toLocaleString('en'),
      gigabytes(process.resourceUsage().maxRSS * 1024),
    ])
  }
  printTable(['', 'written', 'in', 'published', 'in', 'processor', 'published/s', 'peak so far'], rows)
})
