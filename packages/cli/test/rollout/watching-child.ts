/** Looks at the roll-outs of a registry as fast as it can until it is killed. Prints a line once it has begun. */
import { join } from 'node:path'
import process from 'node:process'
import { openCatalog } from '@martlet/feature-store'
import { folderArtifacts, openRegistry } from '@martlet/registry'
import { watchRounds } from '../../src/rollout/watch-rounds.ts'

const [folder = ''] = process.argv.slice(2)
const catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
const registry = await openRegistry({ db: catalog.db, artifacts: folderArtifacts(join(folder, 'artifacts')) })
process.stdout.write('begun\n')
await watchRounds(registry, {
  models: [],
  actor: `watch ${process.pid}`,
  every: 0,
  signal: new AbortController().signal,
  onResult: () => undefined,
  onFailure: () => undefined,
})
