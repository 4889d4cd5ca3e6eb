import { describe, expect, test } from 'vitest'
import { loadModel, nodeRuntime, readTensorGraph, type Registration } from '../../src/index.ts'
import { tensorValue } from '../../src/artifact/onnx/value-type.ts'
import { bytesField, message, textField } from '../../src/protobuf/wire-writer.ts'
import { failure } from '../support/failure.ts'
import { floats, integers, modelOf, op, sequenceValue } from '../support/onnx-parts.ts'
import { temporaryRegistry } from '../support/registries.ts'
import { service } from '../support/services.ts'

const [FLOAT, INT8, INT64, HALF] = [1, 3, 7, 10]

/** Registers and loads, which runs the model in a process of its own and in this one. */
async function loaded(registration: Pick<Registration, 'onnx' | 'service' | 'goldenRows'> & Partial<Registration>) {
  const { registry } = await temporaryRegistry()
  await registry.register({ model: 'exported', actor: 'trainer', ...registration })
  return loadModel(registry, { model: 'exported', version: 1 })
}

test('halves go in and come out as numbers', async () => {
  await using model = await loaded({
    onnx: modelOf([op('Add', ['x', 'x'], ['y'])], {
      inputs: [tensorValue('x', HALF, ['N', 2])],
      outputs: [tensorValue('y', HALF, ['N', 2])],
    }),
    service: service([{ name: 'a' }, { name: 'b', nullable: true }]),
    goldenRows: {
      inputs: [
        [0.1, 1],
        [2, null],
      ],
      outputs: {
        y: [
          [0.199951171875, 2],
          [4, Number.NaN],
        ],
      },
      tolerance: { relative: 0 },
    },
  })
  const { y } = await model.predict([[65_504, -0.25]])
  expect(y).toEqual({ element: 'float32', dims: [1, 2], data: Float32Array.of(Infinity, -0.5) })
  expect((await failure(() => model.predict([[65_520, 0]]))).code).toBe('FEATURE_VALUE_INVALID')
})

test('one matrix of int8, and of int64 with a stand-in', async () => {
  const cast = (element: number): Uint8Array =>
    modelOf([op('Cast', ['x'], ['f'], [['to', FLOAT]]), op('ReduceSum', ['f', 'axis'], ['y'])], {
      inputs: [tensorValue('x', element, ['N', 2])],
      weights: [integers('axis', [1], [1])],
    })
  await using small = await loaded({
    onnx: cast(INT8),
    service: service([{ name: 'a' }, { name: 'b', type: 'bigint' }]),
    goldenRows: {
      inputs: [
        [1, 2n],
        [-128, 127n],
      ],
      outputs: { y: [3, -1] },
    },
  })
  expect((await small.predict([[100, 100n]]))['y']?.data).toEqual(Float32Array.of(200))
  const refused = await failure(() =>
    small.predict([
      [1, 2n],
      [1, 128n],
    ]),
  )
  expect([refused.code, refused.data]).toEqual(['FEATURE_VALUE_INVALID', { feature: 'usage__b', row: 1 }])
  await using wide = await loaded({
    onnx: cast(INT64),
    service: service([{ name: 'a' }, { name: 'b', type: 'bigint', nullable: true }]),
    inputs: { usage__b: { nullAs: -7 } },
    goldenRows: {
      inputs: [
        [1, 2n],
        [3, null],
      ],
      outputs: { y: [3, -4] },
    },
  })
  expect((await wide.predict([[2, null]]))['y']?.data).toEqual(Float32Array.of(-5))
})

/** A linear classifier of `x` with these classes; its scores are the value `name`. */
function classifier(name: string, classes: readonly string[]): Uint8Array {
  return op(
    'ai.onnx.ml:LinearClassifier',
    ['x'],
    [`${name} label`, name],
    [
      floats(
        'coefficients',
        classes.map((_, index) => index + 1),
      ),
      floats(
        'intercepts',
        classes.map(() => 0),
      ),
      ['classlabels_strings', classes],
      ['post_transform', 'NONE'],
    ],
  )
}

