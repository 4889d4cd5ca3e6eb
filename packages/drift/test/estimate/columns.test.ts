import { openDuckDb, sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { calibrateClassifier, calibrateLoss, estimatePerformance } from '../../src/index.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb({ threads: 1 })
})
afterAll(() => warehouse.close())

/** Scores in even steps that come true as often as they say; `columns` may use i, p and y (1 or 0). */
const scored = (rows: number, columns: string): Sql => sql`
  SELECT ${sql.raw(columns)}
  FROM (
    SELECT i, (i * 7919) % 1000 / 1000.0 AS p,
      CASE WHEN (i * 104729) % 1009 / 1009.0 < (i * 7919) % 1000 / 1000.0 THEN 1 ELSE 0 END AS y
    FROM range(${rows}) AS numbers(i)
  )`

/** Predictions with errors that are larger in the south. */
const predicted = (rows: number, columns: string): Sql => sql`
  SELECT ${sql.raw(columns)}
  FROM (
    SELECT i, 10 AS kwh, CASE WHEN i % 2 = 0 THEN 'north' ELSE 'south' END AS site,
      10 + CASE WHEN i % 2 = 0 THEN 1 ELSE 4 END * CASE WHEN i % 4 < 2 THEN 1 ELSE -1 END AS real_kwh
    FROM range(${rows}) AS numbers(i)
  )`
const shape = { prediction: 'kwh', label: 'real_kwh', features: ['site'] }

describe('columns of another type than in the reference', () => {
  it('leave a window without an estimate, and are named', async () => {
    const classifier = await calibrateClassifier(warehouse, { relation: scored(2000, 'p, y'), score: 'p', label: 'y' })
    const [one] = await estimatePerformance({
      warehouse,
      calibration: classifier,
      relation: scored(100, `'high' AS p`),
    })
    expect(one).toMatchObject({ status: 'unknown', reasons: [expect.stringContaining('p is text')] })
    const loss = await calibrateLoss(warehouse, { relation: predicted(2000, '*'), ...shape })
    const numbered = predicted(100, 'kwh, i AS site')
    const [other] = await estimatePerformance({ warehouse, calibration: loss, relation: numbered })
    expect(other).toMatchObject({ status: 'unknown', reasons: [expect.stringContaining('site is bigint')] })
    const [labels] = await estimatePerformance({
      warehouse,
      calibration: loss,
      relation: predicted(100, `kwh, site, 'ten' AS real_kwh`),
    })
    expect(labels).toMatchObject({ status: 'estimated', assumption: { verdict: 'untested' } })
  })
})

it.each([
  ['prediction', `'10' AS kwh, site, real_kwh`],
  ['label', `kwh, site, 'ten' AS real_kwh`],
])('errors of a regression need a %s that is a number', async (_, columns) => {
  const relation = predicted(1000, columns)
  await expect(calibrateLoss(warehouse, { relation, ...shape })).rejects.toMatchObject({ code: 'CALIBRATION_INVALID' })
})

it('columns may be called like our own', async () => {
  const relation = scored(2000, `p AS s, y AS p, i % 7 AS w, i % 5 AS e, 1 AS b, 'x' AS k`)
  const plain = await calibrateClassifier(warehouse, { relation: scored(2000, 'p, y'), score: 'p', label: 'y' })
  const own = await calibrateClassifier(warehouse, { relation, score: 's', label: 'p' })
  expect(own.performance).toEqual(plain.performance)
  const losses = await calibrateLoss(warehouse, { relation: predicted(2000, '*'), ...shape })
  const named = await calibrateLoss(warehouse, {
    relation: predicted(2000, 'kwh AS x1, site AS x0, real_kwh AS y, 1 AS w, 2 AS p, 3 AS e, 4 AS h, 5 AS t'),
    prediction: 'x1',
    label: 'y',
    features: ['x0'],
  })
  expect(named.performance).toEqual(losses.performance)
  expect(named.absolute).toEqual(losses.absolute)
})
