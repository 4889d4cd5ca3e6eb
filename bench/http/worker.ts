/**
 * One of several processes of the benchmark that answer on one port: features from LMDB, and predictions of a model that
 * adds up two features, which are logged.
 *
 * Started by `serveWorkers` with <store folder> <log folder>.
 */
import { fixedCatalog, listen, serving, servingWorker, type ModelSource } from '@martlet/serving'
import { openFilledStore, services } from './fixture.ts'
import { answerWhatIsHeld } from './processes.ts'

const [folder = '', log = ''] = process.argv.slice(2)
const worker = servingWorker()
if (worker === undefined) throw new Error('serveWorkers starts this')
answerWhatIsHeld(folder)

const sum: ModelSource = {
  aliases: () => [{ model: 'sum', alias: 'champion', version: 1 }],
  models: () => [],
  versions: () => [],
  history: () => [],
  load: async (model, version) => ({
    model,
    version,
    sha256: 'f'.repeat(64),
    service: 'small',
    definitionHashes: {},
    fields: ['view_0__feature_0', 'view_4__feature_9'].map(
      (field) => ({ field, type: 'double', missing: 'nan' }) as const,
    ),
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
  catalog: fixedCatalog({ services: Object.values(services) }),
  online: await openFilledStore(folder),
  registry: sum,
  auth: 'none',
  worker,
  // Files are finished often, so that a soak opens and closes many.
  ...(log === '' ? {} : { log: { folder: log, rotateMs: 5000 } }),
})
const server = await listen(app, { worker })
await server.closed
process.exit(0)
