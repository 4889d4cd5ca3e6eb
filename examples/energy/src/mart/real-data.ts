import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { calendarRows } from './calendar.ts'
import { HOLIDAYS_AHEAD, holidayRows, type HolidayPlace } from './holidays.ts'
import { MILLIS_PER_DAY } from './options.ts'
import { readRow } from './read-row.ts'

/** Where recorded data are, and what a kWh costs in their mart. */
export interface RealDataOptions {
  /** The folder with the Parquet files. */
  readonly folder: string
  /** A flat price for one kWh, in the currency of the place. */
  readonly pricePerKwh?: number
}

/** What a reading of `kwh` costs at a flat price, in the type of the mart's column. */
export function flatCost(warehouse: Warehouse, kwh: Sql, pricePerKwh: number): Sql {
  return sql`cast(${kwh} * ${pricePerKwh} as ${warehouse.leaves.columnType({ decimal: [18, 6] })})`
}

/**
 * Fills mart.dim_time with the UTC days from the first to the last fact, and mart.dim_holiday with the holidays of a place
 * from then on to a year after it. Returns how many days there are.
 */
export async function fillCalendar(warehouse: Warehouse, place: HolidayPlace): Promise<number> {
  const { first, last } = await readRow<{ first: Date | null; last: Date | null }>(
    warehouse,
    sql`select min(ts) as first, max(ts) as last from mart.fact_energy_usage`,
  )
  if (first === null || last === null) return 0
  const days = [first, last].map((at) => Math.floor(at.getTime() / MILLIS_PER_DAY))
  const [from = 0, to = 0] = days
  await warehouse.append('mart.dim_holiday', holidayRows(place, from, to + HOLIDAYS_AHEAD))
  return warehouse.append('mart.dim_time', calendarRows(from, to + 1))
}
