import { z } from 'zod'
import {
  entity,
  fact,
  featureService,
  featureView,
  onDemand,
  request,
  type EntityKeyOf,
  type RequestOf,
  type VectorOf,
} from '@martlet/feature-store'
import { sure, type Equal } from './equal.ts'

const location = entity('location', { region: z.string(), location_id: z.int() })
const readings = fact('mart.weather', {
  columns: { region: z.string(), location_id: z.int(), ts: z.date(), temp: z.number() },
  entities: [location],
  eventTime: 'ts',
})
const weather = featureView('weather', {
  of: location,
  from: readings,
  every: '1d',
  features: (f) => ({ temp: f.mean('temp').over('1d'), n: f.count().over('1d') }),
})
const origin = weather.as('origin', { location_id: 'origin_id' })
const gap = onDemand('gap', {
  of: [origin.pick('temp_1d')],
  request: request({ km: z.number() }),
  derive: (v, r) => ({ x: v.origin__temp_1d.mul(r.km) }),
})
const trip = featureService('trip', [
  origin.pick('n_1d'),
  weather
    .default({ temp_1d: 0 })
    .as('destination', { location_id: 'destination_id', region: 'to_region' })
    .pick('temp_1d'),
  gap,
])
sure<
  Equal<
    VectorOf<typeof trip>,
    { readonly origin__n_1d: number; readonly destination__temp_1d: number; readonly gap__x: number | null }
  >
>()
sure<
  Equal<
    EntityKeyOf<typeof trip>,
    { readonly region: string; readonly origin_id: number; readonly to_region: string; readonly destination_id: number }
  >
>()
sure<Equal<RequestOf<typeof trip>, { readonly km: number }>>()
