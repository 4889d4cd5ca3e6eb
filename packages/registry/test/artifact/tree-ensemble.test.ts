import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  loadModel,
  logisticRegressionOnnx,
  nodeRuntime,
  readTensorGraph,
  treeEnsembleOnnx,
  unboundedOperators,
  type TreeEnsemble,
  type TreeNode,
} from '../../src/index.ts'
import { roundDown } from '../../src/artifact/onnx/round-down.ts'
import { failure } from '../support/failure.ts'
import { temporaryRegistry } from '../support/registries.ts'
import { service } from '../support/services.ts'

async function predict(onnx: Uint8Array, rows: readonly (readonly number[])[]): Promise<number[]> {
  const { bytes, outputs } = readTensorGraph(onnx)
  const session = await (await nodeRuntime()).open(bytes)
  const data = Float32Array.from(rows.flat())
  const features = { element: 'float32', dims: [rows.length, rows[0]!.length], data } as const
  const answers = await session.run({ features }, [outputs[0]!.name])
  await session.release()
  expect(answers[outputs[0]!.name]!.dims).toEqual([rows.length, 1])
  return [...answers[outputs[0]!.name]!.data].map(Number)
}

/** The leaf that a row reaches, in doubles. */
function leafOf(node: TreeNode, row: readonly number[]): number {
  if (typeof node === 'number') return node
  const value = Math.fround(row[node.feature]!)
  const left = Number.isNaN(value) ? node.missing === 'left' : value <= node.threshold
  return leafOf(left ? node.left : node.right, row)
}

const WIDTH = 3
/** Thresholds that float32 does not hold, and values on both sides of them. */
const threshold = fc.oneof(
  fc.double({ min: -9, max: 9, noNaN: true }),
  fc.constantFrom(0.1, -0.1, 0.3, 16_777_217, -16_777_217, 1e-50, -1e-50, 1e300, -1e300, 0, -0),
)
const tree = fc.letrec<{ node: TreeNode; leaf: number; split: TreeNode }>((tie) => ({
  node: fc.oneof({ maxDepth: 6, withCrossShrink: true }, tie('leaf'), tie('split')),
  leaf: fc.double({ min: -3, max: 3, noNaN: true }),
  split: fc.record({
    feature: fc.integer({ min: 0, max: WIDTH - 1 }),
    threshold,
    missing: fc.constantFrom('left' as const, 'right' as const),
    left: tie('node'),
    right: tie('node'),
  }),
})).node
const value = fc.oneof(
  fc.double({ min: -9, max: 9, noNaN: true }),
  fc.constantFrom(
    NaN,
    0.1,
    Math.fround(0.1),
    -0.1,
    0.3,
    16_777_216,
    16_777_218,
    -16_777_218,
    Infinity,
    -Infinity,
    0,
    -0,
  ),
)
const links = { identity: (x: number) => x, logistic: (x: number) => 1 / (1 + Math.exp(-x)), exponential: Math.exp }

test('onnxruntime answers as walking the trees does, on missing values and next to thresholds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(tree, { minLength: 1, maxLength: 8 }),
      fc.array(fc.array(value, { minLength: WIDTH, maxLength: WIDTH }), { minLength: 1, maxLength: 12 }),
      fc.double({ min: -2, max: 2, noNaN: true }),
      fc.constantFrom('identity', 'logistic', 'exponential'),
      async (trees, rows, base, link) => {
        const predicted = await predict(treeEnsembleOnnx({ features: ['a', 'b', 'c'], trees, base, link }), rows)
        for (const [index, row] of rows.entries()) {
          const leaves = trees.map((root) => leafOf(root, row))
          const want = links[link](leaves.reduce((sum, leaf) => sum + leaf, base))
          // each leaf is rounded, and each addition, by at most 2^-24 of a partial sum
          const size = leaves.reduce((sum, leaf) => sum + Math.abs(leaf), Math.abs(base)) + 1
          const slack = size * (leaves.length + 4) * 2 ** -23 * (link === 'exponential' ? want + 1 : 1)
          expect(Math.abs(predicted[index]! - want)).toBeLessThanOrEqual(slack)
        }
      },
    ),
  )
})

