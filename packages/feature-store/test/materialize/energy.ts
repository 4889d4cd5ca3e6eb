import { sql } from 'kysely'
import { columnBatch, dropTable, ensureTable, rowsOf, type Warehouse } from '@martlet/warehouse'
import { z } from 'zod'
import { entity, fact, featureView } from '../../src/index.ts'
import type { ViewPlan } from '../../src/plan/view-plan.ts'

export const customer = entity('customer', { customer_id: z.string() })

export const usage = fact('mart.fact_usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number().nonnegative() },
  entities: [customer],
  eventTime: 'ts',
})

export const customerUsage = featureView('customer_usage', {
  of: customer,
  from: usage,
  every: '1d',
  delay: '6h',
  repair: '3d',
  features: (f) => ({
    kwh: f.sum('kwh').over('1d', '7d'),
    peak: f.max('kwh').over('7d'),
    readings: f.count().over('7d'),
  }),
})

/** The same view after somebody has changed what it computes. */
export const changedUsage = featureView('customer_usage', {
  of: customer,
  from: usage,
  every: '1d',
  delay: '6h',
  repair: '3d',
  features: (f) => ({ kwh: f.sum('kwh').over('1d', '14d'), peak: f.max('kwh').over('7d'), silent: f.age() }),
})

export const customers = 12

/**
 * Readings every two hours from 2024-01-01 on for `days` days, the same every time. Values are eighths, which doubles
 * add exactly in any order, so that tables can be compared to the last bit.
 */
export async function createMart(warehouse: Warehouse, days = 40): Promise<void> {
  await dropTable(warehouse, usage.plan.table)
  await ensureTable(warehouse, {
    table: usage.plan.table,
    columns: [
      { name: 'customer_id', type: 'text' },
      { name: 'ts', type: 'timestamp' },
      { name: 'kwh', type: 'double' },
    ],
  })
  await addReadings(warehouse, 0, days)
}

export async function addReadings(warehouse: Warehouse, fromDay: number, toDay: number): Promise<void> {
  const readings: Reading[] = []
  for (let i = fromDay * 12; i < toDay * 12; i++) {
    for (let c = 0; c < customers; c++) {
      if ((i + c) % 3 !== 0)
        readings.push({ customer: c, at: new Date(Date.UTC(2024, 0, 1, 2 * i, c)), kwh: ((i * 7 + c * 13) % 50) / 8 })
    }
  }
  await append(warehouse, readings)
}

/** Facts of every customer that arrive after the rows they belong to were written. */
export async function addLateFacts(warehouse: Warehouse, at: string): Promise<void> {
  await append(
    warehouse,
    Array.from({ length: customers }, (_, c) => ({ customer: c, at: new Date(at), kwh: 100 + c })),
  )
}

export interface Reading {
  readonly customer: number
  readonly at: Date
  readonly kwh: number
}

export async function append(warehouse: Warehouse, readings: readonly Reading[]): Promise<void> {
  if (readings.length === 0) return
  await warehouse.append(
    usage.plan.table,
    columnBatch({
      customer_id: { type: 'text', values: readings.map(({ customer: c }) => `c${c}`) },
      ts: { type: 'timestamp', values: readings.map(({ at }) => at) },
      kwh: { type: 'double', values: readings.map(({ kwh }) => kwh) },
    }),
  )
}

/** All rows of a view's table without run ids, in order. */
export async function tableRows(
  warehouse: Warehouse,
  view: { readonly plan: ViewPlan },
): Promise<readonly Record<string, unknown>[]> {
  const { plan } = view
  const columns = [
    ...plan.entity.keys.map(({ name }) => name),
    'feature_time',
    ...plan.features.map(({ name }) => name),
  ].map((name) => sql.id(name))
  return rowsOf(
    await warehouse.read(
      sql`SELECT ${sql.join(columns)} FROM ${sql.id('features', plan.name)} ORDER BY ${sql.join(columns)}`,
    ),
  )
}

export async function errorCode(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  )
}
