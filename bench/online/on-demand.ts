// What an on-demand feature adds to an online read of 50 features, in process, from an LMDB store of 10 k customers: the two
// readers take turns, and the times are those of the processor.
// npx node --conditions=@martlet/source bench/online/on-demand.ts [seconds for each reader and number of entities]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import {
  openLmdbStore,
  openOnlineReader,
  publishRows,
  type ExpressionsPlan,
  type OnlineReader,
  type ServicePlan,
} from '@martlet/feature-store'
import { benchBatch, benchService, benchView, customerId, randomNumbers, streamed } from './plans.ts'

const SECONDS = Number(process.argv[2] ?? 5)
const CUSTOMERS = 10_000
const random = randomNumbers(11)
const views = Array.from({ length: 5 }, (_, index) => benchView(index))

/** `km / feature_0 * 60` */
const fare: ExpressionsPlan = {
  kind: 'expressions',
  name: 'fare',
  inputs: [{ name: 'view_00__feature_0', view: 'view_00', feature: 'feature_0', type: 'double' }],
  request: [{ name: 'km', type: 'double', nullable: false, checks: [] }],
  features: [
    {
      name: 'minutes',
      type: 'double',
      nullable: true,
      expression: {
        kind: 'binary',
        operator: 'multiply',
        left: {
          kind: 'binary',
          operator: 'divide',
          left: { kind: 'column', name: 'km' },
          right: { kind: 'column', name: 'view_00__feature_0' },
        },
        right: { kind: 'literal', value: 60 },
      },
    },
  ],
  hash: 'bench-fare',
}

const folder = await mkdtemp(join(tmpdir(), 'martlet-bench-'))
const store = openLmdbStore({ path: folder })
const now = BigInt(Date.now()) * 1000n
const everybody = Uint32Array.from({ length: CUSTOMERS }, (_, index) => index)
for (const view of views) await publishRows(store, view, streamed([benchBatch(everybody, now, random)]))

const stored = benchService(views)
const computed: ServicePlan = { ...stored, onDemand: [{ plan: fare, features: ['minutes'] }] }

const table: Record<string, number>[] = []
for (const entities of [1, 10, 100]) {
  const sides = [stored, computed].map((service) => ({
    reader: openOnlineReader({ service, store }),
    computes: service.onDemand !== undefined,
    micros: 0,
    calls: 0,
  }))
  for (const end = performance.now() + SECONDS * 2000; performance.now() < end;) {
    for (const side of sides) {
      const calls = Math.ceil(2000 / entities)
      const before = process.cpuUsage()
      for (let call = 0; call < calls; call++) await once(side.reader, side.computes, entities)
      const { user, system } = process.cpuUsage(before)
      side.micros += user + system
      side.calls += calls
      // Like a server: LMDB renews its snapshot between turns of the event loop.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const [without = 0, withOne = 0] = sides.map(({ micros, calls }) => micros / calls)
  const result = {
    entities,
    features: 50,
    'without µs': Number(without.toFixed(2)),
    'with µs': Number(withOne.toFixed(2)),
    'added µs': Number((withOne - without).toFixed(2)),
  }
  console.log(JSON.stringify({ bench: 'online/on-demand', ...result }))
  table.push(result)
}
console.table(table)
await store.close()
await rm(folder, { recursive: true })

/** A read whose numbers go into one tensor, as for a model. */
async function once(reader: OnlineReader, computes: boolean, entities: number): Promise<number> {
  const keys = Array.from({ length: entities }, () => ({ customer_id: customerId(Math.floor(random() * CUSTOMERS)) }))
  const vectors = await reader.read(keys, computes ? { request: keys.map(() => ({ km: random() * 100 })) } : {})
  const width = vectors.fields.length
  const tensor = new Float32Array(vectors.rows * width)
  for (let field = 0; field < width; field++) vectors.fill(field, tensor, field, width)
  return tensor.length
}
