import {
  entity,
  featureService,
  featureView,
  onDemand,
  precomputed,
  publishRows,
  request,
  type OnlineStore,
} from '@martlet/feature-store'
import { z } from 'zod'
import { batch, once } from '../support/batch.ts'
import { day, now } from '../support/energy.ts'

export const zone = entity('zone', { zone_id: z.string() })

export const zoneSpeed = featureView('zone_speed', {
  of: zone,
  from: precomputed('mart.zone_speed', {
    columns: { zone_id: z.string(), at: z.date(), kmh: z.number(), rides: z.int() },
    entity: zone,
    time: 'at',
  }),
  every: '1d',
  ttl: '2d',
  features: (f) => ({ kmh: f.column('kmh'), rides: f.column('rides') }),
})

export const trip = request({
  km: z.number().nonnegative(),
  seats: z.int().min(1).max(8).optional(),
  promised_at: z.date().nullable(),
})

export const fare = onDemand('fare', {
  of: [zoneSpeed.pick('kmh')],
  request: trip,
  derive: (v, r) => ({
    minutes: r.km.div(v.zone_speed__kmh).mul(60),
    seats: r.seats.coalesce(1),
    late: r.promised_at.lt(new Date('2026-01-10T08:00:00Z')),
  }),
})

/** What a model reads: rides of the zone, and minutes that are computed on demand, in the other order. */
export const taxi = featureService('taxi', [fare.pick('minutes', 'seats'), zoneSpeed.pick('rides')])
export const trips = featureService('trips', [zoneSpeed, fare])

/** Zone a has 30 km/h and 4 rides; zone b's row is too old. */
export async function publishZones(store: OnlineStore): Promise<void> {
  const today = now - (now % day)
  await publishRows(
    store,
    zoneSpeed.plan,
    once(
      batch({
        zone_id: ['text', ['a', 'b']],
        feature_time: ['timestamp', [today, today - 3n * day]],
        kmh: ['double', [30, 20]],
        rides: ['bigint', [4, 1]],
      }),
    ),
  )
}
