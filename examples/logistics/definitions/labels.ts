import { everyGrid, happens, label, whenever } from '@martlet/feature-store'
import { deliveries, shipment, shipments, vehicle, vehicles, workOrders, ZONE } from './mart.ts'

/** Whether a vehicle breaks down in the 14 days after t. */
export const fails = label('fails', {
  of: vehicle,
  value: happens(workOrders).within('14d', { where: (r) => r.kind.eq('breakdown') }),
})

/** Deliveries arrive within this time of their pick-up, or do not count as delivered. */
const LONGEST = '7d'

/** How late a shipment was, minutes: that of its own delivery, null while it has none. Negative where it came early. */
export const minutesLate = label('minutes_late', {
  of: shipment,
  from: deliveries,
  value: (f) => f.max('delay_minutes').ahead(LONGEST),
})

/** Whether a shipment was late: null, not false, while it has not been delivered. */
export const late = label('late', {
  of: shipment,
  from: deliveries,
  value: (f) => f.all((r) => r.late).ahead(LONGEST),
})

/** Every vehicle once a week, at the moment at which the day's features begin to be served. */
export function everyVehicle(from: string, to: string): ReturnType<typeof everyGrid> {
  return everyGrid({ of: vehicles, from, to, every: '7d', zone: ZONE, after: '1h' })
}

/** Every shipment at its pick-up, with what was planned for it. */
export const everyShipment = whenever(
  shipments.with((r) => ({ planned_load_kg: r.weight_kg, planned_departure: r.picked_up_at })),
  {
    where: (r) => r.weight_kg.isNull().not().and(r.promised_at.isNull().not()),
    columns: ['planned_load_kg', 'planned_departure', 'promised_at'],
  },
)