describe('a sequence of tensors becomes outputs of their own', () => {
  const onnx = modelOf(
    [
      classifier('late', ['no', 'yes']),
      classifier('cause', ['a', 'b', 'c']),
      op('SequenceConstruct', ['late', 'cause'], ['p']),
    ],
    { outputs: [sequenceValue('p')] },
  )

  test('with the classes of the classifiers that made them', async () => {
    await using model = await loaded({
      onnx,
      service: service([{ name: 'a' }]),
      goldenRows: {
        inputs: [[1], [2]],
        outputs: {
          p_0: [
            [1, 2],
            [2, 4],
          ],
          cause: [
            [1, 2, 3],
            [2, 4, 6],
          ],
        },
      },
    })
    expect(model.signature.outputs.map(({ name, labels }) => [name, labels])).toEqual([
      ['p_0', ['no', 'yes']],
      ['p_1', ['a', 'b', 'c']],
    ])
    const { p_0, p_1 } = await model.predict([[3], [0.5]])
    expect([p_0?.dims, [...(p_0?.data ?? [])]]).toEqual([
      [2, 2],
      [3, 6, 0.5, 1],
    ])
    expect([p_1?.dims, [...(p_1?.data ?? [])]]).toEqual([
      [2, 3],
      [3, 6, 9, 0.5, 1, 1.5],
    ])
  })

  test('under names that nothing else has', () => {
    const taken = modelOf([op('Neg', ['x'], ['p_0']), op('SequenceConstruct', ['p_0', 'x'], ['p'])], {
      outputs: [sequenceValue('p')],
    })
    expect(readTensorGraph(taken).outputs.map(({ name }) => name)).toEqual(['p_0_', 'p_1'])
  })
})

test('outputs that are stacked before their rows get the rows first, and keep three dimensions', async () => {
  // [2, N, 1]: x and 10 x, as trees of several outputs answer
  const nodes = [
    op('Mul', ['x', 'ten'], ['more']),
    op('Unsqueeze', ['x', 'zero'], ['a']),
    op('Unsqueeze', ['more', 'zero'], ['b']),
    op('Concat', ['a', 'b'], ['y'], [['axis', 0]]),
    // another node that reads it
    op(
      'ArgMax',
      ['y'],
      ['most'],
      [
        ['axis', 0],
        ['keepdims', 0],
      ],
    ),
  ]
  const ten = message(bytesField(9, new Uint8Array(Float32Array.of(10).buffer)), bytesField(8, Buffer.from('ten')))
  const onnx = modelOf(nodes, {
    width: 3,
    weights: [integers('zero', [1], [0]), message(ten, Uint8Array.of(8, 1, 16, 1))],
    outputs: [tensorValue('y', FLOAT, [2, 'N', 3]), tensorValue('most', INT64, ['N', 3])],
  })
  await using model = await loaded({
    onnx,
    service: service([{ name: 'a' }, { name: 'b' }, { name: 'c' }]),
    goldenRows: {
      inputs: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      outputs: {
        y: [
          [
            [1, 2, 3],
            [10, 20, 30],
          ],
          [
            [4, 5, 6],
            [40, 50, 60],
          ],
        ],
      },
    },
  })
  const { y } = await model.predict([[7, 8, 9]])
  expect([y?.dims, [...(y?.data ?? [])]]).toEqual([
    [1, 2, 3],
    [7, 8, 9, 70, 80, 90],
  ])
  expect(model.signature.outputs[0]?.shape).toEqual(['N', 2, 3])
})

