import { z } from 'zod'
import { dimension } from '../../src/define/sources/dimension.ts'
import { entity } from '../../src/define/sources/entity.ts'
import { fact } from '../../src/define/sources/fact.ts'
import { featureService } from '../../src/define/feature-service.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { label } from '../../src/define/label.ts'

export const customer = entity('customer', { customer_id: z.string() })
export const usage = fact('mart.fact_usage', {
  columns: {
    customer_id: z.string(),
    ts: z.date(),
    kwh: z.number().nonnegative(),
    tariff: z.enum(['day', 'night']),
    cost: z.number(),
  },
  entities: [customer],
  eventTime: 'ts',
})
export const customers = dimension('mart.dim_customer', {
  columns: { customer_id: z.string(), segment: z.string(), valid_from: z.date(), valid_to: z.date().nullable() },
  entity: customer,
  validFrom: 'valid_from',
  validTo: 'valid_to',
})

export const usageView = featureView('customer_usage', {
  of: customer,
  from: usage,
  every: '1d',
  delay: '6h',
  description: 'How much a customer uses',
  owner: 'energy',
  tags: ['demo'],
  features: (f) => ({
    kwh: f
      .sum('kwh')
      .where((row) => row.ts.gt(new Date('2020-01-01')))
      .over('1d', '7d'),
    unit_cost: f.ratio(f.sum('cost'), f.sum('kwh')).over('7d'),
  }),
  derive: (v) => ({ momentum: v.kwh_1d.div(v.kwh_7d) }),
})
export const profileView = featureView('customer_profile', {
  of: customer,
  from: customers,
  every: '1d',
  features: (f) => ({ segment: f.attribute('segment') }),
})
export const service = featureService('next_day', [usageView, profileView])
export const tomorrow = label('kwh_tomorrow', { of: customer, from: usage, value: (f) => f.sum('kwh').ahead('1d') })

export const definitions = [usageView, profileView, service, tomorrow]
