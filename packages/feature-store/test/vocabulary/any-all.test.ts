import { expect, test } from 'vitest'
import { z } from 'zod'
import { entity, fact, featureService, featureView } from '../../src/index.ts'
import * as store from '../../src/index.ts'
import { featureText } from '../../src/vocabulary/words.ts'
import { endToEnd } from '../house/end-to-end.ts'

const customer = entity('customer', { customer_id: z.string() })
const readings = fact('mart.readings', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number(), cost: z.number() },
  entities: [customer],
  eventTime: 'ts',
})

test('any is true of one row, all of every row: from facts, materialized and online', async () => {
  const view = featureView('usage', {
    of: customer,
    from: readings,
    every: '1d',
    features: (f) => ({
      high: f.any((r) => r.kwh.gt(70)).over('1d', '3d'),
      low: f.all((r) => r.kwh.lt(60)).over('1d'),
      late: f
        .all((r) => r.kwh.gt(50))
        .where((r) => r.cost.ge(60 * 60))
        .over('7d'),
      newest: f.all((r) => r.kwh.gt(69)).overLast(3),
      odd: f
        .any((r) => r.kwh.gt(1))
        .where((r) => r.cost.lt(0))
        .lifetime(),
      none: f
        .all((r) => r.kwh.gt(1))
        .where((r) => r.cost.lt(0))
        .lifetime(),
    }),
  })
  const answers = await endToEnd(store, featureService('all', [view]))
  // The last day has kwh 48 to 71 of Anna and 29 to 52 of Ben; the rows from 60² on 60 to 71, and 29 to 40.
  const expected = {
    high_1d: { anna: true, ben: false },
    high_3d: { anna: true, ben: true },
    low_1d: { anna: false, ben: true },
    late_7d: { anna: true, ben: false },
    newest_last3: { anna: false, ben: false },
    odd: { anna: false, ben: false },
    none: { anna: null, ben: null },
  }
  expect(answers).toEqual({ facts: expected, materialized: expected, online: expected })
  expect(view.plan.features.map(featureText)).toEqual([
    'any((kwh > 70)) over 1d',
    'any((kwh > 70)) over 3d',
    'all((kwh < 60)) over 1d',
    'all((kwh > 50) where (cost >= 3600)) over 7d',
    'all((kwh > 69)) over the last 3 rows',
    'any((kwh > 1) where (cost < 0)) over its lifetime',
    'all((kwh > 1) where (cost < 0)) over its lifetime',
  ])
})
