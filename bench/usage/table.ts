import { sql, type Warehouse } from '@martlet/warehouse'

export const DAY = 86_400_000

export interface UsageSize {
  readonly events: number
  readonly entities: number
  /** Events lie in the `days` before this instant (ms). */
  readonly end: number
  readonly days: number
}

/**
 * Creates the table of facts, the same every time: random customers and times; values are eighths, so that their sums
 * are exact in whatever order they are added.
 */
export async function makeUsage(warehouse: Warehouse, { events, entities, end, days }: UsageSize): Promise<void> {
  const back = sql`to_microseconds(CAST(hash(i * 7 + 1) % ${sql.lit(days * DAY * 1000)} AS BIGINT))`
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.usage AS
    SELECT ${customerId(sql`hash(i) % ${sql.lit(entities)}`)} AS customer_id,
      TIMESTAMP ${sql.lit(instant(end))} - ${back} AS ts, (hash(i * 11) % 1000) / 8.0 AS kwh
    FROM range(${sql.lit(events)}) r(i)
  `)
}

/** The id of a customer by number, in SQL. */
export function customerId(number: ReturnType<typeof sql>): ReturnType<typeof sql> {
  return sql`'customer-' || lpad(CAST(${number} AS VARCHAR), 8, '0')`
}

/** An instant (ms) as SQL's TIMESTAMP wants it. */
export function instant(time: number): string {
  return new Date(time).toISOString().slice(0, 19)
}
