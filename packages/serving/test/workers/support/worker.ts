/** One of several workers; each opens the catalog, the store and the registry of a folder. Takes `WorkerSettings` as JSON. */
import { join } from 'node:path'
import { openCatalog, openLmdbStore } from '@martlet/feature-store'
import { redisStore } from '@martlet/feature-store/redis'
import { folderArtifacts, nodeRuntime, openRegistry } from '@martlet/registry'
import { listen, serving, servingWorker } from '../../../src/index.ts'
import { now } from '../../support/energy.ts'
import type { WorkerSettings } from './settings.ts'

const { folder, redis }: WorkerSettings = JSON.parse(process.argv[2] ?? '{}')
const worker = servingWorker()
if (worker === undefined) throw new Error('not started by serveWorkers')

const catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
const online = redis === undefined ? openLmdbStore({ path: join(folder, 'online') }) : await redisStore({ url: redis })
const { name, open } = await nodeRuntime()
const app = serving({
  catalog,
  online,
  registry: await openRegistry({
    db: catalog.db,
    artifacts: folderArtifacts(join(folder, 'artifacts')),
    runtime: { name, open },
  }),
  auth: 'none',
  now: () => now,
  pollMs: 50,
  log: { folder: join(folder, 'log'), flushMs: 10 },
  worker,
  onError: () => undefined,
})
const server = await listen(app, { worker })
await server.closed
await online.close()
await catalog.close()
