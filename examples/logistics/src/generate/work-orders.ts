import type { Vehicle } from './fleet.ts'
import type { Service } from './fleet.ts'

export interface WorkOrder {
  readonly vehicle: Vehicle
  readonly kind: Service | 'breakdown'
  /** Milliseconds since the epoch. */
  readonly performed: number
  /** When the invoice says what it cost. */
  readonly invoiced: number
  readonly costCents: number
}