test('rounding a threshold down keeps every comparison with a float32', () => {
  const single = fc.float({ noNaN: true })
  fc.assert(
    fc.property(
      single,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -3, max: 3 }),
      (x, any, step) => {
        for (const bound of [any, x + step * Math.abs(x) * 2 ** -26, x + step * 2 ** -151]) {
          if (!Number.isFinite(bound)) continue
          const down = roundDown(bound)
          expect(Math.fround(down)).toBe(down)
          for (const one of [x, Math.fround(bound)]) expect(one <= down).toBe(one <= bound)
        }
      },
    ),
  )
})

const stump: TreeEnsemble = {
  features: ['usage__km', 'usage__age'],
  trees: [
    { feature: 0, threshold: 100, missing: 'left', left: -1, right: { feature: 1, threshold: 2, left: 0.5, right: 2 } },
  ],
  link: 'logistic',
}

test('trees are registered with golden rows, bounded, and answer when loaded', async () => {
  const { registry } = await temporaryRegistry()
  const logistic = links.logistic
  await registry.register({
    model: 'risk',
    onnx: treeEnsembleOnnx(stump),
    service: service([
      { name: 'km', nullable: true },
      { name: 'age', nullable: true },
    ]),
    goldenRows: {
      inputs: [
        [50, 1],
        [null, 9],
        [101, 2],
        [101, null],
      ],
      outputs: { probability: [logistic(-1), logistic(-1), logistic(0.5), logistic(2)] },
      tolerance: { absolute: 1e-6, relative: 0 },
    },
    actor: 'trainer',
  })
  await using model = await loadModel(registry, { model: 'risk', version: 1 })
  expect(model.isolated).toBe(false)
  const { probability } = await model.predict([{ usage__km: 150, usage__age: 5 }])
  expect(probability?.data[0]).toBeCloseTo(logistic(2), 6)
})

test('golden rows of other trees, and names of other features, are refused', async () => {
  const { registry } = await temporaryRegistry()
  const registration = {
    model: 'risk',
    onnx: treeEnsembleOnnx(stump),
    service: service([{ name: 'km' }, { name: 'age' }]),
    goldenRows: { inputs: [[50, 1]], outputs: { probability: [0.9] }, tolerance: { absolute: 1e-6, relative: 0 } },
    actor: 'trainer',
  }
  expect((await failure(() => registry.register(registration))).code).toBe('GOLDEN_ROWS_DISAGREE')
  const swapped = service([{ name: 'age' }, { name: 'km' }])
  expect((await failure(() => registry.register({ ...registration, service: swapped }))).code).toBe(
    'SIGNATURE_MISMATCH',
  )
})

test('texts are places in a list, and others and null are missing', async () => {
  const { registry } = await temporaryRegistry()
  const onnx = treeEnsembleOnnx({
    features: ['usage__type', 'usage__km'],
    categories: { usage__type: ['van', 'rigid', 'größe'] },
    trees: [
      {
        feature: 0,
        threshold: 0.5,
        missing: 'right',
        left: 1,
        right: { feature: 0, threshold: 1.5, left: 2, right: 4 },
      },
      { feature: 1, threshold: 100, missing: 'left', left: 0, right: 10 },
    ],
  })
  const { graph } = readTensorGraph(onnx)
  expect(graph.inputs.map(({ name }) => name)).toEqual(['usage__type', 'usage__km'])
  expect(unboundedOperators(graph)).toEqual([])
  const typed = service([
    { name: 'type', type: 'text', nullable: true },
    { name: 'km', type: 'bigint', nullable: true },
  ])
  const inputs = [
    ['van', 5],
    ['rigid', null],
    ['größe', 101],
    ['bus', 101],
    [null, 101],
  ]
  const registration = {
    model: 'risk',
    onnx,
    service: typed,
    goldenRows: { inputs, outputs: { prediction: [1, 2, 14, 14, 14] }, tolerance: { absolute: 0, relative: 0 } },
    actor: 'trainer',
  }
  expect((await failure(() => registry.register(registration))).message).toMatch(/name a stand-in/)
  await registry.register({ ...registration, inputs: { usage__type: { nullAs: '' } } })
  await using model = await loadModel(registry, { model: 'risk', version: 1 })
  expect(model.isolated).toBe(false)
  expect([...(await model.predict(inputs))['prediction']!.data]).toEqual([1, 2, 14, 14, 14])
})

