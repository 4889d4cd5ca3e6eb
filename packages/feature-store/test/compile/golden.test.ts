import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import {
  duckDbLeaves,
  openDuckDb,
  rowsOf,
  snowflakeLeaves,
  sql,
  tableRef,
  type Leaves,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventSpineSql } from '../../src/compile/spines/event-spine.ts'
import { gridSpineSql } from '../../src/compile/spines/grid-spine.ts'
import { compileTraining } from '../../src/compile/training-sql.ts'
import { compileViewRows, type CompiledRows } from '../../src/compile/view-sql.ts'
import type { LabelPlan } from '../../src/plan/label-plan.ts'
import type { SpinePlan } from '../../src/plan/spine-plan.ts'
import type { ServicePlan } from '../../src/plan/view-plan.ts'
import { spines, trainings, views } from './golden-definitions.ts'
import { sqlText } from './sql-text.ts'

/**
 * `MARTLET_UPDATE_GOLDEN=1 npx vitest run --project feature-store golden` writes the files anew; read their diff
 * before you commit it.
 */
const update = process.env['MARTLET_UPDATE_GOLDEN'] === '1'
const folder = join(import.meta.dirname, 'golden')
const DAY = 86_400_000_000n
const from = BigInt(Date.UTC(2024, 2, 28)) * 1000n
const range = { from, to: from + 7n * DAY }
const spine = {
  table: 'spine',
  rows: 3,
  columns: ['site_id', 'channel', 'at'],
  first: from + DAY,
  last: from + 6n * DAY,
}

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
  for (const statement of [
    sql`CREATE SCHEMA mart`,
    sql`CREATE TABLE mart.usage AS SELECT 's' AS site_id, i % 2 AS channel, TIMESTAMP '2024-03-20' + to_hours(i) AS ts,
      TIMESTAMP '2024-03-20' + to_hours(i + 1) AS loaded_at, i AS seq, i / 8 AS kwh, i AS reads, i / 4 AS cost,
      CASE WHEN i % 3 = 0 THEN 'peak' ELSE 'off' END AS tariff, i % 5 = 0 AS open FROM range(400) r(i)`,
    sql`
      CREATE TABLE mart.places AS SELECT 's' AS site_id, c AS channel, 'north' AS region,
        TIMESTAMP '2024-01-01' AS since, CAST(NULL AS TIMESTAMP) AS until
      FROM range(2) r(c)
    `,
    sql`
      CREATE TABLE mart.scores AS SELECT 's' AS site_id, c AS channel, TIMESTAMP '2024-03-28' AS at,
        TIMESTAMP '2024-03-28' AS written, 0.5 AS score, 'gold' AS segment
      FROM range(2) r(c)
    `,
    sql`
      CREATE TABLE mart.regions AS SELECT 'north' AS region, 0.5 AS score, TIMESTAMP '2024-01-01' AS since,
        CAST(NULL AS TIMESTAMP) AS until
    `,
    sql`CREATE TABLE mart.holidays AS SELECT DATE '2024-03-28' + d::INTEGER AS date, 'holy' AS name FROM range(8) r(d)`,
    sql`
      CREATE TABLE mart.prices AS SELECT TIMESTAMP '2024-03-27' AS since, CAST(NULL AS TIMESTAMP) AS until,
        TIMESTAMP '2024-03-26' AS published, 0.5 AS price
    `,
    sql`CREATE TABLE mart.tariffs AS SELECT 'peak' AS tariff, 2.5 AS price`,
    sql`CREATE SCHEMA features`,
    sql`
      CREATE TABLE features.golden AS SELECT 's' AS site_id, c AS channel,
        TIMESTAMP '2024-03-28' + to_days(CAST(i AS INTEGER)) AS feature_time, 1 AS n_7d, 2.0 AS kwh_1d, 3.0 AS kwh_28d,
          4 AS reads_7d, 5.0 AS cost_7d
      FROM range(2) r(c), range(8) q(i)
    `,
  ])
    await warehouse.run(statement)
})
afterAll(() => warehouse.close())

/**
 * The engines' texts differ by their leaves; Snowflake's is only printed here, for no Snowflake is at hand to run it.
 */
const engines = { duckdb: duckDbLeaves, snowflake: snowflakeLeaves } as const

function training(
  leaves: Leaves,
  service: ServicePlan,
  labels: readonly LabelPlan[],
  source: 'facts' | 'materialized',
): CompiledRows {
  return compileTraining(leaves, service, labels, spine, {
    asOf: from + 7n * DAY,
    from: source,
    featureTable: (view) => tableRef(`features.${view.name}`),
  })
}

