// Run as a process of its own by lmdb-processes.test.ts: writes the batches of rounds [from, to) until it is done or is
// killed, and tells each one that is durable.
import process from 'node:process'
import { openLmdbStore } from '../../src/online/lmdb/lmdb-store.ts'
import { roundRows } from './lmdb-rounds.ts'

const [path = '', seed = '', from = '', to = ''] = process.argv.slice(2)
const store = openLmdbStore({ path })
for (let round = Number(from); round < Number(to); round++) {
  await store.write('usage', roundRows(Number(seed), round))
  process.stdout.write(`${round}\n`)
}
await store.close()
