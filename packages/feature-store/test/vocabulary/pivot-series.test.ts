import { expect, test } from 'vitest'
import { z } from 'zod'
import { entity, event, fact, featureService, featureView } from '../../src/index.ts'
import * as store from '../../src/index.ts'
import { featureText } from '../../src/vocabulary/words.ts'
import { endToEnd } from '../house/end-to-end.ts'

const customer = entity('customer', { customer_id: z.string() })
const readings = fact('mart.readings', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number(), cost: z.number() },
  entities: [customer],
  eventTime: 'ts',
})
const sales = fact('sales', {
  columns: { customer_id: z.string(), ts: z.date(), amount: z.number(), channel: z.enum(['web', 'shop']).nullable() },
  entities: [customer],
  eventTime: 'ts',
})
const base = { of: customer, every: '1d' } as const

test('a pivot is one feature for each value, and one for the rest', async () => {
  const view = featureView('usage', {
    ...base,
    from: readings,
    features: (f) => ({
      kwh: f
        .sum('kwh')
        .where((r) => r.kwh.ge(50))
        .by('cost', { low: 2500, high: 3600 }, { rest: true })
        .over('1d'),
      newest: f.last('kwh').by('kwh', { fifty: 50, none: -1 }).lifetime(),
    }),
  })
  const answers = await endToEnd(store, featureService('all', [view]))
  // Both have 50 kWh at 50²; 60² is 60 kWh of Anna's, and 40 of Ben's.
  const expected = {
    kwh_low_1d: { anna: 50, ben: 50 },
    kwh_high_1d: { anna: 60, ben: 0 },
    kwh_rest_1d: { anna: 1221, ben: 51 + 52 },
    newest_fifty: { anna: 50, ben: 50 },
    newest_none: { anna: null, ben: null },
  }
  expect(answers).toEqual({ facts: expected, materialized: expected, online: expected })
})

test('a pivot over an enum has all its members, and is the same as conditions written out', () => {
  const pivot = featureView('v', {
    ...base,
    from: sales,
    features: (f) => ({ spend: f.sum('amount').by('channel').over('1d', '7d') }),
  })
  const written = featureView('v', {
    ...base,
    from: sales,
    features: (f) => ({
      spend_web: f
        .sum('amount')
        .where((r) => r.channel.eq('web'))
        .over('1d', '7d'),
      spend_shop: f
        .sum('amount')
        .where((r) => r.channel.eq('shop'))
        .over('1d', '7d'),
    }),
  })
  expect(pivot.picked).toEqual(['spend_web_1d', 'spend_web_7d', 'spend_shop_1d', 'spend_shop_7d'])
  expect(pivot.plan.hash).toBe(written.plan.hash)
  const rest = featureView('v', {
    ...base,
    from: sales,
    features: (f) => ({ n: f.count().by('channel', ['web'], { rest: true }).over('1d') }),
  })
  expect(rest.plan.features.map(featureText)).toEqual([
    'count(* where (channel = "web")) over 1d',
    'count(* where (isNull(channel) or not(channel in ["web"]))) over 1d',
  ])
})

test('a pivot has the windows that an aggregate has, and is the same as conditions written out', () => {
  const web = event('web', sales, { where: (r) => r.channel.eq('web') })
  const pivot = featureView('v', {
    ...base,
    from: sales,
    features: (f) => ({
      spend: f.sum('amount').by('channel', ['shop']).overDays(1, 7),
      ago: f.sum('amount').by('channel', ['shop']).overWeeks(2).shift(1),
      months: f.sum('amount').by('channel', ['shop']).overMonths(1),
      so: f.sum('amount').by('channel', ['shop']).toDate('month'),
      was: f.sum('amount').by('channel', ['shop']).previous('week', 'year'),
      mean: f.mean('amount').by('channel', ['shop']).since(web),
      n: f.count().by('channel', ['shop']).since(web, { otherwise: 'lifetime' }),
      near: f.max('amount').by('channel', ['shop']).along('amount', 100, 250),
    }),
    derive: (v) => ({ both: v.spend_shop_7days.add(v.near_shop_100_amount).sub(v.was_shop_previous_year) }),
  })
  const written = featureView('v', {
    ...base,
    from: sales,
    features: (f) => {
      const spend = f.sum('amount').where((r) => r.channel.eq('shop'))
      return {
        spend_shop: spend.overDays(1, 7),
        ago_shop: spend.overWeeks(2).shift(1),
        months_shop: spend.overMonths(1),
        so_shop: spend.toDate('month'),
        was_shop: spend.previous('week', 'year'),
        mean_shop: f
          .mean('amount')
          .where((r) => r.channel.eq('shop'))
          .since(web),
        n_shop: f
          .count()
          .where((r) => r.channel.eq('shop'))
          .since(web, { otherwise: 'lifetime' }),
        near_shop: f
          .max('amount')
          .where((r) => r.channel.eq('shop'))
          .along('amount', 100, 250),
      }
    },
    derive: (v) => ({ both: v.spend_shop_7days.add(v.near_shop_100_amount).sub(v.was_shop_previous_year) }),
  })
  expect(pivot.picked).toEqual(written.picked)
  expect(pivot.picked).toContain('mean_shop_since_web')
  expect(pivot.plan.hash).toBe(written.plan.hash)
})

test('a series is windows one after the other, going back from T or from a shift', async () => {
  const view = featureView('usage', {
    ...base,
    from: readings,
    features: (f) => ({
      kwh: f.sum('kwh').over('2h').series(3),
      before: f.last('kwh').over('1h').shift('1d').series(2),
      some: f.sum('kwh').by('kwh', { low: 69, high: 71 }).over('1h').series(2),
    }),
  })
  const answers = await endToEnd(store, featureService('all', [view]))
  const expected = {
    kwh_2h_1: { anna: 70 + 71, ben: 30 + 29 },
    kwh_2h_2: { anna: 68 + 69, ben: 32 + 31 },
    kwh_2h_3: { anna: 66 + 67, ben: 34 + 33 },
    before_1h_1: { anna: 47, ben: 53 },
    before_1h_2: { anna: 46, ben: 54 },
    some_low_1h_1: { anna: 0, ben: 0 },
    some_low_1h_2: { anna: 0, ben: 0 },
    some_high_1h_1: { anna: 71, ben: 0 },
    some_high_1h_2: { anna: 0, ben: 0 },
  }
  expect(answers).toEqual({ facts: expected, materialized: expected, online: expected })
  expect(view.plan.features.map(({ name }) => name).slice(0, 3)).toEqual(['kwh_2h_1', 'kwh_2h_2', 'kwh_2h_3'])
})
