/** A worker that answers with its number and reads nothing. */
import { Hono } from 'hono'
import { listen, type ListenOptions } from '../../../src/listen.ts'
import { servingWorker } from '../../../src/workers/serving-worker.ts'

const options: ListenOptions = JSON.parse(process.argv[2] ?? '{}')
const worker = servingWorker()
if (worker === undefined) throw new Error('not started by serveWorkers')
const server = await listen(
  new Hono().get('/', (c) => c.text(String(worker.number))),
  { worker, ...options },
)
await server.closed
