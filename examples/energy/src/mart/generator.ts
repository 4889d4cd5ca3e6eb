import { columnBatch, type ColumnBatch, type Warehouse } from '@martlet/warehouse'
import { calendarRows } from './calendar.ts'
import { customersOf } from './customers.ts'
import { deployEnergyMart, emptyEnergyMart, emptyTables } from './deploy.ts'
import { HOLIDAYS_AHEAD, holidayRows } from './holidays.ts'
import { MILLIS_PER_DAY, martShape, type MartOptions } from './options.ts'
import { usageBatches } from './usage.ts'

export interface GeneratedMart {
  /** Customers who joined before the mart ends. */
  readonly customers: number
  readonly customerRows: number
  readonly days: number
  /** Rows added to mart.fact_energy_usage. */
  readonly readings: number
}

/** The rows of mart.dim_customer: one per tariff that a customer had before the mart ends. */
export function customerRows(options: MartOptions): ColumnBatch {
  const shape = martShape(options)
  const midnight = (day: number): Date => new Date((shape.startDay + day) * MILLIS_PER_DAY)
  const rows = customersOf(shape).flatMap((customer) =>
    customer.tariffs
      .filter(({ fromDay }) => fromDay < shape.days)
      .map(({ fromDay, tariff }, i) => {
        const ends = Math.min(customer.tariffs[i + 1]?.fromDay ?? Infinity, customer.leaves)
        return { customer, tariff, from: midnight(fromDay), to: ends < shape.days ? midnight(ends) : null }
      }),
  )
  return columnBatch({
    customer_id: { type: 'text', values: rows.map(({ customer }) => customer.id) },
    customer_type: { type: 'text', values: rows.map(({ customer }) => customer.type) },
    tariff: { type: 'text', values: rows.map(({ tariff }) => tariff) },
    heating_type: { type: 'text', values: rows.map(({ customer }) => customer.heating) },
    valid_from: { type: 'timestamp', values: rows.map(({ from }) => from) },
    valid_to: { type: 'timestamp', values: rows.map(({ to }) => to) },
  })
}

/**
 * Fills the energy mart with simulated customers in one transaction and replaces its rows; with `fromDay` above 0 it adds the
 * readings from that day on and replaces the dimensions.
 */
export async function generateMart(warehouse: Warehouse, options: MartOptions): Promise<GeneratedMart> {
  const shape = martShape(options)
  const history = customerRows(options)
  await deployEnergyMart(warehouse)
  return warehouse.transaction(async (mart) => {
    if (shape.fromDay === 0) await emptyEnergyMart(mart)
    else await emptyTables(mart, ['dim_customer', 'dim_time', 'dim_holiday'])
    await mart.append('mart.dim_customer', history)
    await mart.append('mart.dim_time', calendarRows(shape.startDay, shape.startDay + shape.days))
    // Holidays are known a year ahead. The simulated customers do not keep them.
    const holidays = holidayRows('zurich', shape.startDay, shape.startDay + shape.days + HOLIDAYS_AHEAD)
    await mart.append('mart.dim_holiday', holidays)
    let readings = 0
    for (const batch of usageBatches(options)) readings += await mart.append('mart.fact_energy_usage', batch)
    const customers = customersOf(shape).filter(({ joins }) => joins < shape.days).length
    return { customers, customerRows: history.rows, days: shape.days, readings }
  })
}
