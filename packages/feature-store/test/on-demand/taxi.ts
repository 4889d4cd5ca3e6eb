import { sql, type Warehouse } from '@martlet/warehouse'
import { z } from 'zod'
import { caseWhen, entity, fact, featureService, featureView, onDemand, request } from '../../src/index.ts'

export const zone = entity('zone', { zone_id: z.string() })

const rides = fact('mart.rides', {
  columns: { zone_id: z.string(), ended_at: z.date(), kmh: z.number(), payment: z.enum(['card', 'cash']) },
  entities: [zone],
  eventTime: 'ended_at',
})

/** Speeds of the last two hours, and how people paid. */
export const zoneSpeed = featureView('zone_speed', {
  of: zone,
  from: rides,
  every: '1h',
  ttl: '3h',
  features: (f) => ({ kmh: f.mean('kmh').over('2h'), rides: f.count().over('2h'), paid: f.last('payment') }),
})

export const trip = request({
  km: z.number().nonnegative().optional(),
  seats: z.int().min(1).max(8),
  kind: z.enum(['van', 'car']).nullable(),
})

export const fare = onDemand('fare', {
  of: [zoneSpeed.pick('kmh_2h', 'rides_2h')],
  request: trip,
  derive: (v, r) => ({
    minutes: r.km.div(v.zone_speed__kmh_2h).mul(60),
    seats: r.seats.add(v.zone_speed__rides_2h.coalesce(0)),
    big: caseWhen(r.kind.eq('van').or(r.seats.gt(4)), 'yes').otherwise('no'),
  }),
})

export const taxi = featureService('taxi', [zoneSpeed.pick('paid'), fare])

/** Zone a has rides of 20 and 40 km/h before 10:00, zone b none, zone c one of 0 km/h. */
export async function loadRides(warehouse: Warehouse): Promise<void> {
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
  const at = (time: string) => warehouse.leaves.timestamp(BigInt(Date.parse(`2024-05-01T${time}Z`)) * 1000n)
  await warehouse.run(sql`
    CREATE TABLE mart.rides AS
    SELECT 'a' AS zone_id, ${at('09:10:00')} AS ended_at, CAST(20 AS DOUBLE) AS kmh, 'card' AS payment
    UNION ALL SELECT 'a', ${at('09:50:00')}, CAST(40 AS DOUBLE), 'cash'
    UNION ALL SELECT 'c', ${at('09:59:59')}, CAST(0 AS DOUBLE), 'card'
  `)
}
