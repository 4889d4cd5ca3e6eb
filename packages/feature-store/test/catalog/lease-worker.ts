// Takes the lease of a view, starts a run, and holds on until it is killed.
import { acquireLease } from '../../src/catalog/lease.ts'
import { startRun } from '../../src/catalog/runs.ts'
import { openCatalogAt } from './scratch.ts'

const [place = ''] = process.argv.slice(2)
const catalog = await openCatalogAt(place)
await acquireLease(catalog, 'customer_usage', 'the worker')
await startRun(catalog.db, {
  id: 'run-1',
  view: 'customer_usage',
  hash: 'x',
  from: null,
  to: null,
  reason: 'first run',
  actor: 'the worker',
})
process.stdout.write('held\n')
setInterval(() => undefined, 1000)
