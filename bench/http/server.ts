/**
 * One server process of the benchmark. `martlet` serves features from LMDB and keeps finished rows; `cold` keeps none; `redis`
 * serves them from a Redis server of its own, whose rows are never kept. The others read the JSON of the request and send what was
 * made before: `hono` and `hono-bytes` are the least a Hono server can do, as text or as bytes, `string` and `buffer` the least
 * that Node's own server can do.
 *
 * node --conditions=@martlet/source bench/http/server.ts martlet|cold|redis|hono|hono-bytes|string|buffer <store folder> [extras]
 *
 * Prints its port, and what its callers prove themselves by when an extra (see `extras.ts`) asks for it.
 */
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { OnlineStore } from '@martlet/feature-store'
import { fixedCatalog, listen, serving } from '@martlet/serving'
import { Hono } from 'hono'
import { extrasOf } from './extras.ts'
import { startRedis } from '../online/own-redis.ts'
import { entities, fill, openFilledStore, services } from './fixture.ts'

const [kind = 'martlet', folder = '', extras = 'none'] = process.argv.slice(2)
const { options, bearer } = await extrasOf(extras)
const online = kind === 'redis' ? await filledRedis() : await openFilledStore(folder)
const app = serving({
  catalog: fixedCatalog({ services: Object.values(services) }),
  online,
  ...(kind === 'cold' ? { limits: { answerBytes: 0 } } : {}),
  ...options,
})

async function filledRedis(): Promise<OnlineStore> {
  const { store, close } = await startRedis()
  await fill(store)
  process.once('SIGTERM', () => void close().finally(() => process.exit()))
  return store
}

async function ask(service: string, keys: readonly object[]): Promise<Response> {
  const answer = await app.request(`/v1/features/${service}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    body: JSON.stringify({ keys }),
  })
  if (answer.status !== 200) throw new Error(await answer.text())
  return answer
}

function printPort(port: number | undefined): void {
  process.stdout.write(`${port}${bearer === undefined ? '' : ` ${bearer}`}\n`)
}

/** Asks once for every entity of a service. */
async function seeAll(service: string): Promise<void> {
  for (let from = 0; from < entities; from += 100) {
    const keys = Array.from({ length: 100 }, (_, row) => ({
      customer_id: `customer-${String(from + row).padStart(6, '0')}`,
    }))
    await (await ask(service, keys)).arrayBuffer()
  }
}

if (kind === 'martlet' || kind === 'cold' || kind === 'redis') {
  if (kind === 'martlet') for (const service of Object.keys(services)) await seeAll(service)
  const { port } = await listen(app, { port: 0 })
  printPort(port)
} else {
  const bodies = new Map<string, string | Buffer<ArrayBuffer>>()
  for (const [name, rows] of [
    ['small', 1],
    ['large', 100],
  ] as const) {
    const keys = Array.from({ length: rows }, (_, row) => ({
      customer_id: `customer-${String(row * 37).padStart(6, '0')}`,
    }))
    const answer = await ask(name, keys)
    bodies.set(
      name,
      kind === 'hono-bytes' || kind === 'buffer' ? Buffer.from(await answer.arrayBuffer()) : await answer.text(),
    )
  }
  const server = kind.startsWith('hono') ? honoServer(bodies) : nodeServer(bodies)
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    printPort(typeof address === 'object' ? address?.port : undefined)
  })
}

type Bodies = ReadonlyMap<string, string | Buffer<ArrayBuffer>>

function honoServer(bodies: Bodies): Server {
  const bare = new Hono().post('/v1/features/:service', async (c) => {
    await c.req.json()
    return c.body(bodies.get(c.req.param('service')) ?? '', 200, { 'content-type': 'application/json' })
  })
  return createServer(getRequestListener(bare.fetch))
}

function nodeServer(bodies: Bodies): Server {
  return createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString())
      const body = bodies.get(incoming.url?.slice('/v1/features/'.length) ?? '') ?? ''
      outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      outgoing.end(body)
    })
  })
}
