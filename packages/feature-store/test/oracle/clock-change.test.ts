import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { buildTrainingSet, entity, fact, featureService, featureView } from '../../src/index.ts'

test('a window of a day is 24 hours, not the local day, where clocks change', async () => {
  await using warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE SCHEMA m`)
  // A row at every full hour that a clock in New York shows, once; spring goes forward on March 8, autumn back on
  // November 1.
  await warehouse.run(sql`CREATE TABLE m.t AS
    SELECT 'spring' AS k, TIMESTAMP '2026-03-05' + to_hours(CAST(i AS INTEGER)) AS ts FROM range(192) r(i)
    UNION ALL SELECT 'autumn', TIMESTAMP '2026-10-29' + to_hours(CAST(i AS INTEGER)) FROM range(144) r(i)`)
  const clock = entity('clock', { k: z.string() })
  const shown = fact('m.t', {
    columns: { k: z.string(), ts: z.date() },
    entities: [clock],
    eventTime: 'ts',
    zone: 'America/New_York',
  })
  const view = featureView('hours', {
    of: clock,
    from: shown,
    every: '1d',
    zone: 'America/New_York',
    features: (f) => ({ n: f.count().over('1d') }),
  })
  const set = await buildTrainingSet({
    warehouse,
    service: featureService('s', [view]),
    time: 'p',
    spine: {
      query: sql`
        SELECT *
        FROM (VALUES ('spring', TIMESTAMP '2026-03-08 12:00'), ('spring', TIMESTAMP '2026-03-09 12:00'), ('autumn',
          TIMESTAMP '2026-11-01 12:00'), ('autumn', TIMESTAMP '2026-11-02 12:00')) AS t(k, p)
      `,
    },
  })
  // Whole days first. The 24 hours before March 9 begin on March 7 at 23:00; those before November 2 on November 1 at
  // 01:00.
  expect(rowsOf(await set.read()).map((row) => row.hours__n_1d)).toEqual([24, 25, 24, 23])
})
