import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  applyDefinitions,
  entity,
  featureService,
  featureView,
  openCatalog,
  openLmdbStore,
  planDefinitions,
  precomputed,
  publishRows,
  type Catalog,
  type OnlineStore,
} from '@martlet/feature-store'
import {
  folderArtifacts,
  nodeRuntime,
  openRegistry,
  treeEnsembleOnnx,
  type Registry,
  type TreeNode,
} from '@martlet/registry'
import { columnBatch } from '@martlet/warehouse'
import { z } from 'zod'

const ENTITIES = 10_000
const WIDTH = 20

const customer = entity('customer', { customer_id: z.string() })
const columns = {
  feature_0: z.number(),
  feature_1: z.number(),
  feature_2: z.number(),
  feature_3: z.number(),
  feature_4: z.number(),
  feature_5: z.number(),
  feature_6: z.number(),
  feature_7: z.number(),
  feature_8: z.number(),
  feature_9: z.number(),
}
const names = Object.keys(columns)

function view(index: number) {
  const source = precomputed(`mart.source_${index}`, {
    columns: { customer_id: z.string(), at: z.date(), ...columns },
    entity: customer,
    time: 'at',
  })
  return featureView(`view_${index}`, {
    of: customer,
    from: source,
    every: '1d',
    features: (f) => ({
      feature_0: f.column('feature_0'),
      feature_1: f.column('feature_1'),
      feature_2: f.column('feature_2'),
      feature_3: f.column('feature_3'),
      feature_4: f.column('feature_4'),
      feature_5: f.column('feature_5'),
      feature_6: f.column('feature_6'),
      feature_7: f.column('feature_7'),
      feature_8: f.column('feature_8'),
      feature_9: f.column('feature_9'),
    }),
  })
}

const views = [view(0), view(1)]
export const service = featureService('twenty', views)

/** Shares from 0 to 1, the same in every run. */
function randoms(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function tree(depth: number, random: () => number): TreeNode {
  if (depth === 0) return random() - 0.5
  return {
    feature: Math.floor(random() * WIDTH),
    threshold: random(),
    left: tree(depth - 1, random),
    right: tree(depth - 1, random),
  }
}

/** Boosted trees of depth 6 over the twenty features. */
export function trees(count: number): Uint8Array {
  const random = randoms(count)
  return treeEnsembleOnnx({
    features: views.flatMap(({ name }) => names.map((feature) => `${name}__${feature}`)),
    trees: Array.from({ length: count }, () => tree(6, random)),
  })
}

/** `trees` runs in some 15 µs for one row, `forest` in about a millisecond. */
export const MODELS = { trees: 100, forest: 4000 } as const

export interface Filled {
  readonly catalog: Catalog
  readonly online: OnlineStore
  readonly registry: Registry
}

/** A catalog, an LMDB store with 10 000 entities, and a registry with both models, each its own champion. */
export async function openFilled(folder: string): Promise<Filled> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const online = openLmdbStore({ path: join(folder, 'online') })
  const time = BigInt(Math.floor(Date.now() / 86_400_000)) * 86_400_000_000n
  const ids = Array.from({ length: ENTITIES }, (_, index) => `customer-${String(index).padStart(6, '0')}`)
  for (const { plan } of views) {
    const random = randoms(plan.name.length + plan.name.charCodeAt(5))
    const filled = names.map((name) => [name, { type: 'double' as const, values: ids.map(() => random()) }] as const)
    const batch = columnBatch({
      customer_id: { type: 'text', values: ids },
      feature_time: { type: 'timestamp', values: ids.map(() => time) },
      ...Object.fromEntries(filled),
    })
    await publishRows(online, plan, once(batch))
  }
  const catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
  await applyDefinitions(catalog, await planDefinitions(catalog, [...views, service]))
  const registry = await openRegistry({ db: catalog.db, artifacts: folderArtifacts(join(folder, 'artifacts')) })
  const random = randoms(7)
  const inputs = Array.from({ length: 16 }, () => Array.from({ length: WIDTH }, () => Math.fround(random())))
  for (const [model, count] of Object.entries(MODELS)) {
    const onnx = trees(count)
    const session = await (await nodeRuntime()).open(onnx)
    const data = Float32Array.from(inputs.flat())
    const answers = await session.run({ features: { element: 'float32', dims: [16, WIDTH], data } }, ['prediction'])
    await session.release()
    await registry.register({
      model,
      onnx,
      service: service.plan,
      goldenRows: {
        inputs,
        outputs: { prediction: [...(answers['prediction']?.data ?? [])].map(Number) },
        tolerance: { absolute: 1e-4, relative: 1e-4 },
      },
      actor: 'bench',
    })
    await registry.setAlias(model, 'champion', 1, { expect: null, actor: 'bench', reason: 'bench' })
  }
  return { catalog, online, registry }
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value
}
