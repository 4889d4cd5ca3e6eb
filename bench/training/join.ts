// Training sets from stored features against a hand-written DuckDB ASOF join: 1 M feature rows, 100 k spine rows.
// npx node --conditions=@martlet/source bench/training/join.ts [feature rows] [spine rows] [rounds]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import {
  buildTrainingSet,
  entity,
  fact,
  featureService,
  featureView,
  precomputed,
  type AnyFeatureService,
} from '@martlet/feature-store'
import { openDuckDb, rowsOf, type Sql } from '@martlet/warehouse'
import { sql } from 'kysely'
import { z } from 'zod'

const [featureRows = 1_000_000, spineRows = 100_000, rounds = 5] = process.argv.slice(2).map(Number)
const DAYS = 100
const customers = Math.max(1, Math.round(featureRows / DAYS))

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() },
  entities: [customer],
  eventTime: 'ts',
})
const daily = featureView('daily', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({
    kwh: f.sum('kwh').over('1d', '7d', '28d'),
    peak: f.max('kwh').over('7d'),
    n: f.count().over('7d'),
  }),
})
const names = daily.plan.features.map(({ name }) => name)
const columns = { kwh_1d: z.number(), kwh_7d: z.number(), kwh_28d: z.number(), peak_7d: z.number(), n_7d: z.int() }
const stored = precomputed('mart.daily', {
  columns: { customer_id: z.string(), feature_time: z.date(), ...columns },
  entity: customer,
  time: 'feature_time',
})
const passed = featureView('passed', {
  of: customer,
  from: stored,
  every: '1d',
  features: (f) => ({
    kwh_1d: f.column('kwh_1d'),
    kwh_7d: f.column('kwh_7d'),
    kwh_28d: f.column('kwh_28d'),
    peak_7d: f.column('peak_7d'),
    n_7d: f.column('n_7d'),
  }),
})

const folder = await mkdtemp(join(tmpdir(), 'martlet-bench-'))
const warehouse = await openDuckDb({ path: join(folder, 'bench.duckdb') })
try {
  for (const schema of ['mart', 'features', 'training']) await warehouse.run(sql`CREATE SCHEMA ${sql.id(schema)}`)
  const id = (i: Sql): Sql => sql`'customer-' || lpad(CAST(${i} AS VARCHAR), 7, '0')`
  // A row for every customer and day, in the order that materialization writes; values are eighths.
  await warehouse.run(sql`
    CREATE TABLE features.daily AS SELECT ${id(sql`c`)} AS customer_id,
      TIMESTAMP '2025-01-01' + to_days(CAST(d AS INTEGER)) AS feature_time,
      (hash(c, d) % 1000) / 8.0 AS kwh_1d, (hash(c, d, 7) % 7000) / 8.0 AS kwh_7d, (hash(c, d, 28) % 28000) / 8.0 AS kwh_28d,
        (hash(c, d, 1) % 1000) / 8.0 AS peak_7d,
      CAST(hash(c, d, 2) % 168 AS BIGINT) AS n_7d, 'run' AS run_id
    FROM range(${sql.lit(customers)}) e(c), range(${sql.lit(DAYS)}) r(d) ORDER BY 1, 2`)
  await warehouse.run(sql`CREATE TABLE mart.daily AS SELECT * EXCLUDE (run_id) FROM features.daily`)
  await warehouse.run(sql`
    CREATE TABLE mart.spine AS SELECT ${id(sql`hash(i, 3) % ${sql.lit(customers)}`)} AS customer_id,
      TIMESTAMP '2025-01-01' + to_microseconds(CAST(hash(i, 5) % ${sql.lit(DAYS * 86_400_000_000)} AS BIGINT)) AS "at"
        FROM range(${sql.lit(spineRows)}) r(i)`)

  const martlet = (service: AnyFeatureService, from: 'facts' | 'materialized') => () =>
    buildTrainingSet({ warehouse, service, spine: { table: 'mart.spine' }, time: 'at', from })
  const wanted = sql.join(names.map((name) => sql`f.${sql.id(name)}`))
  const byHand = (table: Sql) => () =>
    warehouse.run(
      sql`CREATE OR REPLACE TABLE training.by_hand AS SELECT s.*, ${wanted} FROM mart.spine s ASOF LEFT JOIN ${table} f
        ON f.customer_id = s.customer_id AND s."at" >= f.feature_time`,
    )
  const plans = {
    'feature table: Martlet': martlet(featureService('daily', [daily]), 'materialized'),
    'feature table: ASOF join by hand': byHand(sql`features.daily`),
    'precomputed view: Martlet': martlet(featureService('passed', [passed]), 'facts'),
    'precomputed view: ASOF join by hand': byHand(sql`mart.daily`),
  }
  const seconds = new Map<string, number[]>(Object.keys(plans).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(plans)) {
      const start = performance.now()
      await run()
      // The first round warms caches.
      if (round > 0) seconds.get(name)?.push((performance.now() - start) / 1000)
    }
  }
  for (const view of ['daily', 'passed']) await checkEqual(view)

  const median = (name: string): number =>
    (seconds.get(name) ?? []).toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN
  console.log(
    `${(customers * DAYS).toLocaleString('en')} feature rows, ${spineRows.toLocaleString('en')} spine rows, ` +
      `${names.length} features; median of ${rounds} interleaved rounds\n`,
  )
  for (const [name, all] of seconds)
    console.log(
      `${name.padEnd(40)} ${median(name).toFixed(3).padStart(7)} s   (${all.map((one) => one.toFixed(3)).join(', ')})`,
    )
  console.log('')
  for (const source of ['feature table', 'precomputed view']) {
    console.log(
      `Training set from a ${source}: Martlet / by hand`.padEnd(62),
      (median(`${source}: Martlet`) / median(`${source}: ASOF join by hand`)).toFixed(2),
    )
  }
} finally {
  await warehouse.close()
  await rm(folder, { recursive: true, force: true })
}

/** The two ways must agree in every row, or the times compare nothing. */
async function checkEqual(view: string): Promise<void> {
  const renamed = sql.join(names.map((name) => sql`${sql.id(`${view}__${name}`)} AS ${sql.id(name)}`))
  const martlet = sql`SELECT customer_id, "at", ${renamed} FROM ${sql.id('training', view)}`
  const byHand = sql`SELECT * FROM training.by_hand`
  const [found] = rowsOf<{ n: number }>(
    await warehouse.read(
      sql`SELECT COUNT(*) AS n FROM ((${martlet} EXCEPT ALL ${byHand}) UNION ALL (${byHand} EXCEPT ALL ${martlet})) differences`,
    ),
  )
  if (found?.n !== 0) throw new Error(`${view}: Martlet and the join by hand differ in ${found?.n} rows`)
}
