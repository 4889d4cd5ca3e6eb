import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openDuckDb, rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  buildTrainingSet,
  entity,
  event,
  fact,
  featureService,
  featureView,
  label,
  next,
  timeTo,
} from '../../src/index.ts'

const data = join(import.meta.dirname, '../../../../../shared/data')
const parquet = (name: string) => sql`read_parquet(${sql.lit(join(data, name))})`

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE SCHEMA mart`)
})
afterAll(() => warehouse.close())

describe.skipIf(!existsSync(join(data, 'cmapss')))('CMAPSS, a cycle as a day', () => {
  test('days to the failure are the published remaining useful life of all 707 engines', async () => {
    await warehouse.run(sql`
      CREATE TABLE mart.last_cycles AS
      SELECT subset || '-' || unit AS engine, MAX(cycle)::BIGINT AS cycle, any_value(rul)::BIGINT AS rul
      FROM ${parquet('cmapss/test.parquet')} t
      JOIN ${parquet('cmapss/test_rul.parquet')} l USING (subset, unit)
      GROUP BY ALL
    `)
    await warehouse.run(sql`
      CREATE TABLE mart.engine_failures AS
      SELECT engine, TIMESTAMP '2000-01-01' + to_days((cycle + rul)::INTEGER) AS failed_at FROM mart.last_cycles
    `)
    const engine = entity('engine', { engine: z.string() })
    const failures = fact('mart.engine_failures', {
      columns: { engine: z.string(), failed_at: z.date() },
      entities: [engine],
      eventTime: 'failed_at',
    })
    const view = featureView('engines', {
      of: engine,
      from: failures,
      every: '1d',
      features: (f) => ({ failures: f.count().lifetime() }),
    })
    const life = label('life', { of: engine, value: timeTo(failures).within('1000d') })
    const set = await buildTrainingSet({
      warehouse,
      service: featureService('engines_service', [view]),
      labels: [life],
      spine: {
        query: sql`SELECT engine, rul, TIMESTAMP '2000-01-01' + to_days(cycle::INTEGER) AS at FROM mart.last_cycles`,
      },
      time: 'at',
      asOf: new Date('2005-01-01'),
    })
    const rows = rowsOf(await set.read())
    expect(rows).toHaveLength(707)
    expect(rows.filter(({ rul, life: days, life_observed: seen }) => days !== rul || seen !== true)).toEqual([])
  })
})

describe.skipIf(!existsSync(join(data, 'azure_pdm_logs')))('Azure PdM, 100 machines in 2015', () => {
  test('errors and days since a replacement, time between failures and the next failing component are those by hand', async () => {
    for (const name of ['errors', 'failures', 'maint'])
      await warehouse.run(sql`
        CREATE TABLE ${sql.id('mart', name)} AS
        SELECT * REPLACE (machine_id::BIGINT AS machine_id) FROM ${parquet(`azure_pdm_logs/${name}.parquet`)}
      `)
    const machine = entity('machine', { machine_id: z.int() })
    const columns = { machine_id: z.int(), ts: z.date() }
    const entities = [machine]
    const errors = fact('mart.errors', { columns: { ...columns, error_id: z.string() }, entities, eventTime: 'ts' })
    const failures = fact('mart.failures', { columns: { ...columns, failure: z.string() }, entities, eventTime: 'ts' })
    const services = fact('mart.maint', { columns: { ...columns, comp: z.string() }, entities, eventTime: 'ts' })
    const replacement = event('replacement', services, { where: (r) => r.comp.eq('comp2') })
    const wear = featureView('wear', {
      of: machine,
      from: errors,
      every: '1d',
      features: (f) => ({ errors: f.count().since(replacement), days: f.age(replacement) }),
    })
    const breakdowns = featureView('breakdowns', {
      of: machine,
      from: failures,
      every: '1d',
      features: (f) => ({ between: f.mean((r) => r.sincePrevious()).over('365d') }),
    })
    const failing = label('failing', { of: machine, value: next(failures, 'failure').within('48h') })
    const spine = sql`
      SELECT machine_id, asked FROM (SELECT DISTINCT machine_id FROM mart.maint) m,
        generate_series(TIMESTAMP '2015-02-01', TIMESTAMP '2015-12-20', INTERVAL 11 DAY) g(asked)
    `
    const set = await buildTrainingSet({
      warehouse,
      service: featureService('machines', [wear, breakdowns]),
      labels: [failing],
      spine: { query: spine },
      time: 'asked',
      asOf: new Date('2016-01-01'),
    })
    const byHand = sql`
      SELECT s.machine_id, s.asked, r.done AS replaced,
        CASE WHEN EXISTS (SELECT 1 FROM mart.errors e WHERE e.machine_id = s.machine_id AND e.ts < s.asked)
          AND r.done IS NOT NULL
          THEN (SELECT COUNT(*) FROM mart.errors e WHERE e.machine_id = s.machine_id AND e.ts >= r.done AND e.ts < s.asked)
          END AS errors,
        date_diff('second', r.done, s.asked) / 86400.0 AS days,
        (SELECT AVG(gap) FROM (SELECT ts, date_diff('second', LAG(ts) OVER (ORDER BY ts), ts) / 86400.0 AS gap
          FROM mart.failures f WHERE f.machine_id = s.machine_id AND f.ts < s.asked)
          WHERE ts >= s.asked - INTERVAL 365 DAY) AS between_days,
        COALESCE((SELECT arg_min(failure, (ts, failure)) FROM mart.failures f
          WHERE f.machine_id = s.machine_id AND f.ts >= s.asked AND f.ts < s.asked + INTERVAL 48 HOUR), 'none') AS failing
      FROM (${spine}) s
      LEFT JOIN LATERAL (SELECT MAX(ts) AS done FROM mart.maint m
        WHERE m.machine_id = s.machine_id AND m.comp = 'comp2' AND m.ts < s.asked) r ON TRUE
    `
    const compared = rowsOf<Readonly<Record<string, unknown>>>(
      await warehouse.read(sql`
        SELECT COUNT(*) AS n, COUNT(h.errors) AS counted, COUNT(h.between_days) AS failed, COUNT_IF(h.failing <> 'none') AS failing,
          COUNT_IF(t.wear__errors_since_replacement IS DISTINCT FROM h.errors) AS errors,
          COUNT_IF(h.errors IS NOT NULL AND NOT abs(t.wear__days - h.days) < 1e-9) AS days,
          COUNT_IF((t.breakdowns__between_365d IS NULL) <> (h.between_days IS NULL)
            OR abs(t.breakdowns__between_365d - h.between_days) > 1e-9) AS between_days,
          COUNT_IF(t.failing IS DISTINCT FROM h.failing) AS labels
        FROM ${sql.id('training', 'machines')} t JOIN (${byHand}) h USING (machine_id, asked)
      `),
    )
    expect(set.rows).toBe(compared[0]?.['n'])
    expect(compared[0]).toMatchObject({ n: 3000, errors: 0, days: 0, between_days: 0, labels: 0 })
    expect(Number(compared[0]?.['counted'])).toBeGreaterThan(1000)
    expect(Number(compared[0]?.['failed'])).toBeGreaterThan(1000)
    expect(Number(compared[0]?.['failing'])).toBeGreaterThan(10)
  })
})
