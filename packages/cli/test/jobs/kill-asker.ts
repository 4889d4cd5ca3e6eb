// Asks for some jobs, each under a key of its own, as a client does that repeats what it has no answer to.
import process from 'node:process'
import { openCatalog } from '@martlet/feature-store'
import { catalogJobs } from '@martlet/serving'

await using catalog = await openCatalog({ path: 'catalog.sqlite' })
const jobs = catalogJobs(catalog, { limits: { maxFailures: 100 } })
process.stdout.write('open\n')
for (const view of process.argv.slice(2)) {
  await jobs.submit({ kind: 'materialize', arguments: { views: [view] }, by: 'ann', idempotencyKey: `make ${view}` })
}
