import { describe, expect, test } from 'vitest'
import { loadModel, nodeRuntime, openRegistry, type FeatureRow, type Registration } from '../../src/index.ts'
import { floatTensor } from '../../src/artifact/onnx/onnx-writer.ts'
import { tensorValue } from '../../src/artifact/onnx/value-type.ts'
import { failure } from '../support/failure.ts'
import { integers, modelOf, op } from '../support/onnx-parts.ts'
import { temporaryRegistry } from '../support/registries.ts'
import { service } from '../support/services.ts'

const first = integers('first', [1], [0])
const models = {
  softmax: (axis: number, batch: number | string = 'N') =>
    modelOf([op('Softmax', ['x'], ['y'], [['axis', axis]])], { batch }),
  centred: modelOf([op('ReduceMean', ['x'], ['m'], [['axes', [0]]]), op('Sub', ['x', 'm'], ['y'])]),
  running: modelOf([op('CumSum', ['x', 'axis'], ['y'])], { weights: [integers('axis', [], [0])] }),
  firstRow: modelOf([op('Gather', ['x', 'first'], ['f']), op('Add', ['x', 'f'], ['y'])], { weights: [first] }),
  placed: modelOf([op('Add', ['x', 'place'], ['y'])], { batch: 2, weights: [floatTensor('place', [2, 1], [0, 1])] }),
  unnamed: modelOf([op('Identity', ['x'], ['y']), op('Softmax', ['x'], ['share'], [['axis', 0]])], {
    outputs: [tensorValue('y', 1, ['N', 1]), tensorValue('share', 1, ['N', 1])],
  }),
}

const registration = (onnx: Uint8Array, inputs: readonly FeatureRow[], y: readonly number[]): Registration => ({
  model: 'm',
  onnx,
  service: service([{ name: 'a' }]),
  goldenRows: { inputs, outputs: { y }, tolerance: { absolute: 0, relative: 1e-6 } },
  actor: 'trainer',
})

describe('a model whose answer to a row depends on the other rows is refused', () => {
  const [e1, e2] = [Math.E / (Math.E + Math.E ** 2), Math.E ** 2 / (Math.E + Math.E ** 2)]
  test.for<[string, Uint8Array, readonly FeatureRow[], readonly number[]]>([
    ['Softmax over rows', models.softmax(0), [[1], [2]], [e1, e2]],
    ['Softmax over rows, one golden row', models.softmax(0), [[1]], [1]],
    ['Softmax over rows, golden rows that are alike', models.softmax(0), [[1], [1]], [0.5, 0.5]],
    ['Softmax over a fixed number of rows, which are filled up', models.softmax(0, 4), [[1]], [0.25]],
    ['less the mean of the rows', models.centred, [[1], [3]], [-1, 1]],
    ['less the mean of the rows, one golden row', models.centred, [[1]], [0]],
    ['less the mean of the rows, golden rows that are alike', models.centred, [[1], [1]], [0, 0]],
    ['a running sum', models.running, [[1], [2]], [1, 3]],
    ['a running sum, one golden row', models.running, [[1]], [1]],
    ['what the first row says', models.firstRow, [[1], [2]], [2, 3]],
    ['the place in a fixed batch', models.placed, [[1], [2]], [1, 3]],
    ['an output that no golden row names', models.unnamed, [[1], [2]], [1, 2]],
  ])('%s', async ([, onnx, inputs, y]) => {
    const { registry } = await temporaryRegistry()
    const error = await failure(() => registry.register(registration(onnx, inputs, y)))
    expect([error.code, error.message]).toEqual([
      'MODEL_BATCH_DEPENDENT',
      expect.stringMatching(/golden row \d .* alone and with .* together with \d other rows/),
    ])
    expect(await registry.models()).toEqual([])
  })

  test('the sentence names row, output and both answers', async () => {
    const { registry } = await temporaryRegistry()
    const error = await failure(() => registry.register(registration(models.running, [[1], [2]], [1, 3])))
    expect(error.message).toMatch(
      /^Model m answers golden row 1 with 2 in output "y" when the row is alone and with 3 together with 1 other rows/,
    )
    expect(error.data).toEqual({ model: 'm', output: 'y', row: 1, alone: 2, together: 3 })
  })
})

describe('models that answer each row by itself pass', () => {
  test.for<[string, Uint8Array, readonly number[]]>([
    ['Softmax over features', models.softmax(1), [1]],
    ['and with a fixed number of rows', models.softmax(1, 4), [1]],
    ['of one row each, whatever it does with it', models.softmax(0, 1), [1]],
  ])('%s', async ([, onnx, y]) => {
    const { registry } = await temporaryRegistry()
    expect((await registry.register(registration(onnx, [[5]], y))).created).toBe(true)
  })

  test('one whose only golden row has no neighbour that the model takes', async () => {
    const { registry } = await temporaryRegistry()
    const table = modelOf(
      [
        op('Cast', ['x'], ['i'], [['to', 7]]),
        op('Gather', ['table', 'i'], ['g']),
        op('Reshape', ['g', 'column'], ['y']),
      ],
      {
        weights: [floatTensor('table', [1], [7]), integers('column', [2], [-1, 1])],
      },
    )
    expect((await registry.register(registration(table, [[0]], [7]))).created).toBe(true)
  })

  test('sums that kernels add in another order for many rows', async () => {
    const { registry } = await temporaryRegistry()
    const width = 512
    const weights = Array.from({ length: width }, (_, index) => Math.sin(index * 12.9898) * 10)
    const row = (seed: number): number[] =>
      Array.from({ length: width }, (_, index) => Math.sin((index + seed) * 78.233) * 100)
    const answer = (values: readonly number[]): number =>
      values.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), 0)
    const inputs = Array.from({ length: 40 }, (_, seed) => row(seed))
    const { created } = await registry.register({
      ...registration(
        modelOf([op('MatMul', ['x', 'w'], ['y'])], { width, weights: [floatTensor('w', [width, 1], weights)] }),
        inputs,
        inputs.map(answer),
      ),
      service: service(Array.from({ length: width }, (_, index) => ({ name: `f${index}` }))),
      // float32 inputs and weights against float64 here
      goldenRows: { inputs, outputs: { y: inputs.map(answer) }, tolerance: { absolute: 0.5, relative: 0 } },
    })
    expect(created).toBe(true)
  })
})

test('such a model is found when it is loaded too, however it came into the registry', async () => {
  const { registry, db } = await temporaryRegistry()
  await registry.register({ ...registration(models.softmax(1), [[1], [2]], [1, 1]) })
  // the golden rows of another file, put there by hand
  const sha256 = await registry.artifacts.put(models.softmax(0))
  const goldenRows = { inputs: [[1]], outputs: { y: [1] }, tolerance: { absolute: 0, relative: 0 } }
  await db
    .updateTable('model_versions')
    .set({ artifact_sha256: sha256, golden_rows: JSON.stringify(goldenRows) })
    .execute()
  for (const isolation of ['when needed', 'always', 'never'] as const)
    expect((await failure(() => loadModel(registry, { model: 'm', version: 1 }, { isolation }))).code).toBe(
      'MODEL_BATCH_DEPENDENT',
    )
  // a runtime of the caller's is asked the same
  const { name, open } = await nodeRuntime()
  const direct = await openRegistry({ db, artifacts: registry.artifacts, runtime: { name, open } })
  expect((await failure(() => loadModel(direct, { model: 'm', version: 1 }))).code).toBe('MODEL_BATCH_DEPENDENT')
})
