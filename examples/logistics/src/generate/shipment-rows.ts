import { typeFacts } from './fleet.ts'
import type { Note } from './ledger.ts'
import { DAY, HOUR, MINUTE, type FaultName, type WorldShape } from './options.ts'
import { round } from './places.ts'
import { randomOf } from './random.ts'
import type { RawRow } from './raw-rows.ts'
import type { Shipment } from './shipments.ts'

/** The rows of raw.shipments that tell of one shipment: created, picked up, delivered and perhaps corrected. */
export function* shipmentRows(shape: WorldShape, shipment: Shipment, note: Note): Generator<RawRow> {
  const { faults, seed } = shape
  const random = randomOf(seed, 62, shipment.index)
  const has = (rate: number): boolean => random.next() < rate
  const orphan = has(faults.orphanCustomer)
  const overweight = has(faults.overweight)
  const noPickup = has(faults.missingPickup)
  const noDelivery = has(faults.missingDelivery)
  const early = !noPickup && !noDelivery && has(faults.deliveredBeforePickup)
  const stale = !noDelivery && has(faults.staleShipment)
  const lag = (): number => (5 + Math.floor(40 * random.next())) * MINUTE
  const { id, vehicle, route, created, pickedUp, promised, priceCents } = shipment
  const customer = orphan ? `C9${String(Math.floor(9999 * random.next())).padStart(4, '0')}` : shipment.customer.id
  const capacity = typeFacts[vehicle.type].capacityKg
  const weight = overweight ? round(capacity * (1.1 + 2 * random.next()), 1) : shipment.weightKg
  const delivered = early ? pickedUp - (10 + Math.floor(300 * random.next())) * MINUTE : shipment.delivered
  const known = shipment.delivered

  const rows: RawRow[] = []
  const tell = (
    at: number,
    picked: number | null,
    done: number | null,
    kg: number,
    cents: number,
    loaded: number,
  ): void => {
    const arrived = Math.max(loaded, shape.startDay * DAY + 30 * MINUTE)
    rows.push([id, customer, vehicle.id, route.id, kg, BigInt(cents), picked, promised, done, at, arrived])
  }
  const scanned = noPickup ? null : pickedUp
  const deliveredLoaded = known + lag()
  const pickedLoaded = stale
    ? deliveredLoaded + Math.floor((1 + 30 * random.next()) * 60) * MINUTE
    : Math.min(pickedUp + lag(), deliveredLoaded - MINUTE)
  const createdLoaded = created + lag()
  tell(created, null, null, weight, priceCents, createdLoaded)
  tell(pickedUp, scanned, null, weight, priceCents, pickedLoaded)
  if (!noDelivery) tell(known, scanned, delivered, weight, priceCents, deliveredLoaded)
  if (!noDelivery && shipment.corrected !== undefined) {
    const at = known + shipment.corrected
    tell(
      at,
      scanned,
      delivered,
      round(weight * 0.97, 1),
      Math.round(priceCents * 0.95),
      Math.max(at, deliveredLoaded) + lag(),
    )
  }
  const tellFault = (fault: FaultName, loadedAt: number): void =>
    note({ fault, table: 'raw.shipments', key: id, loadedAt })
  if (orphan) tellFault('orphanCustomer', createdLoaded)
  if (overweight) tellFault('overweight', createdLoaded)
  if (noPickup) tellFault('missingPickup', pickedLoaded)
  if (noDelivery) tellFault('missingDelivery', pickedLoaded)
  if (early) tellFault('deliveredBeforePickup', deliveredLoaded)
  if (stale) tellFault('staleShipment', pickedLoaded)
  for (const row of rows) {
    yield row
    if (random.next() >= faults.duplicateShipment) continue
    const again = Number(row.at(-1)) + Math.floor(((1 + 47 * random.next()) * HOUR) / MINUTE) * MINUTE
    tellFault('duplicateShipment', again)
    yield [...row.slice(0, -1), again]
  }
}
