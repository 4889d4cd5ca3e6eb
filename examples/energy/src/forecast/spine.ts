import { gridInstants, type GridPlan } from '@martlet/feature-store'
import { sql, type Sql, type Warehouse } from '@martlet/warehouse'

const DAY_MICROS = 86_400_000_000
/** On a whole day the last reading starts at least this long after midnight: hourly readings mark the start of their hour. */
const LAST_READING_MICROS = 82_800_000_000

/** The first and last instant of the facts, in microseconds. */
export interface Extent {
  readonly first: bigint
  readonly last: bigint
}

export async function extentOf(warehouse: Warehouse): Promise<Extent> {
  const { epochMicros } = warehouse.leaves
  const { columns } = await warehouse.read(
    sql`SELECT ${epochMicros(sql`MIN(ts)`)} AS first, ${epochMicros(sql`MAX(ts)`)} AS last FROM mart.fact_energy_usage`,
  )
  const [first, last] = columns.map((column) =>
    column.type === 'bigint' && column.nulls?.[0] !== 1 ? column.values[0] : undefined,
  )
  if (first === undefined || last === undefined) throw new Error('mart.fact_energy_usage is empty; load it first')
  return { first, last }
}

/**
 * One row (customer_id, predict_at) per customer and day that begins while the customer has readings: after the first
 * `warmUpDays` of the customer, up to the last whole day.
 */
export function dailySpine(warehouse: Warehouse, grid: GridPlan, extent: Extent, warmUpDays: number): Sql {
  const days = gridInstants(grid, extent.first, extent.last)
  const { timestamp, addMicros } = warehouse.leaves
  const midnights = sql.join(days.map((day) => sql`(${timestamp(day)})`))
  return sql`
    SELECT a.customer_id AS customer_id, d.predict_at AS predict_at
    FROM (SELECT customer_id, MIN(ts) AS first, MAX(ts) AS last FROM mart.fact_energy_usage GROUP BY customer_id) a
    JOIN (VALUES ${midnights}) AS d(predict_at)
      ON d.predict_at >= ${addMicros(sql`a.first`, warmUpDays * DAY_MICROS)}
      AND d.predict_at <= ${addMicros(sql`a.last`, -LAST_READING_MICROS)}
    ORDER BY d.predict_at, a.customer_id
  `
}
