// Training sets from stored features: Martlet, an ASOF join by hand, and where rows lie on a grid an equi-join by hand.
// node --conditions=@martlet/source bench/training/join.ts [feature rows] [spine rows]      ROUNDS
import { join } from 'node:path'
import process from 'node:process'
import {
  buildTrainingSet,
  featureService,
  featureView,
  precomputed,
  type AnyFeatureService,
} from '@martlet/feature-store'
import { openDuckDb, sql, type Sql } from '@martlet/warehouse'
import { z } from 'zod'
import { checkEqual } from '../measure/check-equal.ts'
import { runSideIfChild, type Side } from '../measure/child.ts'
import { printRatio, printSides } from '../measure/report.ts'
import { setting, takeTurns, withFolder } from '../measure/turns.ts'
import { customer, usage } from '../usage/definition.ts'
import { customerId } from '../usage/table.ts'

const [featureRows = 1_000_000, spineRows = 100_000] = process.argv.slice(2).map(Number)
const rounds = setting('ROUNDS', 5)
const DAYS = 100
const customers = Math.max(1, Math.round(featureRows / DAYS))

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

const open = (folder: string) => openDuckDb({ path: join(folder, 'bench.duckdb') })
const wanted = sql.join(names.map((name) => sql`f.${sql.id(name)}`))
const asOf = sql`f.customer_id = s.customer_id AND s."at" >= f.feature_time`
const onGrid = sql`f.customer_id = s.customer_id AND f.feature_time = date_trunc('day', s."at")`
const byHand = (into: string, joined: Sql): Side =>
  statement(sql`
    CREATE OR REPLACE TABLE ${sql.table(into)} AS
    SELECT s.*, ${wanted} FROM mart.spine s ${joined}
  `)

const sides: Readonly<Record<string, Side>> = {
  'feature table: Martlet': martlet(featureService('daily', [daily]), 'materialized'),
  'feature table: ASOF join by hand': byHand('training.daily_asof', sql`ASOF LEFT JOIN features.daily f ON ${asOf}`),
  'feature table: equi-join by hand': byHand('training.daily_equi', sql`LEFT JOIN features.daily f ON ${onGrid}`),
  'precomputed view: Martlet': martlet(featureService('passed', [passed]), 'facts'),
  'precomputed view: ASOF join by hand': byHand('training.passed_asof', sql`ASOF LEFT JOIN mart.daily f ON ${asOf}`),
}
await runSideIfChild(sides)

await withFolder(async (folder) => {
  await makeTables(folder)
  const measured = await takeTurns({ script: import.meta.filename, sides: Object.keys(sides), folder, rounds })
  await check(folder)
  console.log(
    `${(customers * DAYS).toLocaleString('en')} feature rows, ${spineRows.toLocaleString('en')} spine rows, ` +
      `${names.length} features; median of ${rounds} rounds\n`,
  )
  printSides(measured)
  for (const [source, how] of [
    ['feature table', 'ASOF join by hand'],
    ['feature table', 'equi-join by hand'],
    ['precomputed view', 'ASOF join by hand'],
  ] as const)
    printRatio(measured, `${source}: Martlet / ${how}`, `${source}: Martlet`, `${source}: ${how}`)
})

function martlet(service: AnyFeatureService, from: 'facts' | 'materialized'): Side {
  return async (folder, clock) => {
    await using warehouse = await open(folder)
    const build = () => buildTrainingSet({ warehouse, service, spine: { table: 'mart.spine' }, time: 'at', from })
    // So short that the first run mostly loads code.
    await build()
    await clock.time('build', build)
  }
}

function statement(query: Sql): Side {
  return async (folder, clock) => {
    await using warehouse = await open(folder)
    await warehouse.run(query)
    await clock.time('run', () => warehouse.run(query))
  }
}

/** A row for every customer and day, in the order that materialization writes; values are eighths. */
async function makeTables(folder: string): Promise<void> {
  await using warehouse = await open(folder)
  for (const schema of ['mart', 'features', 'training']) await warehouse.run(sql`CREATE SCHEMA ${sql.id(schema)}`)
  await warehouse.run(sql`
    CREATE TABLE features.daily AS
    SELECT ${customerId(sql`c`)} AS customer_id, TIMESTAMP '2025-01-01' + to_days(CAST(d AS INTEGER)) AS feature_time,
      (hash(c, d) % 1000) / 8.0 AS kwh_1d, (hash(c, d, 7) % 7000) / 8.0 AS kwh_7d,
      (hash(c, d, 28) % 28000) / 8.0 AS kwh_28d, (hash(c, d, 1) % 1000) / 8.0 AS peak_7d,
      CAST(hash(c, d, 2) % 168 AS BIGINT) AS n_7d, 'run' AS run_id
    FROM range(${sql.lit(customers)}) e(c), range(${sql.lit(DAYS)}) r(d) ORDER BY 1, 2
  `)
  await warehouse.run(sql`CREATE TABLE mart.daily AS SELECT * EXCLUDE (run_id) FROM features.daily`)
  const at = sql`to_microseconds(CAST(hash(i, 5) % ${sql.lit(DAYS * 86_400_000_000)} AS BIGINT))`
  await warehouse.run(sql`
    CREATE TABLE mart.spine AS
    SELECT ${customerId(sql`hash(i, 3) % ${sql.lit(customers)}`)} AS customer_id, TIMESTAMP '2025-01-01' + ${at} AS "at"
    FROM range(${sql.lit(spineRows)}) r(i)
  `)
}

async function check(folder: string): Promise<void> {
  await using warehouse = await open(folder)
  for (const [view, by] of [
    ['daily', 'asof'],
    ['daily', 'equi'],
    ['passed', 'asof'],
  ] as const)
    await checkEqual(warehouse, {
      what: `${view}: Martlet against ${by}`,
      left: sql`${sql.id('training', view)}`,
      right: sql`${sql.id('training', `${view}_${by}`)}`,
      keys: ['customer_id', 'at'],
      columns: names.map((name) => ({ left: `${view}__${name}`, right: name })),
    })
}
