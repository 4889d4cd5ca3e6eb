/** A process that publishes what it is told: for each number on a line, a row of customer a; it repeats what is durable. */
import { createInterface } from 'node:readline'
import { openLmdbStore, publishRows } from '@martlet/feature-store'
import { batch, once } from './batch.ts'
import { customerUsage, day, now } from './energy.ts'

await using store = openLmdbStore({ path: process.argv[2] ?? '' })
for await (const line of createInterface({ input: process.stdin })) {
  const kwh = Number(line)
  const rows = batch({
    customer_id: ['text', ['a']],
    feature_time: ['timestamp', [now - (now % day)]],
    kwh_1d: ['double', [kwh]],
    kwh_7d: ['double', [kwh]],
    peak_7d: ['double', [kwh]],
  })
  await publishRows(store, customerUsage.plan, once(rows))
  process.stdout.write(`${line}\n`)
}
