// Run as a process of its own: appends rounds of events until it is done or is killed, and tells each one that is durable.
import process from 'node:process'
import { openLmdbStore } from '../../src/online/lmdb/lmdb-store.ts'
import { roundEvents } from './event-rounds.ts'

const [path = '', from = '', to = ''] = process.argv.slice(2)
const store = openLmdbStore({ path })
for (let round = Number(from); round < Number(to); round++) {
  await store.events?.append('payments', roundEvents(round), { offsets: { 'payments/0': BigInt(round) } })
  process.stdout.write(`${round}\n`)
}
await store.close()
