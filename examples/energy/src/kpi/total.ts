import type { Warehouse } from '@martlet/warehouse'
import { energyMart } from './mart-tables.ts'
import { within, type Period } from './period.ts'

export interface Total {
  readonly readings: number
  readonly customers: number
  readonly consumptionKwh: number
  readonly cost: number
  /** Start of the first and of the last interval; null when the period has no readings. */
  readonly first: Date | null
  readonly last: Date | null
}

/** Total consumption and cost of a period, over the readings as the mart stores them. */
export async function total(warehouse: Warehouse, period: Period = {}): Promise<Total> {
  const { consumptionKwh, cost, ...rest } = await energyMart(warehouse)
    .selectFrom('mart.fact_energy_usage')
    .where(within(period, 'ts'))
    .select(({ fn }) => [
      fn.countAll<number>().as('readings'),
      fn.count<number>('customer_id').distinct().as('customers'),
      fn.sum<number | null>('consumption_kwh').as('consumptionKwh'),
      fn.sum<number | null>('cost').as('cost'),
      fn.min<Date | null>('ts').as('first'),
      fn.max<Date | null>('ts').as('last'),
    ])
    .executeTakeFirstOrThrow()
  return { consumptionKwh: consumptionKwh ?? 0, cost: cost ?? 0, ...rest }
}
