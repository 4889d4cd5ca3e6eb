/**
 * Compares logged vectors with the definitions in DuckDB, and prints times, those of the processors too, and memory.
 *
 *   npx node --conditions=@martlet/source bench/drift/parity.ts [rows] [memory limit of DuckDB] [folder]
 *
 * 50 features of 5 views, 10 000 entities, 30 days; one number in 2 000 was logged wrong. Mart, feature tables and log are made
 * in a process of their own; in `folder` they are kept, and used again.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import {
  buildTrainingSet,
  entity,
  fact,
  featureService,
  featureView,
  materialize,
  openCatalog,
  vectorFields,
} from '@martlet/feature-store'
import { openDuckDb, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { predictionTable, runParity } from '@martlet/drift'
import { z } from 'zod'

const rows = Number(process.argv[2] ?? 1_000_000)
const memoryLimit = process.argv[3] ?? '2GB'
const given = process.argv[4]
const isMaking = process.argv[5] === 'make'
const [ENTITIES, DAYS, DAY] = [10_000, 30, 86_400_000]
const START = Date.UTC(2026, 0, 1)
const [from, to] = [new Date(START), new Date(START + DAYS * DAY)]

const customer = entity('customer', { customer_id: z.string() })
const readings = fact('mart.readings', {
  columns: { customer_id: z.string(), at: z.date(), kwh: z.number(), cost: z.number(), kind: z.string() },
  entities: [customer],
  eventTime: 'at',
})
const grids = { a: '1d', b: '1d', c: '1d', d: '1d', e: '6h' } as const
const views = Object.entries(grids).map(([name, every], i) =>
  featureView(`view_${name}`, {
    of: customer,
    from: readings,
    every,
    delay: '1h',
    features: (f) => ({
      kwh: f.sum('kwh').over('1d', '7d', `${14 + i}d`),
      cost: f.mean('cost').over('1d', '7d', `${14 + i}d`),
      count: f.count().over('3d'),
      peak: f.max('kwh').over('2d'),
      kind: f.last('kind'),
      spread: f.stddev('kwh').over('7d'),
    }),
  }),
)
const service = featureService('wide', views)
const names = vectorFields(service.plan).map(({ name }) => name)

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const [before, cpu] = [performance.now(), process.cpuUsage()]
  const result = await work()
  const seconds = (performance.now() - before) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const processors = ((user + system) / 1e6).toFixed(1)
  const peak = Math.round(process.resourceUsage().maxRSS / 1e3)
  console.log(`${what.padEnd(30)} ${seconds.toFixed(1)} s, ${processors} s of processors, peak so far ${peak} MB`)
  return result
}

/** What a server would have logged: the rows of the feature tables, and now and then another value. */
async function make(warehouse: Warehouse, folder: string): Promise<void> {
  await using catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await timed('make facts', () =>
    warehouse.run(sql`
      CREATE TABLE mart.readings AS
      SELECT 'c' || c AS customer_id, TIMESTAMP '2025-12-10' + to_hours(CAST(6 * i AS INTEGER)) AS at,
        CAST(hash(c, i) % 1000 AS DOUBLE) / 10 AS kwh, CAST(hash(i, c) % 500 AS DOUBLE) / 7 AS cost, 'k' || (hash(c, i, 1) % 5) AS kind
      FROM range(${sql.lit(ENTITIES)}) k(c), range(208) h(i)
    `),
  )
  await timed('materialize', () => materialize({ warehouse, catalog, views, from, now: to, quality: false }))
  const spine = {
    query: sql`
      SELECT 'c' || (hash(i) % ${sql.lit(ENTITIES)}) AS customer_id, i AS n,
        TIMESTAMP '2026-01-01 02:00' + to_milliseconds(CAST(i * ${sql.lit(((DAYS - 1) * DAY) / rows)} AS BIGINT)) AS asked
      FROM range(${sql.lit(rows)}) r(i)
    `,
  }
  await timed('make vectors', () =>
    buildTrainingSet({
      warehouse,
      service,
      spine,
      time: 'asked',
      from: 'materialized',
      catalog,
      featureTimes: true,
      into: 'mart.vectors',
    }),
  )
  const values = names.map((name, i) =>
    name.endsWith('kind')
      ? sql.id(name)
      : sql`CASE WHEN (n + ${sql.lit(i * 37)}) % 2000 = 0 THEN ${sql.id(name)} + 1 ELSE ${sql.id(name)} END AS ${sql.id(name)}`,
  )
  const served = views.flatMap(({ plan: { name, hash } }) => [
    sql`${sql.id(`${name}__feature_time`)} AS ${sql.id(`served__${name}__time`)}`,
    sql`${hash.slice(0, 16)} AS ${sql.id(`served__${name}__definition`)}`,
  ])
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS monitoring`)
  await timed('make the log', () =>
    warehouse.run(sql`
      CREATE TABLE ${tableRef(predictionTable('bench'))} AS
      SELECT asked AS predicted_at, 'r-' || n AS request_id, 0::BIGINT AS request_row, 1::BIGINT AS model_version, 'wide' AS service,
        NULL::VARCHAR AS rollout, NULL::VARCHAR AS role, 'a.jsonl' AS log_file, n AS log_line, customer_id,
        ${sql.join([...values, ...served])}
      FROM mart.vectors ORDER BY asked
    `),
  )
}

const folder = given ?? (await mkdtemp(join(process.env['MARTLET_BENCH_FOLDER'] ?? tmpdir(), 'martlet-parity-')))
const path = join(folder, 'warehouse.duckdb')
const open = () => openDuckDb({ path, memoryLimit })
try {
  if (isMaking) {
    await using warehouse = await open()
    await make(warehouse, folder)
  } else {
    await mkdir(folder, { recursive: true })
    if (!existsSync(path)) {
      const [script = ''] = process.argv.slice(1)
      const own = [...process.execArgv, script, String(rows), memoryLimit, folder, 'make']
      const { status } = spawnSync(process.execPath, own, { stdio: 'inherit' })
      if (status !== 0) throw new Error('the mart could not be made')
    }
    console.log(`DuckDB limited to ${memoryLimit}, Node ${process.version}`)
    await using warehouse = await open()
    await using catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
    const windows = [{ from, to }]
    const request = { warehouse, catalog, model: 'bench', services: [service], windows, record: false }
    const result = await timed(`compare ${rows} predictions`, () => runParity(request))
    const features = result.windows[0]?.parity?.features ?? []
    const [all, equal] = [0, 0].map((_, i) =>
      features.reduce((sum, one) => sum + (i === 0 ? one.compared : one.equal), 0),
    )
    console.log(`${features.length} features, ${all} values, ${(all ?? 0) - (equal ?? 0)} differ`)
    console.log(result.sentence)
  }
} finally {
  if (given === undefined) await rm(folder, { recursive: true, force: true })
}
