/**
 * A serving process to be abused. Takes `ServerSettings` as JSON and prints its port. On SIGUSR2 it collects garbage and prints
 * the bytes still held; on SIGTERM it ends.
 */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLmdbStore, openMemoryStore, type OnlineStore } from '@martlet/feature-store'
import { Hono } from 'hono'
import { fixedCatalog, hashApiKey, listen, serving, type Limits, type ListenOptions } from '../../../src/index.ts'
import { scorer } from './models.ts'
import { publishRegions, regionModels, regions } from './regions.ts'
import { keys, type ServerSettings } from './settings.ts'
import { large, publishSizes, small } from './sizes.ts'

interface Received extends Omit<ServerSettings, 'limits' | 'listen'> {
  readonly limits?: Partial<Limits>
  readonly listen?: ListenOptions
}

const received: Received = JSON.parse(process.argv[2] ?? '{}')
const { mode = 'plain', definitions = 'sizes', store = 'memory', storeMs = 0, auth = keys, limits = {} } = received

const filled: OnlineStore =
  store === 'memory' ? openMemoryStore() : openLmdbStore({ path: await mkdtemp(join(tmpdir(), 'martlet-abuse-')) })
await (definitions === 'sizes' ? publishSizes : publishRegions)(filled)
const slow: OnlineStore = {
  ...filled,
  async read(reads) {
    await sleep(storeMs)
    return filled.read(reads)
  },
}
const app = serving({
  catalog: fixedCatalog({ services: (definitions === 'sizes' ? [small, large] : regions).map(({ plan }) => plan) }),
  online: storeMs === 0 ? filled : slow,
  registry: definitions === 'sizes' ? scorer : regionModels,
  auth: auth === 'none' ? 'none' : { keys: auth.map((key) => ({ ...key, sha256: hashApiKey(`key of ${key.name}`) })) },
  limits,
})
const options: ListenOptions = { port: 0, shutdownMs: 500, ...received.listen }
const carriers = {
  plain: () => app,
  routed: () => new Hono().route('/ml', app),
  mounted: () => new Hono().mount('/ml', app.fetch),
  wrapped: () => new Hono().mount('/ml', (request) => app.fetch(request)),
}
const server = await listen(carriers[mode](), { ...options, parts: [app] })
process.on('SIGUSR2', () => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  process.stdout.write(`${heapUsed + external}\n`)
})
process.stdout.write(`${server.port}\n`)
await server.closed
