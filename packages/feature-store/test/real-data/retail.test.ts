import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { entity, fact, featureView, materialize, openCatalog } from '../../src/index.ts'

const data = join(import.meta.dirname, '../../../../../shared/data/online_retail')

/** Where the rows are left for rfm_opinion.py to compute again. */
const left = process.env['MARTLET_RFM_ROWS']

interface Customer {
  readonly customer_id: number
  readonly silent: number
  readonly invoices: number
  readonly spent: number
}

describe.skipIf(!existsSync(data))('online retail: recency, frequency, monetary value', () => {
  test(
    'the fifths of all customers at each month end are those of arrays of numbers',
    { timeout: 300_000 },
    async () => {
      await using warehouse = await openDuckDb()
      await warehouse.run(sql`CREATE SCHEMA mart`)
      await warehouse.run(sql`
      CREATE TABLE mart.lines AS
      SELECT customer_id::BIGINT AS customer_id, invoice_ts AS ts, invoice, quantity::BIGINT AS quantity, unit_price
      FROM read_parquet(${sql.lit(join(data, 'invoice_lines_2010_2011.parquet'))})
      WHERE customer_id IS NOT NULL
    `)
      const customer = entity('customer', { customer_id: z.int() })
      const lines = fact('mart.lines', {
        columns: {
          customer_id: z.int(),
          ts: z.date(),
          invoice: z.string(),
          quantity: z.int(),
          unit_price: z.number(),
        },
        entities: [customer],
        eventTime: 'ts',
      })
      const rfm = featureView('rfm', {
        of: customer,
        from: lines,
        every: '1d',
        features: (f) => ({
          silent: f.age(),
          invoices: f.distinct('invoice').over('365d'),
          spent: f.sum((r) => r.quantity.mul(r.unit_price)).over('365d'),
        }),
        among: (v, everybody) => ({
          recency: everybody.quantile(v.silent, 5),
          frequency: everybody.quantile(v.invoices_365d, 5),
          monetary: everybody.quantile(v.spent_365d, 5),
        }),
      })
      const ends = ['2011-01-01', '2011-03-01', '2011-06-01', '2011-09-01', '2011-12-01']
      const seen: number[] = []
      const tables: Record<string, readonly unknown[]> = {}
      for (const end of ends) {
        const from = new Date(`${end}T00:00:00Z`)
        await using own = await openCatalog({ path: ':memory:' })
        await warehouse.run(sql`DROP SCHEMA IF EXISTS features CASCADE`)
        const to = new Date(from.getTime() + 1)
        await materialize({ warehouse, catalog: own, views: [rfm], from, to, now: from, quality: false })
        const customers = rowsOf<Customer & { readonly [name: string]: unknown }>(
          await warehouse.read(sql`
          SELECT customer_id, epoch(TIMESTAMP ${sql.lit(end)} - MAX(ts)) / 86400.0 AS silent,
            COUNT(DISTINCT invoice) FILTER (ts >= TIMESTAMP ${sql.lit(end)} - INTERVAL 365 DAY) AS invoices,
            COALESCE(SUM(quantity * unit_price) FILTER (ts >= TIMESTAMP ${sql.lit(end)} - INTERVAL 365 DAY), 0) AS spent
          FROM mart.lines WHERE ts < TIMESTAMP ${sql.lit(end)} GROUP BY customer_id
        `),
        )
        const fifth = (pick: (one: Customer) => number) => {
          const sorted = Float64Array.from(customers, pick).toSorted()
          return (x: number): number => {
            let below = 0
            let above = sorted.length
            while (below < above) {
              const middle = (below + above) >> 1
              if ((sorted[middle] ?? 0) <= x) below = middle + 1
              else above = middle
            }
            return Math.ceil((5 * below) / sorted.length)
          }
        }
        const [recency, frequency] = [fifth((one) => one.silent), fifth((one) => one.invoices)]
        const found = new Map(
          rowsOf<Readonly<Record<string, number>>>(
            await warehouse.read(sql`SELECT * FROM features.rfm WHERE feature_time = TIMESTAMP ${sql.lit(end)}`),
          ).map((row) => [row['customer_id'], row]),
        )
        tables[end] = [...found.values()].map(({ customer_id, recency, frequency, monetary, spent_365d }) => ({
          customer_id: Number(customer_id),
          recency: Number(recency),
          frequency: Number(frequency),
          monetary: Number(monetary),
          spent_365d,
        }))
        // Money is summed in another order by each side, so the fifths are those of the sums in the table.
        const sums = [...found.values()].map((row) => row['spent_365d'] ?? 0)
        const spent = Float64Array.from(sums).toSorted()
        expect(found.size).toBe(customers.length)
        seen.push(customers.length)
        for (const one of customers) {
          const row = found.get(one.customer_id)
          expect([row?.['recency'], row?.['frequency']], `${one.customer_id} at ${end}`).toEqual([
            recency(one.silent),
            frequency(one.invoices),
          ])
          const sum = row?.['spent_365d'] ?? Number.NaN
          expect(Math.abs(sum - one.spent)).toBeLessThan(1e-6)
          const upTo = spent.findLastIndex((x) => x <= sum) + 1
          expect(row?.['monetary'], `${one.customer_id} at ${end}`).toBe(Math.ceil((5 * upTo) / spent.length))
        }
      }
      expect(seen.at(-1)).toBeGreaterThan(4000)
      if (left === undefined) return
      await mkdir(dirname(left), { recursive: true })
      await writeFile(left, JSON.stringify(tables))
    },
  )
})
