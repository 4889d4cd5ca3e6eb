// Training sets with a feature that is computed on demand, from a stored feature and a column of the spine: Martlet by an
// expression and by a function, against SQL by hand; and the same without it.
// node --conditions=@martlet/source bench/training/on-demand.ts [feature rows] [spine rows]      ROUNDS
import { join } from 'node:path'
import process from 'node:process'
import {
  buildTrainingSet,
  featureService,
  featureView,
  onDemand,
  precomputed,
  request,
  type AnyFeatureService,
} from '@martlet/feature-store'
import { openDuckDb, sql, type Sql } from '@martlet/warehouse'
import { z } from 'zod'
import { checkEqual } from '../measure/check-equal.ts'
import { runSideIfChild, type Side } from '../measure/child.ts'
import { medianOf, printRatio, printSides } from '../measure/report.ts'
import { setting, takeTurns, withFolder } from '../measure/turns.ts'
import { customer } from '../usage/definition.ts'
import { customerId } from '../usage/table.ts'

const [featureRows = 100_000, spineRows = 1_000_000] = process.argv.slice(2).map(Number)
const rounds = setting('ROUNDS', 5)
const DAYS = 100
const customers = Math.max(1, Math.round(featureRows / DAYS))

const daily = featureView('daily', {
  of: customer,
  from: precomputed('mart.daily', {
    columns: { customer_id: z.string(), feature_time: z.date(), kwh_7d: z.number(), n_7d: z.int() },
    entity: customer,
    time: 'feature_time',
  }),
  every: '1d',
  features: (f) => ({ kwh: f.column('kwh_7d'), n: f.column('n_7d') }),
})
const asked = request({ km: z.number() })
const expression = onDemand('trip', {
  of: [daily.pick('kwh')],
  request: asked,
  derive: (v, r) => ({ minutes: r.km.div(v.daily__kwh).mul(60) }),
})
const computed = onDemand('trip', {
  of: [daily.pick('kwh')],
  request: asked,
  version: '1',
  output: { minutes: z.number().nullable() },
  compute: ({ features: { daily__kwh: kwh }, request: { km } }) => ({
    minutes: kwh === null || kwh === 0 ? null : (km / kwh) * 60,
  }),
})

const open = (folder: string) => openDuckDb({ path: join(folder, 'bench.duckdb') })
const sides: Readonly<Record<string, Side>> = {
  'without: Martlet': martlet(featureService('plain', [daily])),
  'without: by hand': byHand('training.plain_hand', sql``),
  'expression: Martlet': martlet(featureService('expression', [daily, expression])),
  'expression: by hand': byHand('training.expression_hand', sql`, s.km / NULLIF(f.kwh_7d, 0) * 60 AS minutes`),
  'function: Martlet': martlet(featureService('computed', [daily, computed])),
}
await runSideIfChild(sides)

await withFolder(async (folder) => {
  await makeTables(folder)
  const measured = await takeTurns({ script: import.meta.filename, sides: Object.keys(sides), folder, rounds })
  await check(folder)
  const sizes = `${(customers * DAYS).toLocaleString('en')} feature rows, ${spineRows.toLocaleString('en')} spine rows`
  console.log(`${sizes}; ${medianOf(rounds)}\n`)
  printSides(measured)
  printRatio(measured, 'without: Martlet / by hand', 'without: Martlet', 'without: by hand')
  printRatio(measured, 'expression: Martlet / by hand', 'expression: Martlet', 'expression: by hand')
  printRatio(measured, 'Martlet: expression / without', 'expression: Martlet', 'without: Martlet')
  printRatio(measured, 'Martlet: function / expression', 'function: Martlet', 'expression: Martlet')
})

function martlet(service: AnyFeatureService): Side {
  return async (folder, clock) => {
    await using warehouse = await open(folder)
    const build = () => buildTrainingSet({ warehouse, service, spine: { table: 'mart.spine' }, time: 'at' })
    // So short that the first run mostly loads code.
    await build()
    await clock.time('build', build)
  }
}

function byHand(into: string, more: Sql): Side {
  const query = sql`
    CREATE OR REPLACE TABLE ${sql.table(into)} AS
    SELECT s.*, f.kwh_7d, f.n_7d${more}
    FROM mart.spine s
    ASOF LEFT JOIN mart.daily f ON f.customer_id = s.customer_id AND s."at" >= f.feature_time
  `
  return async (folder, clock) => {
    await using warehouse = await open(folder)
    await warehouse.run(query)
    await clock.time('run', () => warehouse.run(query))
  }
}

/** A row for every customer and day; values are eighths, and some are 0. */
async function makeTables(folder: string): Promise<void> {
  await using warehouse = await open(folder)
  for (const schema of ['mart', 'training']) await warehouse.run(sql`CREATE SCHEMA ${sql.id(schema)}`)
  await warehouse.run(sql`
    CREATE TABLE mart.daily AS
    SELECT ${customerId(sql`c`)} AS customer_id, TIMESTAMP '2025-01-01' + to_days(CAST(d AS INTEGER)) AS feature_time,
      (hash(c, d, 7) % 7000) / 8.0 AS kwh_7d, CAST(hash(c, d, 2) % 168 AS BIGINT) AS n_7d
    FROM range(${sql.lit(customers)}) e(c), range(${sql.lit(DAYS)}) r(d) ORDER BY 1, 2
  `)
  const at = sql`to_microseconds(CAST(hash(i, 5) % ${sql.lit(DAYS * 86_400_000_000)} AS BIGINT))`
  await warehouse.run(sql`
    CREATE TABLE mart.spine AS
    SELECT ${customerId(sql`hash(i, 3) % ${sql.lit(customers)}`)} AS customer_id, TIMESTAMP '2025-01-01' + ${at} AS "at",
      (hash(i, 9) % 1000) / 8.0 AS km
    FROM range(${sql.lit(spineRows)}) r(i)
  `)
}

async function check(folder: string): Promise<void> {
  await using warehouse = await open(folder)
  for (const service of ['expression', 'computed'])
    await checkEqual(warehouse, {
      what: `${service}: Martlet against SQL by hand`,
      left: sql`${sql.id('training', service)}`,
      right: sql`training.expression_hand`,
      keys: ['customer_id', 'at'],
      columns: [{ left: 'trip__minutes', right: 'minutes' }],
    })
}
