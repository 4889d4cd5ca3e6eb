import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadFile, openDuckDb, type Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chiSquareTest, profileReference, runDrift, type MetricName, type ProfiledColumn } from '../src/index.ts'
import { columnResult, findingsOf, metricOf } from './tables.ts'

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const bikes = `${data}bike_sharing/hour.parquet`
const taxis = `${data}nyc_green_taxi/trips.parquet`
const missing = [bikes, taxis].filter((path) => !existsSync(path))
if (missing.length > 0) console.log(`real-data tests skipped: ${missing.join(', ')} is not there`)

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

async function compare(path: string, before: string, after: string, columns: readonly ProfiledColumn[]) {
  const table = path === bikes ? 'bikes' : 'taxis'
  if ((await warehouse.introspect(table)) === undefined) await loadFile(warehouse, { table, path, mode: 'create' })
  const rows = (where: string) =>
    sql`SELECT ${sql.join(columns.map(({ name }) => sql.id(name)))} FROM ${sql.table(table)} WHERE ${sql.raw(where)}`
  const now = new Date('2024-04-01T00:00:00Z')
  const profile = await profileReference(warehouse, { name: table, relation: rows(before), columns, now })
  return runDrift({
    warehouse,
    profile,
    current: { relation: rows(after) },
    reference: rows(before),
    policy: { exact: 'always' },
    now,
    record: false,
  })
}

/** Six decimals, as the expected figures have; computed with scipy. */
function expectMetrics(
  result: Awaited<ReturnType<typeof compare>>,
  column: string,
  expected: Partial<Record<MetricName, number>>,
): void {
  const found = columnResult(result, column)
  for (const [name, value] of Object.entries(expected)) {
    const metric = found.metrics.find((candidate) => candidate.metric === name)
    expect(metric?.value ?? Number.NaN, `${column} ${name}`).toBeCloseTo(value, 6)
  }
}

describe.skipIf(missing.length > 0)('real data gives the figures computed with scipy', () => {
  it('bike sharing 2011 against 2012', async () => {
    const result = await compare(bikes, 'yr = 0', 'yr = 1', [
      { name: 'temp', type: 'double' },
      { name: 'cnt', type: 'integer' },
      { name: 'weathersit', type: 'integer', as: 'category' },
    ])
    expectMetrics(result, 'temp', { ks: 0.054623, wassersteinStd: 0.080607, psi: 0.043197, jsDistance: 0.08766 })
    expectMetrics(result, 'cnt', { ks: 0.216474, wassersteinStd: 0.679212, psi: 0.244202, jsDistance: 0.207576 })
    const counts = await warehouse.read(
      sql`
        SELECT CAST(sum(CASE WHEN yr = 0 THEN 1 ELSE 0 END) AS DOUBLE) AS a,
          CAST(sum(CASE WHEN yr = 1 THEN 1 ELSE 0 END) AS DOUBLE) AS b
        FROM bikes
        GROUP BY weathersit
        ORDER BY weathersit
      `,
    )
    const [a = [], b = []] = counts.columns.map(({ values }) => Array.from<unknown, number>(values, Number))
    const test = chiSquareTest(a, b, { minimumExpected: 0 })
    expect(test.statistic).toBeCloseTo(18.1814, 4)
    expect(test.cramersV).toBeCloseTo(0.032345, 6)
    expect(columnResult(result, 'temp').severity).toBe('info')
    expect(columnResult(result, 'cnt').status).toBe('drift')
  })

  it('green taxis 2021-01 against 2024-03: what tools that drop nulls and trust σ miss', async () => {
    const result = await compare(taxis, `source_month = '2021-01'`, `source_month = '2024-03'`, [
      { name: 'fare_amount', type: 'double' },
      { name: 'trip_distance', type: 'double' },
      { name: 'tip_amount', type: 'double' },
      { name: 'passenger_count', type: 'integer' },
    ])
    expectMetrics(result, 'fare_amount', { ks: 0.177589, wassersteinStd: 0.23051, psi: 0.233905 })
    const distance = columnResult(result, 'trip_distance')
    expect(
      [
        metricOf(distance, 'wassersteinStd').value,
        metricOf(distance, 'wassersteinRobust').value,
        metricOf(distance, 'psi').value,
      ].map((value) => value?.toFixed(3)),
    ).toEqual(['0.014', '0.377', '0.256'])
    expect(distance.status).toBe('drift')
    expect(findingsOf(result)).toMatchObject([{ kind: 'nullRate', column: 'passenger_count', severity: 'crit' }])
    expect(findingsOf(result)[0]?.reference).toBeCloseTo(0.471, 3)
    expect(findingsOf(result)[0]?.current).toBeCloseTo(0.0365, 4)
  })

  it('payment types with nulls as a type of their own', async () => {
    const read = await warehouse.read(
      sql`
        SELECT CAST(sum(CASE WHEN source_month = '2021-01' THEN 1 ELSE 0 END) AS DOUBLE) AS a,
          CAST(sum(CASE WHEN source_month = '2024-03' THEN 1 ELSE 0 END) AS DOUBLE) AS b
        FROM taxis
        GROUP BY payment_type
      `,
    )
    const [a = [], b = []] = read.columns.map(({ values }) => Array.from<unknown, number>(values, Number))
    expect(chiSquareTest(a, b, { minimumExpected: 0 }).cramersV).toBeCloseTo(0.482884, 6)
  })

  it('tips have six bins, because most of them are zero', async () => {
    const table = 'taxis'
    const profile = await profileReference(warehouse, {
      name: 'tips',
      relation: sql`SELECT tip_amount FROM ${sql.table(table)} WHERE source_month = '2021-01'`,
      columns: [{ name: 'tip_amount', type: 'double' }],
    })
    const [column] = profile.columns
    expect(column?.kind === 'number' ? column.deciles.length + 1 : 0).toBe(6)
  })
})
