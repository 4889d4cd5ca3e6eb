import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  applyDefinitions,
  entity,
  featureService,
  featureView,
  openCatalog,
  openMemoryStore,
  planDefinitions,
  precomputed,
  publishRows,
  type OnlineStore,
} from '@martlet/feature-store'
import { folderArtifacts, linearRegressionOnnx, openRegistry, type OnnxRuntime } from '@martlet/registry'
import { z } from 'zod'
import { serving, type ServingApp, type ServingOptions } from '../../../src/index.ts'
import { batch, once } from '../../support/batch.ts'
import { customerUsage, now, publishEnergy, usageOnly } from '../../support/energy.ts'

const box = entity('box', { box_id: z.int() })

/** One column of each type that a model of one input per feature can take. */
const contents = precomputed('mart.contents', {
  columns: {
    box_id: z.int(),
    at: z.date(),
    whole: z.int(),
    flag: z.boolean(),
    word: z.string(),
    real: z.number(),
  },
  entity: box,
  time: 'at',
})

const boxContents = featureView('box_contents', {
  of: box,
  from: contents,
  every: '1d',
  features: (f) => ({
    whole: f.column('whole'),
    flag: f.column('flag'),
    word: f.column('word'),
    real: f.column('real'),
  }),
})

const boxes = featureService('boxes', [boxContents])

async function publishBoxes(store: OnlineStore): Promise<void> {
  await publishRows(
    store,
    boxContents.plan,
    once(
      batch({
        box_id: ['bigint', [7n, 9_007_199_254_740_993n]],
        feature_time: ['timestamp', [now - 5_000_000n, now - 9_000_000n]],
        whole: ['bigint', [-3n, 9_007_199_254_740_993n]],
        flag: ['boolean', [true, false]],
        word: ['text', ['ja "ja"', 'größer']],
        real: ['double', [0.1, -1e300]],
      }),
    ),
  )
}

function exported(name: string): Uint8Array {
  return readFileSync(join(import.meta.dirname, '../../../../registry/test/fixtures', `${name}.onnx`))
}

const USAGE = ['customer_usage__kwh_1d', 'customer_usage__kwh_7d', 'customer_usage__peak_7d']

/**
 * A catalog, a registry and a store in a folder, with three models: `usage_model` (two versions of a linear one, of which
 * `champion` is the first and `next` the second), `tariffs` (a classifier with named classes) and `echo`, which answers what it
 * is given in four types.
 */
export async function inferenceBacking(folder: string, runtime?: OnnxRuntime) {
  const catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
  const online = openMemoryStore()
  await publishEnergy(online)
  await publishBoxes(online)
  await applyDefinitions(catalog, await planDefinitions(catalog, [customerUsage, usageOnly, boxContents, boxes]))
  const registry = await openRegistry({
    db: catalog.db,
    artifacts: folderArtifacts(join(folder, 'artifacts')),
    ...(runtime === undefined ? {} : { runtime }),
  })
  const actor = 'trainer'
  const promote = (model: string, alias: string, version: number) =>
    registry.setAlias(model, alias, version, { expect: null, reason: 'first', actor })
  for (const bias of [0, 100]) {
    await registry.register({
      model: 'usage_model',
      onnx: linearRegressionOnnx({ features: USAGE, weights: [1, 2, 3], bias, impute: [null, null, 1] }),
      service: usageOnly.plan,
      goldenRows: {
        inputs: [[1, 2, 3]],
        outputs: { prediction: [14 + bias] },
        tolerance: { absolute: 0, relative: 0 },
      },
      actor,
    })
  }
  await promote('usage_model', 'champion', 1)
  await promote('usage_model', 'next', 2)
  const { rows, named } = z
    .object({
      rows: z.array(z.array(z.number())),
      named: z.object({ label: z.array(z.string()), probabilities: z.array(z.array(z.number())) }),
    })
    .parse(
      JSON.parse(
        Buffer.from(
          readFileSync(join(import.meta.dirname, '../../../../registry/test/fixtures/expected.json')),
        ).toString(),
      ),
    )
  const tolerance = { absolute: 1e-5, relative: 1e-5 }
  await registry.register({
    model: 'tariffs',
    onnx: exported('classifier-zipmap-text'),
    service: usageOnly.plan,
    goldenRows: {
      inputs: rows,
      outputs: { output_label: named.label, output_probability: named.probabilities },
      tolerance,
    },
    actor,
  })
  await promote('tariffs', 'champion', 1)
  await registry.register({
    model: 'echo',
    onnx: exported('echo'),
    service: boxes.plan,
    inputs: Object.fromEntries(['whole', 'flag', 'word', 'real'].map((name) => [`box_contents__${name}`, name])),
    goldenRows: {
      inputs: [[1n, true, 'a', 0.5]],
      outputs: { whole_out: [1n], flag_out: [true], word_out: ['a'], real_out: [0.5] },
      tolerance,
    },
    actor,
  })
  await promote('echo', 'champion', 1)
  return {
    catalog,
    online,
    registry,
    serve: (options: Partial<ServingOptions> = {}): ServingApp =>
      serving({
        catalog,
        online,
        registry,
        auth: 'none',
        now: () => now,
        ...options,
        // These tests are not about time, and machines may be busy.
        limits: { deadlineMs: 60_000, ...options.limits },
      }),
    async close(): Promise<void> {
      await catalog.close()
      await online.close()
    },
  }
}
