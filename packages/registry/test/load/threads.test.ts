import { expect, test } from 'vitest'
import { loadModel, nodeRuntime, treeEnsembleOnnx, type OnnxRuntime, type TreeNode } from '../../src/index.ts'
import { MAX_THREADS, takeThreads, threadsFree } from '../../src/runtime/threaded/thread-limits.ts'
import { linear, temporaryRegistry } from '../support/registries.ts'
import { service } from '../support/services.ts'

const reference = { model: 'next_day', version: 1 }
const rows = [
  [1, 2],
  [4, null],
]

async function answers(model: Awaited<ReturnType<typeof loadModel>>): Promise<readonly unknown[]> {
  return [...(await model.predict(rows))['prediction']!.data]
}

test('a model that is slower than the threshold runs in threads, and a fast one on the calling thread', async () => {
  const { registry } = await temporaryRegistry()
  await registry.register(linear(5))
  const free = threadsFree()
  const places: number[] = []
  for (const options of [{ threads: 2, threadFromMs: 0 }, { threads: 2, threadFromMs: 10_000 }, {}]) {
    await using model = await loadModel(registry, reference, options)
    places.push(model.threads)
    expect(threadsFree()).toBe(free - model.threads)
    expect([model.isolated, await answers(model)]).toEqual([false, [13, 43]])
  }
  expect(places).toEqual([2, 0, 0])
  expect(threadsFree()).toBe(free)
})

test('when all threads are taken, a model runs on the calling thread', async () => {
  const { registry } = await temporaryRegistry()
  await registry.register(linear(5))
  const giveBack = takeThreads(MAX_THREADS)
  try {
    await using model = await loadModel(registry, reference, { threads: 1, threadFromMs: 0 })
    expect([model.threads, await answers(model)]).toEqual([0, [13, 43]])
  } finally {
    giveBack?.()
  }
})

test('without a process, the time of the trial at registration decides', async () => {
  const { registry, db } = await temporaryRegistry()
  const { trial } = (await registry.register(linear(5))).version
  const cost = trial.cost.map((of) => ({ ...of, fastestMs: of.batch === 1 ? 3 : 0 }))
  await db
    .updateTable('model_versions')
    .set({ trial: JSON.stringify({ ...trial, cost }) })
    .execute()
  const options = { isolation: 'never', threads: 1 } as const
  await using slower = await loadModel(registry, reference, { ...options, threadFromMs: 2 })
  await using faster = await loadModel(registry, reference, { ...options, threadFromMs: 4 })
  expect([slower.threads, faster.threads]).toEqual([1, 0])
})

/** onnxruntime, but every answer to more than one row is off by one bit, as sums in another order are. */
async function rounding(): Promise<OnnxRuntime> {
  const { name, open } = await nodeRuntime()
  return {
    name,
    async open(bytes, label) {
      const session = await open(bytes, label)
      return {
        ...session,
        async run(feeds, fetches) {
          const outputs = await session.run(feeds, fetches)
          for (const { data, dims } of Object.values(outputs))
            if (data instanceof Float32Array && dims[0] !== 1) new Int32Array(data.buffer)[data.length - 1]! ^= 1
          return outputs
        },
      }
    },
  }
}

test('only a model with the same answers alone and among others, to the last bit, may share runs', async () => {
  const tree = (seed: number): TreeNode => ({
    feature: seed % 2,
    threshold: Math.sin(seed) * 4,
    left: Math.sin(seed + 1),
    right: Math.cos(seed),
  })
  const features = ['usage__kwh_7d', 'usage__kwh_28d']
  const onnx = treeEnsembleOnnx({ features, trees: Array.from({ length: 50 }, (_, index) => tree(index)) })
  const session = await (await nodeRuntime()).open(onnx)
  const data = Float32Array.of(1, 2, -3, 0.5)
  const expected = await session.run({ features: { element: 'float32', dims: [2, 2], data } }, ['prediction'])
  await session.release()
  const registration = {
    model: 'next_day',
    onnx,
    service: service([{ name: 'kwh_7d' }, { name: 'kwh_28d' }]),
    goldenRows: {
      inputs: [
        [1, 2],
        [-3, 0.5],
      ],
      outputs: { prediction: [...expected['prediction']!.data].map(Number) },
      tolerance: { absolute: 1e-5, relative: 1e-5 },
    },
    actor: 'trainer',
  }
  for (const [runtime, exact] of [
    [undefined, true],
    [await rounding(), false],
  ] as const) {
    const { registry } = await temporaryRegistry(runtime === undefined ? {} : { runtime })
    await registry.register(registration)
    await using model = await loadModel(registry, reference)
    expect(model.exactInBatches).toBe(exact)
    await using unproven = await loadModel(registry, reference, { replay: false })
    // What has been proven for the same bytes in this process need not be proven again.
    expect(unproven.exactInBatches).toBe(exact)
  }
})
