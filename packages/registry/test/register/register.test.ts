import { describe, expect, test } from 'vitest'
import { linearRegressionOnnx, loadModel, type Registration } from '../../src/index.ts'
import { failure } from '../support/failure.ts'
import { fixture, linear, temporaryRegistry } from '../support/registries.ts'
import { service } from '../support/services.ts'
import expected from '../fixtures/expected.json' with { type: 'json' }

const three = service([{ name: 'a' }, { name: 'b' }, { name: 'c' }])

test('a model is read, run, measured, stored and numbered', async () => {
  const { registry } = await temporaryRegistry()
  const { version, created } = await registry.register(
    linear(5, {
      metrics: { mae: 1.25, r2: Number.NaN },
      trainingSet: { rows: 1000, until: '2026-11-01' },
      tags: { team: 'energy' },
      runId: 'run-1',
      source: 's3://models/1',
      description: 'first',
    }),
  )
  expect(created).toBe(true)
  expect(version).toMatchObject({
    model: 'next_day',
    version: 1,
    status: 'READY',
    lifecycle: 'active',
    service: { name: 'next_day' },
    metrics: { mae: 1.25, r2: Number.NaN },
    trainingSet: { rows: 1000, until: '2026-11-01' },
    tags: { team: 'energy' },
    aliases: [],
    runId: 'run-1',
    source: 's3://models/1',
    description: 'first',
    createdBy: 'trainer',
  })
  expect(Object.keys(version.definitionHashes)).toEqual(['usage'])
  expect(version.trial.runtime).toMatch(/^onnxruntime-node 1\./)
  expect(version.trial.replay).toEqual({ rows: 2, outputs: ['prediction'], largestDifference: 0 })
  expect(version.trial.cost.map(({ batch }) => batch)).toEqual([1, 8, 64])
  for (const { runs, medianMs, fastestMs } of version.trial.cost) {
    expect(runs).toBeGreaterThan(0)
    expect(medianMs).toBeGreaterThanOrEqual(fastestMs)
    expect(fastestMs).toBeGreaterThan(0)
  }
  expect(await registry.version('next_day', 1)).toEqual(version)
  expect(Buffer.from(await registry.artifacts.get(version.artifact.sha256)).equals(Buffer.from(linear(5).onnx))).toBe(
    true,
  )
})

test('a classifier from scikit-learn keeps its labels and replays its probabilities', async () => {
  const { registry } = await temporaryRegistry()
  const onnx = await fixture('classifier-zipmap')
  const { version } = await registry.register({
    model: 'churn',
    onnx,
    service: three,
    // scikit-learn computes in float64, the exported trees in float32
    goldenRows: {
      inputs: expected.rows,
      outputs: { output_label: expected.forest.label, output_probability: expected.forest.probabilities },
      tolerance: { absolute: 1e-6, relative: 0 },
    },
    actor: 'trainer',
  })
  expect(version.signature.outputs).toMatchObject([
    { name: 'output_label', element: 'int64', labels: null },
    { name: 'output_probability', element: 'float32', labels: [0, 1] },
  ])
  expect(version.artifact.sha256).not.toBe(version.artifact.sourceSha256)
  expect(version.artifact.bytes).toBeLessThan(onnx.length)
})

