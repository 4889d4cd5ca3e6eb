import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { describe, expect, test } from 'vitest'
import { hasData } from '../../real/shared-data.ts'
import { loadTrips } from '../../real/taxi.ts'
import { trials } from '../../real/trials.ts'

describe.for(trials)('$data', ({ data, run }) => {
  test.skipIf(!hasData(data))('a model of a slice beats its baseline on later rows', async () => {
    await using warehouse = await openDuckDb({ memoryLimit: '2GB' })
    await warehouse.run(sql`CREATE SCHEMA mart`)
    const verdicts = await run(warehouse, true)
    expect(verdicts.length).toBeGreaterThan(0)
    for (const { question, metric, model, baseline, testRows } of verdicts) {
      expect(testRows, question).toBeGreaterThan(100)
      // The higher the better, or the lower.
      if (metric === 'AUC') expect(model, question).toBeGreaterThan(baseline + 0.03)
      else expect(model, question).toBeLessThan(baseline * 0.99)
    }
  })
})

test.skipIf(!hasData('nyc_green_taxi'))(
  'the trips are those of the published yardstick: the mean of the pair gives its error',
  async () => {
    await using warehouse = await openDuckDb()
    await warehouse.run(sql`CREATE SCHEMA mart`)
    await loadTrips(warehouse)
    const [row] = rowsOf<{ readonly january: number; readonly february: number; readonly rmse: number }>(
      await warehouse.read(sql`
        WITH learnt AS (SELECT pu, "do", AVG(minutes) AS mean FROM mart.asked WHERE month = '2021-01' GROUP BY pu, "do")
        SELECT (SELECT COUNT(*) FROM mart.asked WHERE month = '2021-01') AS january, COUNT(*) AS february,
          sqrt(AVG((minutes - coalesce(mean, (SELECT AVG(minutes) FROM mart.asked WHERE month = '2021-01'))) ** 2)) AS rmse
        FROM mart.asked LEFT JOIN learnt USING (pu, "do") WHERE month = '2021-02'`),
    )
    expect(row).toMatchObject({ january: 73_908, february: 61_921 })
    expect(row?.rmse).toBeCloseTo(8.5143, 4)
  },
)
