import fc from 'fast-check'
import { z } from 'zod'
import { dimension, entity, fact, featureView } from '../../src/index.ts'
import { expectWord } from './expect-word.ts'

const HOUR = 3_600_000_000
const DAY = 24 * HOUR
const START = Date.UTC(2024, 2, 25) * 1000
const FACT = 'mart.word_telemetry'
const VEHICLES = 'mart.word_vehicles'
const ROUTES = 'mart.word_routes'

const depot = entity('depot', { meter: z.string() })
const vehicle = entity('vehicle', { vehicle_id: z.string() })
const route = entity('route', { region: z.string(), route_no: z.int() })
const columns = {
  vehicle_id: z.string(),
  ts: z.date(),
  arrived: z.date().nullable(),
  route_no: z.int().nullable(),
  km: z.number().nullable(),
}
const source = { columns, entities: [vehicle], eventTime: 'ts' } as const
const telemetry = fact(FACT, source)
const lateTelemetry = fact(FACT, { ...source, knownAt: 'arrived' })

const vehicleColumns = {
  car: z.string(),
  home: z.string().nullable(),
  region: z.string().nullable(),
  price: z.number().nullable(),
  class: z.enum(['van', 'truck']).nullable(),
  valid_from: z.date().nullable(),
  valid_to: z.date().nullable(),
}
const owned = { columns: vehicleColumns, entity: vehicle.from({ vehicle_id: 'car' }) } as const
const vehicles = {
  history: dimension(VEHICLES, { ...owned, validFrom: 'valid_from', validTo: 'valid_to' }),
  open: dimension(VEHICLES, { ...owned, validFrom: 'valid_from' }),
  now: dimension(VEHICLES, owned),
}
const routes = dimension(ROUTES, {
  columns: { region: z.string(), route_no: z.int(), toll: z.int().nullable(), since: z.date().nullable() },
  entity: route,
  validFrom: 'since',
})

const pick = <const V>(...values: readonly V[]): fc.Arbitrary<V> => fc.constantFrom(...values)
// Half days, so that events often lie exactly where a row begins or ends.
const time = fc.oneof(
  fc.integer({ min: 0, max: 18 }).map((i) => START + i * (DAY / 2)),
  fc.integer({ min: 0, max: 9 * 24 }).map((i) => START + i * HOUR + 1),
)
const car = pick('v1', 'v2', 'v3')
const event = fc
  .record({
    vehicle_id: fc.option(car, { freq: 12 }),
    ts: time,
    late: pick(0, 0, HOUR, 30 * HOUR, null),
    route_no: pick(1, 2, null),
    km: fc.option(
      fc.integer({ min: -40, max: 80 }).map((i) => i / 8),
      { freq: 8 },
    ),
  })
  .map(({ late, ...row }) => ({ ...row, arrived: late === null ? null : row.ts + late }))
const held = fc.record({
  car: fc.option(car, { freq: 12 }),
  home: pick('a', 'b', null),
  region: pick('north', 'south', null),
  price: pick(1, 2.5, 4, null),
  class: pick('van', 'truck', null),
  valid_from: fc.oneof({ weight: 6, arbitrary: time }, { weight: 1, arbitrary: pick(START - 90 * DAY, null) }),
  valid_to: fc.option(time, { freq: 2 }),
})
const toll = fc.record({
  region: pick('north', 'south'),
  route_no: pick(1, 2),
  toll: pick(0, 3, 7, null),
  since: fc.option(time, { freq: 9 }),
})

expectWord('columns of dimensions as of the event', {
  tables: {
    [FACT]: { vehicle_id: 'text', ts: 'timestamp', arrived: 'timestamp', route_no: 'bigint', km: 'double' },
    [VEHICLES]: {
      car: 'text',
      home: 'text',
      region: 'text',
      price: 'double',
      class: 'text',
      valid_from: 'timestamp',
      valid_to: 'timestamp',
    },
    [ROUTES]: { region: 'text', route_no: 'bigint', toll: 'bigint', since: 'timestamp' },
  },
  meters: ['vehicle_id', 'car', 'home', 'region'],
  marts: fc.record({
    [FACT]: fc.array(event, { minLength: 1, maxLength: 20 }),
    [VEHICLES]: fc.array(held, { maxLength: 9 }),
    [ROUTES]: fc.array(toll, { maxLength: 6 }),
  }),
  views: fc
    .record({
      length: pick('1d', '3d', '6h'),
      zone: pick('UTC', 'Europe/Zurich'),
      history: pick('history', 'history', 'open', 'now'),
      late: fc.boolean(),
      every: pick('1d', '12h'),
    })
    .map(({ length, zone, history, late, every }) => {
      const joined = (late ? lateTelemetry : telemetry)
        .with((r) => ({ far: r.km.gt(5) }))
        .with(vehicles[history], {
          on: { vehicle_id: 'car' },
          columns: ['home', 'region', 'price', 'class'],
          entities: [depot.from({ meter: 'home' })],
          withoutHistory: 'allow',
        })
        .with((r) => ({ cost: r.km.mul(r.price) }))
        .with(routes, { on: { region: 'region', route_no: 'route_no' }, as: 'road', columns: ['toll'] })
        .with((r) => ({ fee: r.road_toll.add(1) }))
      return featureView('word', {
        of: depot,
        from: joined,
        every,
        zone,
        delay: '6h',
        features: (f) => ({
          n: f.count().over(length),
          km: f.sum('km').lifetime(),
          cost: f.sum('cost').over(length),
          inline: f.mean((r) => r.price.mul(2)).over('3d'),
          vans: f
            .count()
            .where((r) => r.class.eq('van').and(r.far.or(r.km.isNull())))
            .over(length),
          split: f.sum('km').by('class').over('3d'),
          cars: f.distinct('vehicle_id').over('3d'),
          often: f.mostFrequent('class').over(length),
          last: f.last('region'),
          fee: f.max('fee').over(length),
          tolls: f.sum('road_toll').overLast(3),
          middle: f.median('price').overDays(2),
          silent: f.age().where((r) => r.class.eq('truck')),
        }),
      })
    }),
  together: 40,
  range: { from: START + 3 * DAY, to: START + 10 * DAY },
})
