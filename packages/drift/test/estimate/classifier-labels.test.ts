import { openDuckDb, sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { calibrateClassifier, estimatePerformance } from '../../src/index.ts'

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

describe('labels of a classifier', () => {
  it('that are NaN or infinite are not known', async () => {
    const relation = scored(
      2000,
      `p, CASE WHEN i % 4 = 1 THEN 'NaN'::DOUBLE WHEN i % 4 = 2 THEN 'infinity'::DOUBLE ELSE y END AS label`,
    )
    const calibration = await calibrateClassifier(warehouse, { relation, score: 'p', label: 'label' })
    expect(calibration.rows).toBe(1000)
    const [estimate] = await estimatePerformance({ warehouse, calibration, relation })
    expect(estimate?.assumption).toMatchObject({ verdict: 'holds', rows: 1000 })
  })

  it('are the same as numbers and as booleans', async () => {
    const numbers = scored(2000, 'p, y')
    const booleans = scored(2000, 'p, y = 1 AS y')
    const expected = await calibrateClassifier(warehouse, { relation: numbers, score: 'p', label: 'y' })
    const one = await calibrateClassifier(warehouse, { relation: booleans, score: 'p', label: 'y', positive: 1 })
    expect(one.performance).toEqual(expected.performance)
    const yes = await calibrateClassifier(warehouse, { relation: numbers, score: 'p', label: 'y', positive: true })
    expect(yes.performance).toEqual(expected.performance)
    const [estimate] = await estimatePerformance({ warehouse, calibration: expected, relation: booleans })
    expect(estimate?.assumption).toMatchObject({ verdict: 'holds', rows: 2000 })
  })

  it.each([
    ['a number', 'y', 'late'],
    ['a boolean', 'y = 1', 'late'],
    ['a boolean', 'y = 1', 'TRUE'],
    ['a time', `CAST('2026-01-01' AS TIMESTAMP) + to_days(CAST(y AS INTEGER))`, '1'],
  ])('that are %s (%s) are never %s', async (_, label, positive) => {
    const relation = scored(400, `p, ${label} AS y`)
    await expect(calibrateClassifier(warehouse, { relation, score: 'p', label: 'y', positive })).rejects.toMatchObject({
      code: 'CALIBRATION_INVALID',
      message: expect.stringContaining(`never ${positive}`),
    })
  })

  it('of another kind than in the reference are no test, and no error', async () => {
    const calibration = await calibrateClassifier(warehouse, { relation: scored(2000, 'p, y'), score: 'p', label: 'y' })
    const relation = scored(500, `p, CAST('2026-01-01' AS DATE) AS y`)
    const [estimate] = await estimatePerformance({ warehouse, calibration, relation })
    expect(estimate).toMatchObject({ status: 'estimated', assumption: { verdict: 'untested' } })
  })
})

it.each([
  ['a threshold that is no number', { threshold: Number.NaN }, 'threshold'],
  ['no class', { score: {} }, 'class'],
])('refuses %s', async (_, given, says) => {
  const reference = { relation: scored(400, 'p, y'), score: 'p', label: 'y', ...given }
  await expect(calibrateClassifier(warehouse, reference)).rejects.toMatchObject({
    code: 'CALIBRATION_INVALID',
    message: expect.stringContaining(says),
  })
})
