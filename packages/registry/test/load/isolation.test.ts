import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import {
  linearRegressionOnnx,
  loadModel,
  nodeRuntime,
  openRegistry,
  type LoadOptions,
  type OnnxRuntime,
  type Registration,
  type Registry,
} from '../../src/index.ts'
import { failure } from '../support/failure.ts'
import { constantBomb, featureBomb, loopModel } from '../support/hostile-models.ts'
import { linear, temporaryRegistry } from '../support/registries.ts'
import { service } from '../support/services.ts'

const registration = (onnx: Uint8Array, inputs: readonly number[] = [1, 3]): Registration => ({
  model: 'm',
  onnx,
  service: service([{ name: 'a', nullable: false }]),
  goldenRows: {
    inputs: inputs.map((value) => [value]),
    outputs: { y: inputs },
    tolerance: { absolute: 0, relative: 0 },
  },
  actor: 'trainer',
})
const m = { model: 'm', version: 1 }

const children = (): number =>
  execFileSync('ps', ['-A', '-o', 'ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('model-process') && Number.parseInt(line, 10) === process.pid).length

/** Replaces the file of a version with one that was not tried, as somebody with access to catalog and folder could. */
async function replaced(onnx: Uint8Array): Promise<Registry> {
  const { registry, db } = await temporaryRegistry()
  await registry.register(
    registration(linearRegressionOnnx({ features: ['usage__a'], weights: [1], bias: 0, output: 'y' })),
  )
  const inputs = JSON.stringify([{ name: 'x', element: 'float32', shape: [null, 1] }])
  const { signature } = await registry.version('m', 1)
  const changed = {
    ...signature,
    inputs: JSON.parse(inputs) as unknown,
    fields: signature.fields.map((field) => ({ ...field, input: 'x' })),
  }
  await db
    .updateTable('model_versions')
    .set({ artifact_sha256: await registry.artifacts.put(onnx), signature: JSON.stringify(changed) })
    .execute()
  return registry
}

describe('registering', () => {
  test('notes what the model took and that it is bounded', async () => {
    const { registry } = await temporaryRegistry({ trial: { rows: 200 } })
    const { trial } = (await registry.register(linear(5))).version
    expect(trial.unbounded).toEqual([])
    expect(trial.largest?.batch).toBe(200)
    expect(trial.largest?.ms).toBeGreaterThan(0)
    expect(trial.peakBytes).toBeGreaterThan(0)
    expect(trial.peakBytes).toBeLessThan(512 * 2 ** 20)
    expect(children()).toBe(0)
  })

  test('names the operators because of which a model is not bounded', async () => {
    const { registry } = await temporaryRegistry()
    expect((await registry.register(registration(loopModel()))).version.trial.unbounded).toEqual(['Loop'])
  })

  test.for<[string, Registration, string]>([
    ['a loop that golden rows drive too far', registration(loopModel(), [1, 2 ** 40]), 'MODEL_TIME_LIMIT'],
    ['memory that the file asks for', registration(constantBomb(400_000_000)), 'MODEL_MEMORY_LIMIT'],
    ['memory that golden rows ask for', registration(featureBomb(), [1, 2 ** 36]), 'MODEL_MEMORY_LIMIT'],
  ])('refuses %s and stores nothing', async ([, given, code]) => {
    const { registry } = await temporaryRegistry({ trial: { limits: { runMs: 1500 } } })
    expect((await failure(() => registry.register(given))).code).toBe(code)
    expect(await registry.models()).toEqual([])
    expect(children()).toBe(0)
  })

  test('refuses a model that passes its limits only at the largest batch', async () => {
    const { registry } = await temporaryRegistry({
      trial: { rows: 100_000, limits: { memoryBytes: 64 * 2 ** 20, outputBytes: 2 ** 18 } },
    })
    const error = await failure(() => registry.register(linear(5)))
    expect([error.code, error.data['limitBytes']]).toEqual(['MODEL_MEMORY_LIMIT', 2 ** 18])
  })

  test('a check notes that a version passes the limits no more', async () => {
    const { registry, db, folder } = await temporaryRegistry()
    await registry.register(registration(loopModel()))
    const strict = await openRegistry({ db, artifacts: registry.artifacts, trial: { limits: { openMs: 1 } } })
    expect(folder).toBeTruthy()
    expect(await strict.check('m', 1)).toMatchObject({
      status: 'FAILED',
      statusMessage: expect.stringMatching(/did not open within 1 ms/) as unknown,
    })
    expect(await registry.check('m', 1)).toMatchObject({ status: 'READY' })
  })

  test('trials from before these limits are read', async () => {
    const { registry, db } = await temporaryRegistry()
    await registry.register(linear(5))
    const { largest: _, peakBytes: __, unbounded: ___, ...old } = (await registry.version('next_day', 1)).trial
    await db
      .updateTable('model_versions')
      .set({ trial: JSON.stringify(old) })
      .execute()
    expect((await registry.version('next_day', 1)).trial).toEqual(old)
    await using model = await loadModel(registry, { model: 'next_day', version: 1 })
    expect(model.isolated).toBe(false)
  })
})

describe('loading', () => {
  test('a bounded model runs in this process, others in one of their own', async () => {
    const { registry } = await temporaryRegistry()
    await registry.register(linear(5))
    await registry.register(registration(loopModel()))
    await using bounded = await loadModel(registry, { model: 'next_day', version: 1 })
    expect([bounded.isolated, children()]).toEqual([false, 0])
    await using loop = await loadModel(registry, m, { limits: { runMs: 1000 } })
    expect([loop.isolated, children()]).toEqual([true, 1])
    expect((await failure(() => loop.predict([[2 ** 40]]))).code).toBe('MODEL_TIME_LIMIT')
    expect([...(await loop.predict([[2], [5]]))['y']!.data]).toEqual([2, 5])
    await loop.release()
    expect(children()).toBe(0)
  })

  test('isolation can be requested for all models and for none', async () => {
    const { registry } = await temporaryRegistry()
    await registry.register(linear(5))
    await registry.register(registration(loopModel()))
    await using always = await loadModel(registry, { model: 'next_day', version: 1 }, { isolation: 'always' })
    expect([always.isolated, [...(await always.predict([[1, 2]]))['prediction']!.data]]).toEqual([true, [13]])
    await using never = await loadModel(registry, m, { isolation: 'never' })
    expect([never.isolated, [...(await never.predict([[7]]))['y']!.data]]).toEqual([false, [7]])
  })

  test('a runtime of the caller is trusted and used directly', async () => {
    const { registry, db } = await temporaryRegistry()
    await registry.register(registration(loopModel()))
    const { name, open } = await nodeRuntime()
    const own = await openRegistry({ db, artifacts: registry.artifacts, runtime: { name, open } })
    await using model = await loadModel(own, m, { isolation: 'always' })
    expect([model.isolated, children()]).toEqual([false, 0])
  })

  test.for<[string, Uint8Array, string]>([
    ['takes too much memory', constantBomb(400_000_000), 'MODEL_MEMORY_LIMIT'],
    ['has its weights elsewhere', linearWithExternalWeights(), 'ONNX_UNSUPPORTED'],
  ])('a file put behind a version by other means that %s never reaches this process', async ([, onnx, code]) => {
    const registry = await replaced(onnx)
    const before = process.memoryUsage.rss()
    expect((await failure(() => loadModel(registry, m))).code).toBe(code)
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 2 ** 20)
    expect(children()).toBe(0)
  })

  test('a bounded model is run at the largest batch before it runs here, once unless more is asked of it', async () => {
    const real = await nodeRuntime()
    let opened = 0
    const runtime: OnnxRuntime = {
      ...real,
      isolated: (limits) => ({
        name: real.name,
        open(bytes, label) {
          opened += 1
          return real.isolated!(limits).open(bytes, label)
        },
      }),
    }
    const { registry } = await temporaryRegistry({ runtime })
    await registry.register(linear(6))
    const load = async (options: LoadOptions): Promise<number> => {
      const before = opened
      await (await loadModel(registry, { model: 'next_day', version: 1 }, options)).release()
      return opened - before
    }
    // registering was its trial: the same rows and looser or tighter limits that it kept need no other
    expect([
      await load({}),
      await load({ rows: 10 }),
      await load({ limits: { memoryBytes: 2 ** 30, runMs: 9000 } }),
    ]).toEqual([0, 0, 0])
    const error = await failure(() => load({ rows: 100_000, limits: { outputBytes: 2 ** 18 } }))
    expect(error.code).toBe('MODEL_MEMORY_LIMIT')
    expect([await load({ rows: 100_000 }), await load({ rows: 100_000 }), await load({ rows: 100_001 })]).toEqual([
      1, 0, 1,
    ])
    expect((await failure(() => load({ limits: { openMs: 1 } }))).code).toBe('MODEL_TIME_LIMIT')
  })
})

function linearWithExternalWeights(): Uint8Array {
  const bytes = linearRegressionOnnx({ features: ['usage__a'], weights: [1], bias: 0, output: 'y' })
  // training information with a tensor elsewhere: ModelProto.20, TrainingInfoProto.2, GraphProto.5, TensorProto.14 = 1
  return Uint8Array.from([...bytes, 0xa2, 1, 6, 0x12, 4, 0x2a, 2, 0x70, 1])
}
