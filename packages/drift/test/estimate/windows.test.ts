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

it('windows need a time', async () => {
  const calibration = await calibrateClassifier(warehouse, { relation: scored(2000, 'p, y'), score: 'p', label: 'y' })
  const relation = scored(200, `p, CAST('2026-01-01' AS TIMESTAMP) + to_hours(CAST(i AS INTEGER)) AS ts`)
  const windows = [1, 2].map((day) => ({
    from: new Date(Date.UTC(2026, 0, day)),
    to: new Date(Date.UTC(2026, 0, day + 1)),
  }))
  for (const time of [{}, { time: 'when' }])
    await expect(estimatePerformance({ warehouse, calibration, relation, windows, ...time })).rejects.toMatchObject({
      code: 'TIME_COLUMN_MISSING',
    })
})
