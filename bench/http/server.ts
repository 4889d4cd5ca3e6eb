/**
 * One server process of the benchmark. `martlet` serves features from LMDB; `bare` is the least a Hono server can do for the same
 * answer: read the JSON of the request and send what was made before, as text or, with `bytes`, as bytes.
 *
 * node --conditions=@martlet/source bench/http/server.ts martlet|bare|bytes <store folder> [auth]
 */
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { fixedCatalog, hashApiKey, listen, serving } from '@martlet/serving'
import { Hono } from 'hono'
import { openFilledStore, services } from './fixture.ts'

const [kind = 'martlet', folder = '', auth = 'none'] = process.argv.slice(2)
const online = await openFilledStore(folder)
const app = serving({
  catalog: fixedCatalog({ services: Object.values(services) }),
  online,
  auth:
    auth === 'auth'
      ? { keys: [{ name: 'bench', sha256: hashApiKey('bench key'), scopes: ['features:read'] }] }
      : 'none',
})

if (kind === 'martlet') {
  const { port } = await listen(app, { port: 0 })
  process.stdout.write(`${port}\n`)
} else {
  const bodies = new Map<string, string | Uint8Array<ArrayBuffer>>()
  for (const [name, rows] of [
    ['small', 1],
    ['large', 100],
  ] as const) {
    const keys = Array.from({ length: rows }, (_, row) => ({
      customer_id: `customer-${String(row * 37).padStart(6, '0')}`,
    }))
    const answer = await app.request(`/v1/features/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ keys }),
    })
    bodies.set(name, kind === 'bytes' ? new Uint8Array(await answer.arrayBuffer()) : await answer.text())
  }
  const bare = new Hono().post('/v1/features/:service', async (c) => {
    await c.req.json()
    return c.body(bodies.get(c.req.param('service')) ?? '', 200, { 'content-type': 'application/json' })
  })
  const server = createServer(getRequestListener(bare.fetch)).listen(0, '127.0.0.1', () => {
    const address = server.address()
    process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`)
  })
}
