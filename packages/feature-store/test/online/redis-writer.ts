// Run as a process of its own by redis-processes.test.ts: writes the batches of rounds [from, to) until it is done or
// is killed, and tells each one that was taken.
import process from 'node:process'
import { redisStore } from '../../src/redis.ts'
import { roundRows } from './lmdb-rounds.ts'

const [url = '', seed = '', from = '', to = ''] = process.argv.slice(2)
const store = await redisStore({ url })
for (let round = Number(from); round < Number(to); round++) {
  await store.write('usage', roundRows(Number(seed), round))
  process.stdout.write(`${round}\n`)
}
await store.close()