test('the file names features and output, and needs no process of its own', () => {
  const { graph } = readTensorGraph(treeEnsembleOnnx({ ...stump, output: 'fails' }))
  expect(graph.metadata).toEqual({ 'martlet.features': '["usage__km","usage__age"]' })
  expect(graph.outputs[0]?.name).toBe('fails')
  expect(graph.opsets).toEqual({ '': 17, 'ai.onnx.ml': 3 })
  expect(unboundedOperators(graph)).toEqual([])
})

test('many large trees are written and opened', async () => {
  const full = (depth: number): TreeNode =>
    depth === 0 ? depth + 1 : { feature: depth % 2, threshold: depth, left: full(depth - 1), right: full(depth - 1) }
  const trees = Array.from({ length: 200 }, () => full(9))
  expect(await predict(treeEnsembleOnnx({ features: ['a', 'b'], trees }), [[3, NaN]])).toEqual([200])
})

test('a logistic regression answers probabilities', async () => {
  const onnx = logisticRegressionOnnx({ features: ['a', 'b'], weights: [1, -2], bias: 0.5, impute: [null, 1] })
  expect(readTensorGraph(onnx).outputs[0]?.name).toBe('probability')
  const [both, imputed, missing] = await predict(onnx, [
    [1, 2],
    [1, NaN],
    [NaN, 1],
  ])
  expect(both).toBeCloseTo(links.logistic(-2.5), 6)
  expect(imputed).toBeCloseTo(links.logistic(-0.5), 6)
  expect(missing).toBeNaN()
})

describe('trees that cannot be written are refused', () => {
  const split = { feature: 0, threshold: 1, left: 0, right: 1 }
  const chain = (depth: number): TreeNode => (depth === 0 ? 1 : { ...split, left: chain(depth - 1) })
  test.for<[string, Partial<TreeEnsemble>, RegExp]>([
    ['an unknown feature', { trees: [{ ...split, feature: 2 }] }, /trees\[0\] splits by feature 2, and there are 2/],
    ['half a feature', { trees: [1, { ...split, feature: 0.5 }] }, /trees\[1\] splits by feature 0\.5/],
    ['a threshold that is not a number', { trees: [{ ...split, threshold: NaN }] }, /trees\[0\] has the threshold NaN/],
    ['a leaf float32 cannot hold', { trees: [{ ...split, right: 1e39 }] }, /a leaf of trees\[0\] is 1e\+39/],
    ['a base that is not a number', { base: NaN }, /base is NaN/],
    ['a chain of splits', { trees: [chain(1001)] }, /trees\[0\] is deeper than 1000/],
    ['categories of no feature', { categories: { c: ['x'] } }, /categories has "c", which is not a feature/],
    ['a category twice', { categories: { a: ['x', 'x'] } }, /categories of "a" names one text twice/],
    ['an empty text as a category', { categories: { a: [''] } }, /an empty text, which stands for null/],
    ['no category', { categories: { a: [] } }, /categories of "a" is empty/],
    ['no trees', { trees: [] }, /trees is empty/],
    ['no features', { features: [], trees: [1] }, /features is empty/],
    ['a feature named twice', { features: ['a', 'a'] }, /names one feature twice/],
  ])('%s', async ([, change, message]) => {
    const error = await failure(() => treeEnsembleOnnx({ features: ['a', 'b'], trees: [split], ...change }))
    expect(error.code).toBe('TREE_ENSEMBLE_INVALID')
    expect(error.message).toMatch(message)
  })
  test('but not one of the greatest depth', async () => {
    expect(await predict(treeEnsembleOnnx({ features: ['a'], trees: [chain(1000)] }), [[0], [2]])).toEqual([1, 1])
  })
})
