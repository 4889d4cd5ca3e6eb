import { columnBatch, rowsOf, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { featureService } from '../../src/define/feature-service.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { buildTrainingSet, type FeaturesFrom, type TrainingSet } from '../../src/read/training-set.ts'
import { createMart, customer, usage } from '../materialize/energy.ts'
import { inPlace } from '../materialize/in-place.ts'
import { agree } from '../oracle/exact/agree.ts'
import type { Row } from '../oracle/row.ts'

const view = featureView('customer_load', {
  of: customer,
  from: usage,
  every: '1d',
  delay: '6h',
  features: (f) => ({
    kwh: f.sum('kwh').over('1d', '7d'),
    ever: f.sum('kwh').lifetime(),
    mean: f.mean('kwh').over('7d'),
    spread: f.stddev('kwh').over('7d'),
    trend: f.slope('kwh').over('7d'),
    values: f.distinct('kwh').over('7d'),
    newest: f.last('kwh'),
  }),
})
const other = featureView('customer_first', {
  of: customer,
  from: usage,
  every: '2d',
  features: (f) => ({ first: f.first('kwh').over('2d') }),
})
const service = featureService('load', [view, other])
const asked = Array.from({ length: 60 }, (_, i) => i)
const spine = {
  rows: columnBatch({
    customer_id: { type: 'text', values: asked.map((i) => `c${i % 12}`) },
    at: { type: 'timestamp', values: asked.map((i) => new Date(Date.UTC(2024, 0, 3 + (i % 27), i % 24))) },
  }),
}

function build(warehouse: Warehouse, from: FeaturesFrom): Promise<TrainingSet> {
  return buildTrainingSet({ warehouse, service, spine, time: 'at', from, into: `training.${from}` })
}

async function written(warehouse: Warehouse, { table }: TrainingSet): Promise<readonly Row[]> {
  return rowsOf(await warehouse.read(sql`SELECT * FROM ${tableRef(table)} ORDER BY spine_row`))
}

/** Equal digit for digit, but for a slope, whose rounding is not the same in tiles of facts and in stored ones. */
function expectSame(actual: readonly Row[], expected: readonly Row[]): void {
  expect(actual.map((row) => ({ ...row, customer_load__trend_7d: null }))).toEqual(
    expected.map((row) => ({ ...row, customer_load__trend_7d: null })),
  )
  for (const [i, row] of expected.entries())
    agree(actual[i]?.['customer_load__trend_7d'] ?? null, row['customer_load__trend_7d'] ?? null, `row ${i}`)
}

test('stored tiles give the rows that facts give, and views without tiles are computed from facts', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse)
    const none = await build(warehouse, 'tiles')
    expect(none.manifest.tiles).toEqual([])
    await materialize({ warehouse, catalog, views: [view], now: '2024-02-05', quality: false, chunk: { instants: 40 } })
    const [facts, tiles] = [await build(warehouse, 'facts'), await build(warehouse, 'tiles')]
    expect(tiles.manifest).toMatchObject({ from: 'tiles', tiles: ['customer_load'] })
    expect(facts.manifest.tiles).toBeUndefined()
    const rows = await written(warehouse, facts)
    expect(rows.some((row) => typeof row['customer_load__trend_7d'] === 'number')).toBe(true)
    expectSame(await written(warehouse, tiles), rows)
    expectSame(await written(warehouse, none), rows)
  }))

test('tiles say what the facts said when they were stored', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse)
    const options = { warehouse, catalog, views: [view], quality: false, chunk: { instants: 40 } } as const
    await materialize({ ...options, now: '2024-02-05' })
    const before = await written(warehouse, await build(warehouse, 'facts'))
    const end = warehouse.leaves.timestamp(BigInt(Date.UTC(2024, 0, 10)) * 1000n)
    await warehouse.run(sql`UPDATE ${tableRef(usage.plan.table)} SET kwh = kwh + 8 WHERE ts < ${end}`)
    const sums = (rows: readonly Row[]): readonly unknown[] => rows.map((row) => row['customer_load__ever'])
    expect(sums(await written(warehouse, await build(warehouse, 'tiles')))).toEqual(sums(before))
    await materialize({ ...options, now: '2024-02-06' })
    const [facts, tiles] = [await build(warehouse, 'facts'), await build(warehouse, 'tiles')]
    expectSame(await written(warehouse, tiles), await written(warehouse, facts))
    expect(sums(await written(warehouse, facts))).not.toEqual(sums(before))
  }))

test('tiles that do not reach the end of the spine are not used', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse)
    await materialize({ warehouse, catalog, views: [view], now: '2024-01-15', quality: false, chunk: { instants: 40 } })
    const [facts, tiles] = [await build(warehouse, 'facts'), await build(warehouse, 'tiles')]
    expect(tiles.manifest.tiles).toEqual([])
    expectSame(await written(warehouse, tiles), await written(warehouse, facts))
  }))
