import { z } from 'zod'
import {
  dimension,
  entity,
  fact,
  featureService,
  featureView,
  type EntityKeyOf,
  type VectorOf,
} from '@martlet/feature-store'
import { sure, type Equal } from './equal.ts'

const customer = entity('customer', { customer_id: z.string() })
const area = entity('area', { region: z.string() })
const cell = entity('cell', { region: z.string(), no: z.int() })
const customers = dimension('mart.customers', {
  columns: { customer_id: z.string(), region: z.enum(['n', 's']), no: z.int(), since: z.date() },
  entity: customer,
  validFrom: 'since',
})
const readings = fact('mart.weather', {
  columns: { region: z.string(), no: z.int(), ts: z.date(), temp: z.number() },
  entities: [area, cell],
  eventTime: 'ts',
})
const profile = featureView('profile', {
  of: customer,
  from: customers,
  every: '1d',
  features: (f) => ({ region: f.attribute('region'), no: f.attribute('no') }),
})
const weather = featureView('weather', {
  of: area,
  from: readings,
  every: '1d',
  features: (f) => ({ temp: f.mean('temp').over('1d').default(15) }),
})
const cells = featureView('cells', {
  of: cell,
  from: readings,
  every: '1d',
  features: (f) => ({ n: f.count().over('1d') }),
})
const service = featureService('s', [
  weather.via(profile, 'region'),
  cells.via(profile.as('payer', { customer_id: 'payer_id' }), { region: 'region', no: 'no' }).as('payer_cell'),
])
sure<Equal<VectorOf<typeof service>, { readonly weather__temp_1d: number; readonly payer_cell__n_1d: number }>>()
sure<Equal<EntityKeyOf<typeof service>, { readonly customer_id: string; readonly payer_id: string }>>()
