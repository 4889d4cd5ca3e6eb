// Run as a process of its own by drain-killed.test.ts: drains until it is done or is killed, and tells each batch.
import process from 'node:process'
import { openDuckDb } from '@martlet/warehouse'
import { drain, openLmdbStore } from '@martlet/feature-store'
import { payments } from './payments.ts'

const [database = '', online = ''] = process.argv.slice(2)
const warehouse = await openDuckDb({ path: database, threads: 1 })
const store = openLmdbStore({ path: online })
if (store.events === undefined) throw new Error('no events')
process.stdout.write('open\n')
await drain({
  warehouse,
  source: payments.plan,
  events: store.events,
  batch: 60,
  onProgress: ({ position }) => process.stdout.write(`${position}\n`),
})
await store.close()
await warehouse.close()
