import { openDuckDb, sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
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

it('a row without the score of one class has no prediction, whichever class it is', async () => {
  const columns = (a: string, b: string): string =>
    `${a} AS a, ${b} AS b, CASE WHEN y = 1 THEN 'a' ELSE 'b' END AS label`
  const score = { a: 'a', b: 'b' }
  const missing = await calibrateClassifier(warehouse, {
    relation: scored(2000, columns('CASE WHEN i % 4 > 0 THEN p END', '1 - p')),
    score,
    label: 'label',
  })
  const other = await calibrateClassifier(warehouse, {
    relation: scored(2000, columns('p', `CASE WHEN i % 4 > 0 THEN 1 - p ELSE 'NaN' END`)),
    score,
    label: 'label',
  })
  const left = await calibrateClassifier(warehouse, {
    relation: sql`SELECT a, b, label FROM (${scored(2000, `i, ${columns('p', '1 - p')}`)}) WHERE i % 4 > 0`,
    score,
    label: 'label',
  })
  for (const one of [missing, other]) {
    expect(one.rows).toBe(1500)
    expect(one.performance.accuracy).toBe(left.performance.accuracy)
    expect(one.performance.logLoss).toBe(left.performance.logLoss)
  }
})

it('rows within the first millisecond of the reference are counted', async () => {
  const relation = scored(2000, `p, y, CAST('2026-01-01 00:00:00.0005' AS TIMESTAMP) + to_microseconds(i * 250) AS ts`)
  const calibration = await calibrateClassifier(warehouse, { relation, score: 'p', label: 'y', time: 'ts' })
  expect(calibration).toMatchObject({ rows: 2000, unsteady: { blocks: 10 } })
})

it('scores between those of the reference and the threshold are outside of the reference', async () => {
  const low = scored(2000, 'p * 0.4 AS p, CASE WHEN (i * 104729) % 1009 / 1009.0 < p * 0.4 THEN 1 ELSE 0 END AS y')
  const calibration = await calibrateClassifier(warehouse, { relation: low, score: 'p', label: 'y' })
  const [estimate] = await estimatePerformance({ warehouse, calibration, relation: scored(500, '0.45 AS p') })
  expect(estimate?.status).toBe('doubtful')
  expect(estimate?.reasons).toEqual([expect.stringMatching(/^100(\.0)? % of the rows have a score below/)])
})

it('labels that the reference says are impossible break the assumption', async () => {
  const relation = scored(2000, 'p, CASE WHEN p >= 0.5 THEN 1 ELSE 0 END AS y')
  const calibration = await calibrateClassifier(warehouse, { relation, score: 'p', label: 'y' })
  const [same] = await estimatePerformance({ warehouse, calibration, relation })
  expect(same?.assumption).toMatchObject({ verdict: 'holds', p: 1 })
  const flipped = scored(500, 'p, CASE WHEN p >= 0.5 THEN 0 ELSE 1 END AS y')
  const [estimate] = await estimatePerformance({ warehouse, calibration, relation: flipped })
  expect(estimate?.assumption).toMatchObject({ verdict: 'broken', rows: 500 })
  expect(estimate?.assumption.p).toBeLessThan(1e-6)
})