function scanned(leaves: Leaves, view: string, of: { from: bigint; to: bigint }): CompiledRows {
  const plan = views[view]?.plan
  if (plan === undefined) throw new Error(`there is no view ${view}`)
  return compileViewRows({ leaves }, plan, of, { lookup: 'scan' })
}

/** A spine at two times, which a table has otherwise. */
function spineRows(leaves: Leaves, plan: SpinePlan): CompiledRows {
  const time = (micros: bigint): Sql => sql`SELECT ${sql.lit(micros)} AS us, ${sql.lit(micros)} AS t`
  const times = sql`(${time(from + DAY)} UNION ALL ${time(from + 5n * DAY)})`
  const query = plan.kind === 'whenever' ? eventSpineSql(leaves, plan) : gridSpineSql(leaves, plan, times)
  return { prepare: [], query, cleanup: [] }
}

const compiled: Readonly<Record<string, (leaves: Leaves) => CompiledRows>> = {
  ...Object.fromEntries(
    Object.entries(views).map(([name, view]) => [
      name,
      (leaves: Leaves) => compileViewRows({ leaves }, view.plan, range),
    ]),
  ),
  'scan-of-one-feature-time': (leaves) => scanned(leaves, 'mean', { from, to: from + 1n }),
  'scan-of-several-feature-times': (leaves) => scanned(leaves, 'stddev-and-variance', range),
  'scan-since-an-event': (leaves) => scanned(leaves, 'window-since-an-event', { from, to: from + 1n }),
  'scan-along-a-meter': (leaves) => scanned(leaves, 'window-along-a-meter', range),
  'scan-of-decayed': (leaves) => scanned(leaves, 'decayed', { from, to: from + 1n }),
  'scan-of-local-days': (leaves) => scanned(leaves, 'window-local-days', { from, to: from + 1n * DAY }),
  'scan-of-percentiles': (leaves) => scanned(leaves, 'percentile', { from, to: from + 1n }),
  'scan-of-approximate-counts': (leaves) => scanned(leaves, 'approximate', { from, to: from + 1n }),
  'scan-with-arrival-times': (leaves) => scanned(leaves, 'source-with-arrival-times', { from, to: from + 1n }),
  ...Object.fromEntries(
    Object.entries(trainings).map(([name, { service, labels, from: source }]) => [
      name,
      (leaves: Leaves) =>
        training(
          leaves,
          service.plan,
          labels.map(({ plan }) => plan),
          source,
        ),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(spines).map(([name, { plan }]) => [name, (leaves: Leaves) => spineRows(leaves, plan)]),
  ),
}

const printed = (rows: CompiledRows): string =>
  sqlText([...rows.prepare, rows.query].map((statement: Sql) => warehouse.compile(statement)))

describe.each(Object.entries(compiled))('%s', (name, compile) => {
  test.each(Object.entries(engines))('prints its golden text for %s', (engine, leaves) => {
    const path = join(folder, `${name}.${engine}.sql`)
    const text = printed(compile(leaves))
    if (update) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(path, text)
    }
    expect(text).toBe(readFileSync(path, 'utf8'))
  })

  test('runs on DuckDB and gives rows with every column', async () => {
    await warehouse.session(async (session) => {
      await session.run(
        sql`
          CREATE TEMPORARY TABLE spine AS SELECT i AS spine_row, epoch_us("at") AS spine__us, s.*
          FROM (SELECT 0 AS i, 's' AS site_id, 0 AS channel, TIMESTAMP '2024-03-29' AS "at"
            UNION ALL SELECT 1, 's', 1, TIMESTAMP '2024-04-01 12:00'
            UNION ALL SELECT 2, 'nobody', 0, TIMESTAMP '2024-04-03') s
        `,
      )
      const rows = compile(session.leaves)
      for (const statement of rows.prepare) await session.run(statement)
      const found = rowsOf(await session.read(rows.query))
      expect(found.length).toBeGreaterThanOrEqual(2)
      const expected = views[name]?.plan.features.map((feature) => feature.name) ?? []
      for (const feature of expected)
        expect(
          found.some((row) => row[feature] !== null && row[feature] !== undefined),
          `a value of ${feature}`,
        ).toBe(true)
      for (const statement of rows.cleanup) await session.run(statement)
      expect(
        rowsOf(await session.read(sql`SELECT table_name FROM duckdb_tables() WHERE temporary`)),
        'temporary tables that are left',
      ).toEqual([{ table_name: 'spine' }])
    })
  })
})

test('has no golden file of something that is not compiled any more', () => {
  const known = Object.keys(compiled).flatMap((name) => Object.keys(engines).map((engine) => `${name}.${engine}.sql`))
  expect(readdirSync(folder).toSorted()).toEqual(known.toSorted())
})