describe('a classifier whose probabilities went by the name of an inner tensor before', () => {
  const golden = (output: string) => ({
    inputs: expected.rows,
    outputs: { [output]: expected.forest.probabilities },
    tolerance: { absolute: 1e-6 },
  })

  test('its version answers as it did, and its file is a new version with the name that Python shows', async () => {
    const { registry } = await temporaryRegistry()
    // what a file became before: the same trees, with the tensor itself as the output
    const before = {
      model: 'churn',
      onnx: await fixture('classifier-tensor'),
      service: three,
      goldenRows: golden('probabilities'),
      actor: 'trainer',
    }
    const now = { ...before, onnx: await fixture('classifier-zipmap') }
    expect((await registry.register(before)).created).toBe(true)
    // the trainer's script still writes the old name
    const { version, created } = await registry.register(now)
    expect([version.version, created]).toEqual([2, true])
    expect(version.signature.outputs.map(({ name }) => name)).toEqual(['output_label', 'output_probability'])
    expect(version.goldenRows).toEqual({
      ...golden('output_probability'),
      tolerance: { absolute: 1e-6, relative: 1e-5 },
    })
    expect(await registry.register(now)).toEqual({ version, created: false })
    expect(await registry.register({ ...now, goldenRows: golden('output_probability') })).toEqual({
      version,
      created: false,
    })

    await using old = await loadModel(registry, { model: 'churn', version: 1 })
    await using replaced = await loadModel(registry, { model: 'churn', version: 2 })
    const [{ probabilities }, { output_probability }] = [
      await old.predict(expected.rows),
      await replaced.predict(expected.rows),
    ]
    expect(probabilities).toEqual(output_probability)
    expect((await registry.check('churn', 1)).status).toBe('READY')
  })

  test('both names at once are one too many', async () => {
    const { registry } = await temporaryRegistry()
    const goldenRows = {
      ...golden('probabilities'),
      outputs: { ...golden('probabilities').outputs, ...golden('output_probability').outputs },
    }
    const error = await failure(async () =>
      registry.register({
        model: 'churn',
        onnx: await fixture('classifier-zipmap'),
        service: three,
        goldenRows,
        actor: 'trainer',
      }),
    )
    expect([error.code, error.message]).toEqual([
      'GOLDEN_ROWS_INVALID',
      expect.stringContaining('no output "probabilities", only "output_label", "output_probability"'),
    ])
  })
})

test('golden rows agree within 0.001 % when no tolerance is given', async () => {
  const { registry } = await temporaryRegistry()
  const given = (prediction: readonly number[]) =>
    linear(5, { goldenRows: { inputs: linear(5).goldenRows.inputs, outputs: { prediction } } })
  expect((await registry.register(given([13.0001, 43]))).version.goldenRows.tolerance).toEqual({
    absolute: 0,
    relative: 1e-5,
  })
  expect((await failure(() => registry.register(given([13.0002, 43])))).code).toBe('GOLDEN_ROWS_DISAGREE')
})

test('a model with text inputs is bound by name', async () => {
  const { registry } = await temporaryRegistry()
  const profile = service([{ name: 'tariff', type: 'text' }])
  const usage = service([{ name: 'orders' }, { name: 'kwh' }])
  const both = {
    ...usage,
    views: [...profile.views.map((part) => ({ ...part, view: { ...part.view, name: 'profile' } })), ...usage.views],
  }
  const { version } = await registry.register({
    model: 'columns',
    onnx: await fixture('columns'),
    service: both,
    // scikit-learn computes in float64, the exported regression in float32
    goldenRows: {
      inputs: expected.columns.rows,
      outputs: { variable: expected.columns.variable },
      tolerance: { absolute: 1e-5, relative: 1e-5 },
    },
    actor: 'trainer',
  })
  expect(version.signature.layout).toBe('columns')
})

test('a classifier of float64 keeps its precision', async () => {
  const { registry } = await temporaryRegistry()
  const { version } = await registry.register({
    model: 'size',
    onnx: await fixture('double-zipmap'),
    service: three,
    goldenRows: {
      inputs: expected.double.rows,
      outputs: { output_label: expected.double.named.label, output_probability: expected.double.named.probabilities },
      tolerance: { absolute: 1e-13, relative: 0 },
    },
    actor: 'trainer',
  })
  expect(version.signature.outputs[1]).toMatchObject({ element: 'float64', labels: ['high', 'low', 'mid'] })
})

