// Materializes one step of the story in kill.test.ts when told to go, and prints how far it is, until it is done or
// killed.
import { once } from 'node:events'
import { join } from 'node:path'
import { materialize, openCatalog, openLmdbStore } from '../../src/index.ts'
import { changedUsage, customerUsage } from './energy.ts'
import { openWarehouse } from './open-warehouse.ts'

await once(process.stdin, 'data')
process.stdin.destroy()
const [path = '', now = '', definition = '', url] = process.argv.slice(2)
await using warehouse = await openWarehouse(path, url)
await using catalog = await openCatalog({ path: join(path, 'catalog.db') })
await using online = openLmdbStore({ path: join(path, 'online') })
process.stdout.write('open\n')
await materialize({
  warehouse,
  catalog,
  online,
  now,
  chunk: { instants: url === undefined || url === '' ? 2 : 5 },
  views: [definition === 'changed' ? changedUsage : customerUsage],
  onProgress: (event) =>
    process.stdout.write(`${event.type === 'chunk' && event.done === event.to ? 'last chunk' : event.type}\n`),
})
