import { sql } from 'kysely'
import { columnBatch, ensureTable, rowsOf, tableRef, type Warehouse } from '@martlet/warehouse'
import { z } from 'zod'
import { entity } from '../../src/define/sources/entity.ts'
import { fact } from '../../src/define/sources/fact.ts'
import { featureService } from '../../src/define/feature-service.ts'
import { featureView } from '../../src/define/feature-view.ts'
import type { Catalog } from '../../src/catalog/catalog.ts'

export const customer = entity('customer', { customer_id: z.string() })
export const basket = entity('basket', { customer_id: z.string(), product: z.int() })

export const orders = fact('mart.orders', {
  columns: { customer_id: z.string(), product: z.int(), ts: z.date(), amount: z.number().nonnegative() },
  entities: [customer, basket],
  eventTime: 'ts',
})

export const spending = featureView('spending', {
  of: customer,
  from: orders,
  every: '1d',
  features: (f) => ({ amount: f.sum('amount').over('7d', '30d') }),
})
export const baskets = featureView('baskets', {
  of: basket,
  from: orders,
  every: '1d',
  features: (f) => ({ orders: f.count().over('7d') }),
})
export const card = featureService('card', [spending, baskets])

/** A key that needs escaping wherever it goes, and the neighbours that look like it. */
export const gone = 'Ann "O\'x" 7'
export const kept = ['Ann', 'Ann "O\'x" 77', 'Bob']
const people = [gone, ...kept]

export const now = '2024-02-01T00:00Z'

/** Orders of four customers, one a day from 2024-01-01 on, amounts in eighths. */
export async function createShop(warehouse: Warehouse, days = 31): Promise<void> {
  await ensureTable(warehouse, {
    table: 'mart.orders',
    columns: [
      { name: 'customer_id', type: 'text' },
      { name: 'product', type: 'integer' },
      { name: 'ts', type: 'timestamp' },
      { name: 'amount', type: 'double' },
    ],
  })
  await addOrders(warehouse, 0, days)
}

export async function addOrders(warehouse: Warehouse, fromDay: number, toDay: number): Promise<void> {
  const rows = Array.from({ length: toDay - fromDay }, (_, i) => i + fromDay).flatMap((day) =>
    people.map((id, index) => ({ id, day, index })),
  )
  await warehouse.append(
    'mart.orders',
    columnBatch({
      customer_id: { type: 'text', values: rows.map(({ id }) => id) },
      product: { type: 'integer', values: rows.map(({ day }) => day % 3) },
      ts: { type: 'timestamp', values: rows.map(({ day, index }) => new Date(Date.UTC(2024, 0, 1 + day, 1 + index))) },
      amount: { type: 'double', values: rows.map(({ day, index }) => ((day * 5 + index * 3) % 40) / 8) },
    }),
  )
}

export async function rowsOfTable(warehouse: Warehouse, table: string): Promise<readonly Record<string, unknown>[]> {
  return rowsOf(await warehouse.read(sql`SELECT * FROM ${tableRef(table)}`))
}

/** Everything that the warehouse holds outside the marts, and the catalog, as text. */
export async function everything(warehouse: Warehouse, catalog: Catalog): Promise<string> {
  const tables = (await warehouse.db.introspection.getTables()).filter(
    ({ schema, isView }) => schema !== 'mart' && !isView,
  )
  const contents = [...new Map(tables.map((table) => [`${table.schema}.${table.name}`, table])).keys()]
  const inWarehouse = await Promise.all(
    contents.map(async (table) => [table, rowsOf(await warehouse.read(sql`SELECT * FROM ${tableRef(table)}`))]),
  )
  const stored = (
    ['runs', 'quality_results', 'checkpoints', 'view_states', 'leases', 'audit_log', 'lineage', 'definitions'] as const
  ).map((table) => catalog.db.selectFrom(table).selectAll().execute())
  return JSON.stringify([inWarehouse, await Promise.all(stored)], (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
}

/** Whether a JSON text holds the key, alone or in a sentence, and not only a neighbour that begins like it. */
export function holdsKey(text: string): boolean {
  return /Ann \\+"O'x\\+" 7(?!7)/.test(text)
}