test('a model that fails on what it was not trained on is registered and answers what it was', async () => {
  const { registry } = await temporaryRegistry()
  const { rows, label, probabilities } = expected.strict
  const strict = service([
    { name: 'tariff', type: 'text', nullable: true },
    { name: 'orders', type: 'bigint' },
    { name: 'kwh' },
  ])
  const registration: Registration = {
    model: 'leaves',
    onnx: await fixture('strict-columns'),
    service: strict,
    inputs: { usage__tariff: { input: 'tariff', nullAs: 'gold' }, usage__orders: 'orders', usage__kwh: 'kwh' },
    goldenRows: {
      inputs: [...rows, [null, 3, 1.5]],
      outputs: {
        output_label: [...label, label[0] ?? ''],
        output_probability: [...probabilities, probabilities[0] ?? []],
      },
      tolerance: { absolute: 1e-6, relative: 0 },
    },
    actor: 'trainer',
  }
  const { version } = await registry.register(registration)
  expect(version.trial.missing).toBe('finite')
  const unknown = {
    ...registration,
    inputs: { ...registration.inputs, usage__tariff: { input: 'tariff', nullAs: '' } },
  }
  expect((await failure(() => registry.register(unknown))).code).toBe('MODEL_RUN_FAILED')

  await using model = await loadModel(registry, { model: 'leaves', version: 1 })
  const { output_label } = await model.predict([[null, 3n, 1.5]])
  expect(output_label?.data).toEqual([label[0]])
  expect((await failure(() => model.predict([['', 3n, 1.5]]))).code).toBe('MODEL_RUN_FAILED')
})

test('what a model answers when features are missing is recorded', async () => {
  const { registry } = await temporaryRegistry()
  const { version: imputed } = await registry.register(linear(1))
  expect(imputed.trial.missing).toBe('finite')
  const inputs = linear(1).goldenRows.inputs.slice(0, 1)
  const { version: bare } = await registry.register(
    linear(1, {
      onnx: linearRegressionOnnx({ features: ['usage__kwh_7d', 'usage__kwh_28d'], weights: [2, 3], bias: 1 }),
      goldenRows: { inputs, outputs: { prediction: [9] }, tolerance: { absolute: 0, relative: 1e-6 } },
    }),
  )
  expect(bare.trial.missing).toBe('not finite')
  const { version: complete } = await registry.register(
    linear(1, {
      model: 'complete',
      onnx: linearRegressionOnnx({ features: ['usage__a'], weights: [2], bias: 0 }),
      service: service([{ name: 'a' }]),
      goldenRows: { inputs: [[1]], outputs: { prediction: [2] }, tolerance: { absolute: 0, relative: 0 } },
    }),
  )
  expect(complete.trial.missing).toBe(null)
})

describe('registering the same again', () => {
  test('gives the same version, so that a retried job is harmless', async () => {
    const { registry } = await temporaryRegistry()
    const first = await registry.register(linear(5, { metrics: { mae: 1 } }))
    const again = await registry.register(linear(5, { metrics: { mae: 2 }, actor: 'retry' }))
    expect(again.created).toBe(false)
    expect(again.version).toEqual(first.version)
    expect(await registry.versions()).toHaveLength(1)
  })

  test('another file, another service or another model name is another version', async () => {
    const { registry } = await temporaryRegistry()
    await registry.register(linear(5))
    expect((await registry.register(linear(6))).version.version).toBe(2)
    expect(
      (await registry.register(linear(5, { service: { ...linear(5).service, hash: 'changed' } }))).version.version,
    ).toBe(3)
    expect((await registry.register(linear(5, { model: 'other' }))).version).toMatchObject({
      model: 'other',
      version: 1,
    })
  })

  test('a deleted version does not come back and its number is not used again', async () => {
    const { registry } = await temporaryRegistry()
    await registry.register(linear(5))
    await registry.register(linear(6))
    await registry.delete('next_day', 2, { actor: 'me' })
    await registry.delete('next_day', 1, { actor: 'me' })
    expect((await registry.register(linear(6))).version.version).toBe(3)
    expect((await registry.register(linear(7))).version.version).toBe(4)
  })
})
