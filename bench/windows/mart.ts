import { sql } from 'kysely'
import type { Warehouse } from '@martlet/warehouse'

export interface Size {
  readonly events: number
  readonly spine: number
  readonly entities: number
}

/** A year of events of many customers at random microseconds, and a spine of random keys and times; the same every time. */
export async function makeMart(warehouse: Warehouse, { events, spine, entities }: Size): Promise<void> {
  const year = 31_536_000_000_000
  const customer = (seed: number) =>
    sql`'customer-' || lpad(CAST(hash(i * 3 + ${sql.lit(seed)}) % ${sql.lit(entities)} AS VARCHAR), 6, '0')`
  const time = (seed: number) =>
    sql`TIMESTAMP '2025-01-01' + to_microseconds(CAST(hash(i * 7 + ${sql.lit(seed)}) % ${sql.lit(year)} AS BIGINT))`
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
  await warehouse.run(
    sql`CREATE TABLE mart.usage AS SELECT ${customer(1)} AS customer_id, ${time(2)} AS ts, (hash(i * 11) % 1000) / 8.0 AS kwh
      FROM range(${sql.lit(events)}) r(i)`,
  )
  await warehouse.run(
    sql`CREATE TABLE mart.spine AS SELECT ${customer(5)} AS customer_id, ${time(6)} AS "at" FROM range(${sql.lit(spine)}) r(i)`,
  )
}
