import { columnBatch, openDuckDb, sql, type ColumnBatch, type Warehouse } from '@martlet/warehouse'
import { z } from 'zod'
import { decimal, dimension, entity, fact, featureService, featureView, happens, label, precomputed } from '../../src/index.ts'

export const customer = entity('customer', { customer_id: z.string() })

export const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number(), cost: decimal(10, 2), paid: z.boolean() },
  entities: [customer],
  eventTime: 'ts',
})
export const alarms = fact('mart.alarms', { columns: { customer_id: z.string(), raised_at: z.date() }, entities: [customer], eventTime: 'raised_at' })
export const tariffs = dimension('mart.tariffs', {
  columns: { customer_id: z.string(), tariff: z.string(), valid_from: z.date(), valid_to: z.date().nullable() },
  entity: customer,
  validFrom: 'valid_from',
  validTo: 'valid_to',
})
export const scores = precomputed('mart.scores', { columns: { customer_id: z.string(), at: z.date(), score: z.number() }, entity: customer, time: 'at' })

export const customerUsage = featureView('customer_usage', {
  of: customer, from: usage, every: '1d', delay: '6h', features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d'), n: f.count().over('7d'), tariff: f.attribute(tariffs, 'tariff') }),
})
export const scoreView = featureView('scores', { of: customer, from: scores, every: '1d', delay: '1h', features: (f) => ({ score: f.column('score') }) })
export const service = featureService('next_day', [customerUsage])
export const nextDay = label('next_day_kwh', { of: customer, from: usage, value: (f) => f.sum('kwh').ahead('1d') })
export const alarm = label('alarm', { of: customer, value: happens(alarms).within('2d') })

/** A reading of 1 kWh an hour for customers a and b through January 2024; one alarm of a at noon of January 10. */
export async function openMart(): Promise<Warehouse> {
  const warehouse = await openDuckDb()
  for (const statement of [
    sql`CREATE SCHEMA mart`,
    sql`CREATE TABLE mart.usage AS SELECT c AS customer_id, TIMESTAMP '2024-01-01' + to_hours(i) AS ts, 1.0::DOUBLE AS kwh, 0.25::DECIMAL(10, 2) AS cost, i % 2 = 0 AS paid FROM range(31 * 24) r(i), (VALUES ('a'), ('b')) v(c)`,
    sql`CREATE TABLE mart.alarms AS SELECT 'a' AS customer_id, TIMESTAMP '2024-01-10 12:00' AS raised_at`,
    sql`CREATE TABLE mart.tariffs AS SELECT c AS customer_id, 'flat' AS tariff, TIMESTAMP '2024-01-01' AS valid_from, CAST(NULL AS TIMESTAMP) AS valid_to FROM (VALUES ('a'), ('b')) v(c)`,
    sql`CREATE TABLE mart.scores AS SELECT 'a' AS customer_id, TIMESTAMP '2024-01-05' AS at, 0.5::DOUBLE AS score`,
  ]) await warehouse.run(statement)
  return warehouse
}

export function spineOf(...rows: readonly (readonly [customer: string | null, at: string | null])[]): { readonly rows: ColumnBatch } {
  return {
    rows: columnBatch({
      customer_id: { type: 'text', values: rows.map(([key]) => key) },
      at: { type: 'timestamp', values: rows.map(([, at]) => (at === null ? null : new Date(`${at}Z`))) },
    }),
  }
}

/** What a call throws: its code, message and data. */
export async function refusal(work: Promise<unknown>): Promise<{ readonly code: unknown; readonly message: string; readonly data: unknown }> {
  try {
    await work
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'data' in error) return { code: error.code, message: error.message, data: error.data }
    throw error
  }
  throw new Error('nothing was refused')
}
