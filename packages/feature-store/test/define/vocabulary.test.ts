import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { caseWhen, decimal, dimension, entity, fact, featureView, materialize } from '@martlet/feature-store'
import { openDuckDb, rowsOf } from '@martlet/warehouse'
import { openCatalog } from '../../src/catalog/catalog.ts'

const shop = entity('shop', { shop_id: z.int() })
const sales = fact('mart.sales', {
  columns: {
    shop_id: z.int(),
    sold_at: z.date(),
    amount: decimal(9, 2),
    items: z.int(),
    weight: z.number(),
    channel: z.enum(['web', 'desk']),
    note: z.string().nullable(),
    gift: z.boolean(),
    due: z.iso.date(),
  },
  entities: [shop],
  eventTime: 'sold_at',
})
const shops = dimension('mart.shops', {
  columns: { shop_id: z.int(), tier: z.enum(['a', 'b']), since: z.date() },
  entity: shop,
  validFrom: 'since',
})

/** One feature of every kind and every type; two days of sales below, computed by hand for T = 2024-01-03. */
const view = featureView('shop_sales', {
  of: shop,
  from: sales,
  every: '1d',
  features: (f) => ({
    n: f.count().over('1d', '2d'),
    amount: f.sum('amount').over('2d'),
    items: f.sum('items').over('1d').shift('1d'),
    weight: f
      .sum('weight')
      .where((r) => r.channel.eq('web').and(r.gift.not()))
      .over('2d'),
    mean: f.mean('items').overLast(2),
    low: f.min('weight').lifetime(),
    newest: f.max('sold_at').lifetime(),
    top_channel: f.max('channel').over('2d'),
    spread: f.stddev('items').over('2d'),
    variance: f.variance('items').over('2d'),
    first: f.first('channel'),
    note: f.last('note'),
    due: f.last('due'),
    gift: f.last('gift').over('1d'),
    channels: f.distinct('channel').over('2d'),
    unit: f.ratio(f.sum('weight'), f.sum('items')).over('2d'),
    none: f
      .mean('items')
      .where((r) => r.due.gt('2030-01-01'))
      .over('1d'),
    trend: f.slope('items').over('2d'),
    idle: f.age(),
    dow: f.calendar('dayOfWeek'),
    weekend: f.calendar('isWeekend'),
    tier: f.attribute(shops, 'tier'),
  }),
  derive: (v) => ({
    share: v.n_1d.div(v.n_2d),
    more: v.n_1d.add(v.n_2d),
    safe: v.none_1d.coalesce(-1),
    size: caseWhen(v.n_2d.gt(2), 'large').otherwise('small'),
    recent: v.newest.gt(new Date('2024-01-02T12:00:00Z')),
    most: v.items_1d.greatest(v.n_2d),
    odd: caseWhen(v.tier.oneOf('b'), v.mean_last2).otherwise(null),
  }),
})

describe('a definition with one feature of every kind', () => {
  test('runs, gives the values computed by hand, and stores them in the types of its plan', async () => {
    await using warehouse = await openDuckDb({ path: ':memory:' })
    await using catalog = await openCatalog({ path: ':memory:' })
    await warehouse.run(sql`CREATE SCHEMA mart`)
    await warehouse.run(sql`CREATE TABLE mart.shops AS SELECT 7::BIGINT AS shop_id, 'a' AS tier, TIMESTAMP '2023-01-01' AS since
      UNION ALL SELECT 7, 'b', TIMESTAMP '2024-01-02 12:00:00'`)
    await warehouse.run(sql`CREATE TABLE mart.sales (shop_id BIGINT, sold_at TIMESTAMP, amount DECIMAL(9, 2),
      items BIGINT, weight DOUBLE, channel VARCHAR,
      note VARCHAR, gift BOOLEAN, due DATE)`)
    await warehouse.run(sql`INSERT INTO mart.sales VALUES
      (7, '2024-01-01 00:00:00', 10.10, 2, 1.5, 'desk', 'x', FALSE, '2024-02-01'),
      (7, '2024-01-01 12:00:00', 0.20, 4, 0.5, 'web', NULL, FALSE, '2024-02-02'),
      (7, '2024-01-02 18:00:00', 5.00, 6, 4.0, 'web', NULL, TRUE, '2024-02-03'),
      (7, '2024-01-03 00:00:00', 99.00, 99, 99.0, 'desk', 'late', FALSE, '2024-02-04')`)
    await materialize({ warehouse, catalog, views: [view], now: '2024-01-03T00:00:00Z', quality: false })
    const [row] = rowsOf(
      await warehouse.read(
        sql`SELECT * EXCLUDE (run_id) FROM features.shop_sales WHERE feature_time = TIMESTAMP '2024-01-03'`,
      ),
    )
    expect(row).toEqual({
      shop_id: 7,
      feature_time: new Date('2024-01-03'),
      n_1d: 1,
      n_2d: 3,
      amount_2d: 15.3,
      items_1d: 6,
      weight_2d: 0.5,
      mean_last2: 5,
      low: 0.5,
      newest: new Date('2024-01-02T18:00:00Z'),
      top_channel_2d: 'web',
      spread_2d: 2,
      variance_2d: 4,
      first: 'desk',
      note: 'x',
      due: expect.anything(),
      gift_1d: true,
      channels_2d: 2,
      unit_2d: 0.5,
      none_1d: null,
      trend_2d: expect.closeTo(3.5 / 1.625, 12),
      idle: 0.25,
      dow: 3,
      weekend: false,
      tier: 'b',
      share: expect.closeTo(1 / 3, 15),
      more: 4,
      safe: -1,
      size: 'large',
      recent: true,
      most: 6,
      odd: 5,
    })
    const stored = new Map((await warehouse.introspect('features.shop_sales'))?.map(({ name, type }) => [name, type]))
    for (const { name, type } of view.plan.features) expect([name, stored.get(name)]).toEqual([name, type])
  })
})
