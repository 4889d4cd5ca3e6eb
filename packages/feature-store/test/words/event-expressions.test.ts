import fc from 'fast-check'
import { z } from 'zod'
import { caseWhen, entity, fact, featureView } from '../../src/index.ts'
import { expectWord } from './expect-word.ts'

const HOUR = 3_600_000_000
const DAY = 24 * HOUR
const START = Date.UTC(2024, 2, 25) * 1000
const TABLE = 'mart.word_sales'

const meter = entity('meter', { meter: z.string() })
const columns = {
  meter: z.string(),
  ts: z.date(),
  arrived: z.date(),
  quantity: z.int(),
  price: z.number().nullable(),
  channel: z.enum(['web', 'shop']).nullable(),
}
const source = { columns, entities: [meter], eventTime: 'ts' } as const
const sales = fact(TABLE, source)
const lateSales = fact(TABLE, { ...source, knownAt: 'arrived' })

const price = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -40, max: 40 }).map((i) => i / 8) },
  { weight: 1, arbitrary: fc.constantFrom(null, 1e200, -1e200, 1.5e308, Number.NaN) },
)
const sale = fc
  .record({
    meter: fc.constantFrom('a', 'b'),
    ts: fc.integer({ min: 0, max: 10 * 24 }).map((i) => START + i * HOUR),
    late: fc.constantFrom(0, 0, HOUR, 30 * HOUR, null),
    quantity: fc.integer({ min: -3, max: 9 }),
    price,
    channel: fc.constantFrom('web', 'shop', null),
  })
  .map(({ late, ...row }) => ({ ...row, arrived: late === null ? null : row.ts + late }))

expectWord('expressions of events', {
  tables: {
    [TABLE]: {
      meter: 'text',
      ts: 'timestamp',
      arrived: 'timestamp',
      quantity: 'bigint',
      price: 'double',
      channel: 'text',
    },
  },
  meters: ['meter'],
  marts: fc.record({ [TABLE]: fc.array(sale, { minLength: 1, maxLength: 24 }) }),
  views: fc
    .record({
      length: fc.constantFrom('1d', '3d', '6h'),
      zone: fc.constantFrom('UTC', 'Europe/Zurich'),
      late: fc.boolean(),
    })
    .map(({ length, zone, late }) =>
      featureView('word', {
        of: meter,
        from: (late ? lateSales : sales)
          .with((r) => ({ revenue: r.quantity.mul(r.price), large: r.quantity.gt(4) }))
          .with((r) => ({ squared: r.revenue.mul(r.revenue), net: r.revenue.sub(1).coalesce(0) })),
        every: '1d',
        zone,
        delay: '6h',
        features: (f) => ({
          revenue: f.sum('revenue').over(length),
          inline: f.mean((r) => r.quantity.mul(r.price)).over(length),
          units: f.sum((r) => r.quantity.mul(r.quantity)).over(length),
          squared: f.max('squared').over(length),
          net: f
            .sum('net')
            .where((r) => r.revenue.gt(0).or(r.large))
            .over(length),
          recent: f.sum('net').overLast(3),
          moved: f.correlation('revenue', (r) => r.quantity.mul(2)).over('3d'),
          kind: f.last((r) => caseWhen(r.large, 'bulk').otherwise(r.channel)),
          kinds: f.distinct((r) => caseWhen(r.large, 'bulk').otherwise(r.channel)).over(length),
          share: f
            .ratio(
              f.sum('quantity').where((r) => r.large),
              f.sum((r) => r.quantity.abs()),
            )
            .over(length),
          silent: f.age().where((r) => r.revenue.lt(0)),
        }),
      }),
    ),
  range: { from: START + 3 * DAY, to: START + 10 * DAY },
})
