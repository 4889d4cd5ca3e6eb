// Writes what second_opinion.py compares: change events as files, and the tables that Martlet makes of them.
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { ingestFiles } from '@martlet/feature-store'
import { openDuckDb } from '@martlet/warehouse'
import { accountSource, customerSource, reportSource, transactionSource } from '../../definitions/index.ts'
import { simulate } from '../../src/bank/simulate.ts'
import { deliver } from '../../src/change/deliver.ts'
import { writeEvents } from '../../src/change/write-events.ts'
import { createTables } from '../support/bank-warehouse.ts'
import { writeMart } from './write-mart.ts'

const [given = '.tmp/banking'] = process.argv.slice(2)
const folder = resolve(given)
await rm(folder, { recursive: true, force: true })
const until = Date.parse('2026-05-20T06:00:00Z') * 1000
const { bank } = simulate({ seed: 11, until, days: 60, customers: 60, takeovers: 30 })
// Wrong far more often than usual.
const faults = { repeated: 0.1, reordered: 0.3, delayed: 0.05 }
const { messages, met } = deliver(bank.database.log, 11, faults)
await writeEvents(join(folder, 'events'), messages)

await using warehouse = await openDuckDb()
await createTables(warehouse)
for (const { plan } of [customerSource, accountSource, transactionSource, reportSource]) {
  const from = join(folder, 'events', plan.name)
  const { files, events, rejected } = await ingestFiles({ warehouse, source: plan, from })
  console.log(`${plan.name}: ${events} records of ${files} files, ${rejected} rejected`)
}
await writeMart(warehouse, join(folder, 'mart'))
console.log(`${met.repeated} records were repeated, ${met.reordered} out of order, ${met.delayed} late`)
