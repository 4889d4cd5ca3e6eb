import { openDuckDb, sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { calibrateLoss, estimatePerformance } from '../../src/index.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb({ threads: 1 })
})
afterAll(() => warehouse.close())

/** Predictions with errors that are larger in the south. */
const predicted = (rows: number, columns: string): Sql => sql`
  SELECT ${sql.raw(columns)}
  FROM (
    SELECT i, 10 AS kwh, CASE WHEN i % 2 = 0 THEN 'north' ELSE 'south' END AS site,
      10 + CASE WHEN i % 2 = 0 THEN 1 ELSE 4 END * CASE WHEN i % 4 < 2 THEN 1 ELSE -1 END AS real_kwh
    FROM range(${rows}) AS numbers(i)
  )`
const shape = { prediction: 'kwh', label: 'real_kwh', features: ['site'] }

describe('errors of a regression', () => {
  it('are sampled evenly where many rows are equal', async () => {
    const calibration = await calibrateLoss(warehouse, { relation: predicted(60_000, 'kwh, site, real_kwh'), ...shape })
    expect(calibration.features[1]?.values).toEqual(['north', 'south'])
    const south = sql`SELECT kwh, site FROM (${predicted(200, '*')}) WHERE site = 'south'`
    const [estimate] = await estimatePerformance({ warehouse, calibration, relation: south })
    expect(estimate?.metrics[0]?.value).toBeCloseTo(4, 1)
  })

  it('that are too large to be squared are not known', async () => {
    const wild = (size: string): Sql =>
      predicted(4000, `kwh, site, CASE WHEN i = 7 THEN ${size} ELSE real_kwh END AS real_kwh`)
    const expected = await calibrateLoss(warehouse, { relation: wild(`'NaN'::DOUBLE`), ...shape })
    const calibration = await calibrateLoss(warehouse, { relation: wild('1e200'), ...shape })
    expect(calibration).toEqual(expected)
    const [estimate] = await estimatePerformance({ warehouse, calibration, relation: wild('-1e308') })
    expect(estimate?.assumption).toMatchObject({ verdict: 'holds' })
    expect(estimate?.metrics[0]?.realised).toBeCloseTo(expected.performance.mae, 5)
  })

  it('do not depend on texts that are too long to be a category, which no calibration keeps', async () => {
    const site = `CASE WHEN i % 10 = 0 THEN repeat('x', 5000) || i ELSE site END AS site`
    const calibration = await calibrateLoss(warehouse, {
      relation: predicted(2000, `kwh, ${site}, real_kwh`),
      ...shape,
    })
    expect(calibration.features[1]).toMatchObject({ values: ['north', 'south'], complete: false })
    const [estimate] = await estimatePerformance({ warehouse, calibration, relation: predicted(200, `kwh, ${site}`) })
    expect(estimate).toMatchObject({ status: 'estimated', rows: 200 })
  })

  it('where the reference has none', async () => {
    const relation = predicted(1000, 'kwh, site, kwh AS real_kwh')
    const calibration = await calibrateLoss(warehouse, { relation, ...shape })
    const [same] = await estimatePerformance({ warehouse, calibration, relation })
    expect(same?.assumption).toMatchObject({ verdict: 'holds', p: 1, gap: 0 })
    const [estimate] = await estimatePerformance({ warehouse, calibration, relation: predicted(500, '*') })
    expect(estimate?.assumption).toMatchObject({ verdict: 'broken', p: 0, gap: null })
    expect(estimate?.assumption.sentence).not.toMatch(/Infinity|NaN/)
  })
})
