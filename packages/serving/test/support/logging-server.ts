/** A process that answers predictions and logs them until it is killed. Prints its port. */
import { openMemoryStore } from '@martlet/feature-store'
import { fixedCatalog, listen, serving, type ModelSource } from '../../src/index.ts'
import { now, publishEnergy, usageOnly } from './energy.ts'

const [folder = ''] = process.argv.slice(2)
const online = openMemoryStore()
await publishEnergy(online)
const fields = ['kwh_1d', 'kwh_7d', 'peak_7d'].map(
  (name) => ({ field: `customer_usage__${name}`, type: 'double', missing: 'nan' }) as const,
)
const models: ModelSource = {
  aliases: () => [{ model: 'sum', alias: 'champion', version: 1 }],
  models: () => [],
  versions: () => [],
  history: () => [],
  load: async (model, version) => ({
    model,
    version,
    sha256: 'f'.repeat(64),
    service: 'usage_only',
    definitionHashes: {},
    fields,
    predict: async (vectors) => ({
      sum: {
        element: 'float64',
        dims: [vectors.rows, 1],
        data: Float64Array.from(
          { length: vectors.rows },
          (_, row) => Number(vectors.value(row, 0)) + Number(vectors.value(row, 1)),
        ),
      },
    }),
    release: async () => undefined,
  }),
}
const app = serving({
  catalog: fixedCatalog({ services: [usageOnly.plan] }),
  online,
  registry: models,
  auth: 'none',
  now: () => now,
  log: { folder, flushMs: 1, rotateBytes: 200_000 },
})
const server = await listen(app, { port: 0 })
process.stdout.write(`${server.port}\n`)
await server.closed
