import { describe, expect, test } from 'vitest'
import { cutOutputs, nodeRuntime, readOnnx, readTensorGraph, type Tensor, type TensorGraph } from '../../src/index.ts'
import { fieldsOf } from '../../src/artifact/onnx/wire.ts'
import { fixture } from '../support/registries.ts'
import expected from '../fixtures/expected.json' with { type: 'json' }

/** All outputs of a graph with one matrix as input, by name; whole numbers as numbers. */
async function answers({ bytes, inputs, outputs }: TensorGraph, rows: readonly (readonly number[])[]) {
  const [input] = inputs
  const data = rows.flat()
  const dims = [rows.length, data.length / rows.length]
  const features: Tensor =
    input?.element === 'float64'
      ? { element: 'float64', dims, data: Float64Array.from(data) }
      : { element: 'float32', dims, data: Float32Array.from(data) }
  const session = await (await nodeRuntime()).open(bytes)
  const tensors = await session.run(
    { [input?.name ?? '']: features },
    outputs.map(({ name }) => name),
  )
  await session.release()
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { element, data }]) => [
      name,
      { element, data: [...data].map((value) => (typeof value === 'bigint' ? Number(value) : value)) },
    ]),
  )
}

function expectNear(got: readonly unknown[], want: readonly number[], digits: number): void {
  expect(got).toHaveLength(want.length)
  want.forEach((value, index) => expect(got[index]).toBeCloseTo(value, digits))
}

describe('a ZipMap is cut out, and its output is the tensor it was made from', () => {
  for (const [name, rows, { label, probabilities }, cut, element, digits] of [
    // float32 arithmetic in the exported model against float64 in scikit-learn
    ['classifier-zipmap', expected.rows, expected.forest, { publishes: 'probabilities', labels: [0, 1] }, 'float32', 6],
    [
      'classifier-zipmap-text',
      expected.rows,
      expected.named,
      { publishes: 'probabilities', labels: ['high', 'low', 'mid'] },
      'float32',
      6,
    ],
    [
      'double-zipmap',
      expected.double.rows,
      expected.double.named,
      { publishes: 'probabilities', labels: ['high', 'low', 'mid'] },
      'float64',
      12,
    ],
    [
      'double-trees-zipmap',
      expected.double.rows,
      expected.double.trees,
      { publishes: 'proba_output', labels: [0, 1] },
      'float32',
      6,
    ],
  ] as const)
    test(`${name}: under its name in Python, as ${element}, with scikit-learn's labels and probabilities`, async () => {
      const graph = readTensorGraph(await fixture(name))
      expect(graph.cuts).toEqual([{ output: 'output_probability', ...cut }])
      expect(graph.outputs[1]).toEqual({ name: 'output_probability', element, shape: [null, cut.labels.length] })
      const got = await answers(graph, rows)
      expect(got['output_label']?.data).toEqual(label)
      expect(got['output_probability']?.element).toBe(element)
      expectNear(got['output_probability']?.data ?? [], probabilities.flat(), digits)
    })

  test('two of them, one of whose tensors is an output too, in a file without the standard operators', async () => {
    const graph = readTensorGraph(await fixture('two-zipmaps'))
    expect(graph.cuts).toEqual([
      { output: 'churn_probability', publishes: 'churn_tensor', labels: [-3, 4] },
      { output: 'size_probability', publishes: 'size_tensor', labels: ['big', 'small'] },
    ])
    expect(graph.outputs.map(({ name, element }) => [name, element])).toEqual([
      ['churn_label', 'int64'],
      ['churn_probability', 'float32'],
      ['churn_tensor', 'float32'],
      ['size_probability', 'float32'],
    ])
    const got = await answers(graph, expected.rows)
    expect(got['churn_label']?.data).toEqual(expected.two.churn_label)
    expect(got['churn_tensor']).toEqual(got['churn_probability'])
    for (const name of ['churn_probability', 'size_probability'] as const)
      expectNear(got[name]?.data ?? [], expected.two[name].flat(), 6)
  })
})

test('what the cut does not touch stays byte for byte', async () => {
  const before = await fixture('classifier-zipmap')
  const { bytes } = cutOutputs(before)
  const fields = (model: Uint8Array, span = { from: 0, to: model.length }): string[] =>
    [...fieldsOf(model, span)].map(
      (field) => `${field.number} ${Buffer.from(model.subarray(field.from, field.to)).toString('hex')}`,
    )
  expect(fields(bytes).filter((field) => !field.startsWith('7 '))).toEqual(
    fields(before).filter((field) => !field.startsWith('7 ')),
  )
  const inside = fields(bytes, readOnnx(bytes).span)
  const lost = fields(before, readOnnx(before).span).filter((field) => !inside.includes(field))
  expect(lost.map((field) => field.split(' ')[0])).toEqual(['1', '12'])
})

test('a file without one comes back as the same bytes', async () => {
  const before = await fixture('classifier-tensor')
  expect(cutOutputs(before).bytes).toBe(before)
})
