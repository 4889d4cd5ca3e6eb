// Drains, folds and materializes again and again until it is killed: `drain-loop.ts <folder>`.
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { drain, foldViews, materialize, openCatalog, openLmdbStore } from '@martlet/feature-store'
import { openDuckDb } from '@martlet/warehouse'
import { payments, tempo, velocity } from '../../packages/feature-store/test/continuous/payments.ts'

const [folder = '.'] = process.argv.slice(2)
const views = [velocity.plan, tempo.plan]
await using online = openLmdbStore({ path: join(folder, 'online') })
await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
await using warehouse = await openDuckDb({ path: join(folder, 'warehouse.duckdb') })
const { events } = online
if (events === undefined) throw new Error('the store takes no events')
console.log('ready')
for (let round = 0; ; round++) {
  await drain({ warehouse, source: payments.plan, events })
  await foldViews({ online, views, sources: [payments.plan], limit: 4 })
  // A lease of a process that was killed is taken over.
  if (round % 3 === 2) await materialize({ warehouse, catalog, online, views, sources: [payments], quality: false })
  await sleep(10)
}
