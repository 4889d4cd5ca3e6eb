import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ingestFiles, replay } from '@martlet/feature-store'
import { openDuckDb, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountSource, customerSource, reportSource, transactionSource } from '../../definitions/index.ts'
import { deliver, type DeliveryFaults } from '../../src/change/deliver.ts'
import { writeEvents } from '../../src/change/write-events.ts'
import { createTables, rowsFrom } from '../support/bank-warehouse.ts'
import { fillPlainMart } from '../support/plain-mart.ts'
import { smallBank } from '../support/small-bank.ts'

const TABLES = ['dim_customer', 'dim_account', 'fact_transactions', 'fact_fraud_report', 'fact_customer_change']
const SOURCES = [customerSource, accountSource, transactionSource, reportSource]
const { log } = smallBank().bank.database
let folder: string
let expected: Readonly<Record<string, unknown>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-banking-'))
  await using warehouse = await openDuckDb({ threads: 1 })
  await createTables(warehouse)
  await fillPlainMart(warehouse, log)
  expected = await marts(warehouse)
})
afterAll(() => rm(folder, { recursive: true }))

async function marts(warehouse: Warehouse): Promise<Readonly<Record<string, unknown>>> {
  const rows: Record<string, unknown> = {}
  for (const table of TABLES) rows[table] = await rowsFrom(warehouse, `SELECT * FROM mart.${table} ORDER BY ALL`)
  return rows
}

test.each<readonly [name: string, faults: Partial<DeliveryFaults>]>([
  ['in order', { repeated: 0, reordered: 0, delayed: 0 }],
  ['repeated, out of order and late', { repeated: 0.2, reordered: 0.5, delayed: 0.1 }],
])('a delivery %s makes the tables that the ordered log says, and so does a replay', async (name, faults) => {
  const events = join(folder, name)
  const { messages } = deliver(log, 7, faults)
  await writeEvents(events, messages)
  await using warehouse = await openDuckDb({ threads: 1 })
  await createTables(warehouse)
  let records = 0
  for (const { plan } of SOURCES) {
    const done = await ingestFiles({ warehouse, source: plan, from: join(events, plan.name) })
    expect([done.rejected, done.failed]).toEqual([0, []])
    records += done.events
  }
  expect(records).toBe(messages.length)
  expect(await marts(warehouse)).toEqual(expected)
  for (const { plan } of SOURCES) await replay({ warehouse, source: plan })
  expect(await marts(warehouse)).toEqual(expected)

  // The tables of newest versions are the rows that hold now.
  for (const [now, dimension] of [
    ['customer_now', 'dim_customer'],
    ['account_now', 'dim_account'],
  ])
    expect(await rowsFrom(warehouse, `SELECT * FROM mart.${now} ORDER BY ALL`)).toEqual(
      await rowsFrom(
        warehouse,
        `SELECT * EXCLUDE (valid_from, valid_to) FROM mart.${dimension} WHERE valid_to IS NULL ORDER BY ALL`,
      ),
    )
})
