import { sql, type Warehouse } from '@martlet/warehouse'
import { energyMart } from './mart-tables.ts'
import { within, type Period } from './period.ts'

export interface Month {
  readonly year: number
  /** 1 to 12 (UTC). */
  readonly month: number
  /** Days of the month that have readings; at the ends of a mart fewer than the month has. */
  readonly days: number
  readonly customers: number
  readonly consumptionKwh: number
  readonly cost: number
  /** Consumption less that of the calendar month before; null when that month has no readings. */
  readonly changeKwh: number | null
  /** `changeKwh` as a share of the month before; null when that was 0 or has no readings. */
  readonly change: number | null
}

/** Consumption and cost of each month that has readings, oldest first, with the change from month to month. */
export async function monthlyTrend(warehouse: Warehouse, period: Period = {}): Promise<readonly Month[]> {
  const rows = await energyMart(warehouse)
    .selectFrom('mart.fact_energy_usage as usage')
    .innerJoin('mart.dim_time as day', (join) =>
      join.on('day.date', '=', sql<Date>`cast(${sql.ref('usage.ts')} as date)`),
    )
    .where(within(period, 'usage.ts'))
    .groupBy(['day.year', 'day.month'])
    .orderBy('day.year')
    .orderBy('day.month')
    .select(({ fn }) => [
      'day.year',
      'day.month',
      fn.count<number>('day.date').distinct().as('days'),
      fn.count<number>('usage.customer_id').distinct().as('customers'),
      fn.sum<number>('usage.consumption_kwh').as('consumptionKwh'),
      fn.sum<number>('usage.cost').as('cost'),
    ])
    .execute()
  return rows.map((row, i) => {
    const before = rows[i - 1]
    const follows = before !== undefined && row.year * 12 + row.month === before.year * 12 + before.month + 1
    const changeKwh = follows ? row.consumptionKwh - before.consumptionKwh : null
    return {
      ...row,
      changeKwh,
      change: changeKwh === null || before?.consumptionKwh === 0 ? null : changeKwh / (before?.consumptionKwh ?? 1),
    }
  })
}
