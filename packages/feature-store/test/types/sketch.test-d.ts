import { z } from 'zod'
import {
  entity,
  fact,
  featureService,
  featureView,
  type AnyFeatureService,
  type EntityKeyOf,
  type VectorOf,
} from '@martlet/feature-store'

declare function getAll<F>(view: { readonly '~features'?: F }): Promise<F>
declare function getOnline<S extends AnyFeatureService>(service: S, key: EntityKeyOf<S>): Promise<VectorOf<S>>

const customer = entity('customer', { customer_id: z.string() })
const vehicle = entity('vehicle', { vehicle_id: z.number() })
const site = entity('site', { site_id: z.number() })

const shipments = fact('mart.tbl_fact_shipments', {
  columns: {
    shipment_id: z.string(),
    customer_id: z.string(),
    vehicle_id: z.number(),
    shipped_at: z.date(),
    tonnes: z.number().nonnegative(),
    priority: z.enum(['std', 'express']).nullable(),
  },
  entities: [customer, vehicle],
  eventTime: 'shipped_at',
})

export const vehicleRolling = featureView('vehicle_rolling', {
  of: vehicle,
  from: shipments,
  every: '1d',
  delay: '6h',
  features: (f) => ({
    tonnes: f.sum('tonnes').over('1d', '7d', '30d'),
    mean: f.mean('tonnes').over('7d'),
    priority: f.last('priority'),
    week_ago: f.sum('tonnes').over('1d').shift('7d'),
    idle_days: f.age(),
  }),
})
export const customerRolling = featureView('customer_rolling', {
  of: customer,
  from: shipments,
  every: '1d',
  features: (f) => ({ orders: f.count().over('30d') }),
})
export const delay = featureService('delivery_delay', [
  vehicleRolling.pick('tonnes_1d', 'tonnes_7d', 'priority', 'idle_days'),
  customerRolling,
])

const v: VectorOf<typeof delay> = await getOnline(delay, { customer_id: 'x', vehicle_id: 3 })
export const a: number = v.vehicle_rolling__tonnes_7d
export const b: 'std' | 'express' | null = v.vehicle_rolling__priority
export const c: number = v.customer_rolling__orders_30d
export const d: number = (await getAll(vehicleRolling)).week_ago_1d

// @ts-expect-error a key of one of the service's entities is missing
await getOnline(delay, { customer_id: 'x' })
featureView('bad', {
  of: vehicle,
  from: shipments,
  every: '1d',
  // @ts-expect-error a string column cannot be summed
  features: (f) => ({ x: f.sum('priority').over('1d') }),
})
featureView('bad', {
  of: vehicle,
  from: shipments,
  every: '1d',
  // @ts-expect-error not a duration
  features: (f) => ({ x: f.sum('tonnes').over('7 days') }),
})
// @ts-expect-error the fact is not keyed by site
featureView('bad', { of: site, from: shipments, every: '1d', features: (f) => ({ x: f.count().over('1d') }) })
// @ts-expect-error not picked, so not in the vector
v.vehicle_rolling__tonnes_30d
// @ts-expect-error unknown event-time column
fact('t', { columns: { customer_id: z.string(), ts: z.date() }, entities: [customer], eventTime: 'nope' })
// @ts-expect-error the row lacks vehicle_id
fact('t', { columns: { customer_id: z.string(), ts: z.date() }, entities: [vehicle], eventTime: 'ts' })
