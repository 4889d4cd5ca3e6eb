import type { Customer } from './customers.ts'
import type { Vehicle } from './fleet.ts'
import type { Route } from './places.ts'

/** What happened to a shipment; times in milliseconds since the epoch. */
export interface Shipment {
  readonly index: number
  readonly id: string
  readonly customer: Customer
  readonly vehicle: Vehicle
  readonly route: Route
  readonly weightKg: number
  readonly priceCents: number
  readonly created: number
  readonly pickedUp: number
  readonly promised: number
  readonly delivered: number
  /** How long after its delivery its weight and price were corrected. */
  readonly corrected: number | undefined
}