describe('classes that the file names in its metadata', () => {
  const named = (classes: unknown): Uint8Array =>
    message(
      modelOf([op('Softmax', ['x'], ['y'])], { width: 2, outputs: [tensorValue('y', FLOAT, ['N', 2])] }),
      bytesField(14, message(textField(1, 'martlet.classes'), textField(2, JSON.stringify(classes)))),
    )
  const registration = (classes: unknown) => ({
    onnx: named(classes),
    service: service([{ name: 'a' }, { name: 'b' }]),
    goldenRows: { inputs: [[1, 1]], outputs: { y: [[0.5, 0.5]] } },
  })

  test('are the labels of the output', async () => {
    await using model = await loaded(registration({ y: ['late', 'on time'] }))
    expect(model.signature.outputs[0]?.labels).toEqual(['late', 'on time'])
  })

  test.for([
    [{ y: ['late'] }, /has 1 classes for output "y" of 2 columns/],
    [{ z: ['a', 'b'] }, /names the output "z", which the model does not have/],
    [['a', 'b'], /is not a JSON object/],
    [{ y: [1, null] }, /is not a JSON object/],
  ] as const)('are refused when they do not fit: %s', async ([classes, says]) => {
    const error = await failure(() => loaded(registration(classes)))
    expect([error.code, error.message]).toEqual(['SIGNATURE_MISMATCH', expect.stringMatching(says)])
  })
})

describe('errors of the runtime say first what is wrong, and have its own words apart', () => {
  test.for<[string, Uint8Array, RegExp, RegExp]>([
    [
      'an operator that it does not know',
      modelOf([op('Nope', ['x'], ['y'])]),
      /^onnxruntime-node \S+ cannot open model exported: it uses the operator Nope, .* in operator set 17\. Export it for/,
      /No Op registered/,
    ],
    [
      'a domain that is not imported',
      modelOf([op('com.acme:Own', ['x'], ['y'])]),
      /it uses an operator of the domain "com.acme"/,
      /No opset import/,
    ],
    [
      'an element type that it does not take',
      modelOf([op('Cast', ['x'], ['i'], [['to', 5]]), op('Exp', ['i'], ['e']), op('Cast', ['e'], ['y'], [['to', 1]])]),
      /its operator Exp does not take int16\. Cast/,
      /Type Error/,
    ],
    [
      'two element types',
      modelOf([op('Cast', ['x'], ['i'], [['to', 7]]), op('Add', ['x', 'i'], ['y'])]),
      /its operator Add is given float and int64 together\. Cast one/,
      /bound to different types/,
    ],
  ])('%s', async ([, onnx, says, own]) => {
    const error = await failure(() =>
      loaded({ onnx, service: service([{ name: 'a' }]), goldenRows: { inputs: [[1]], outputs: { y: [1] } } }),
    )
    expect([error.code, error.message]).toEqual(['MODEL_CANNOT_OPEN', expect.stringMatching(says)])
    expect(error.data['runtime']).toMatch(own)
  })

  test('a run that fails', async () => {
    const onnx = modelOf(
      [op('Cast', ['x'], ['i'], [['to', 7]]), op('Gather', ['w', 'i'], ['g']), op('Cast', ['g'], ['y'], [['to', 1]])],
      { weights: [integers('w', [3], [1, 2, 3])] },
    )
    await using model = await loaded({
      onnx,
      service: service([{ name: 'a' }]),
      goldenRows: { inputs: [[0], [2]], outputs: { y: [1, 3] } },
    })
    const error = await failure(() => model.predict([[0], [7]]))
    expect(error.message).toMatch(
      /^Model exported version 1 failed on a batch of 2: its operator Gather failed \(indices element out .*\)\. Look for/,
    )
    expect(error.data).toMatchObject({
      rows: 2,
      reason: expect.stringMatching(/^its operator Gather/),
      runtime: expect.stringMatching(/Non-zero status code/),
    })
  })

  test('a file for a newer runtime', async () => {
    const { name } = await nodeRuntime()
    const onnx = Buffer.from(modelOf([op('Identity', ['x'], ['y'])]))
    onnx[1] = 99
    const error = await failure(() =>
      loaded({ onnx, service: service([{ name: 'a' }]), goldenRows: { inputs: [[1]], outputs: { y: [1] } } }),
    )
    expect(error.message).toMatch(
      `${name} cannot open model exported: its IR version is 99, and the runtime reads versions up to `,
    )
  })
})
