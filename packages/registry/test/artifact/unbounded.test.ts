import { describe, expect, test } from 'vitest'
import { cutOutputs, linearRegressionOnnx, readOnnx } from '../../src/index.ts'
import { unboundedOperators } from '../../src/artifact/onnx/unbounded.ts'
import { floatTensor } from '../../src/artifact/onnx/onnx-writer.ts'
import { tensorValue } from '../../src/artifact/onnx/value-type.ts'
import { bytesField, message, textField } from '../../src/protobuf/wire-writer.ts'
import { integers, modelOf, op } from '../support/onnx-parts.ts'
import { fixture } from '../support/registries.ts'

const reasons = (bytes: Uint8Array): readonly string[] => unboundedOperators(readOnnx(bytes))
const shape = integers('shape', [2], [-1, 1])
const text = { inputs: [tensorValue('x', 8, ['N', 1])] }
const localFunction = (name: string, domain: string, ...nodes: readonly Uint8Array[]): Uint8Array =>
  message(
    textField(1, name),
    textField(4, 'a'),
    textField(5, 'b'),
    textField(10, domain),
    ...nodes.map((part) => bytesField(7, part)),
  )

describe('bounded: rows and constants say what it costs', () => {
  test('a linear regression and what scikit-learn exports', async () => {
    expect(reasons(linearRegressionOnnx({ features: ['a'], weights: [1], bias: 0, impute: [1] }))).toEqual([])
    for (const name of ['classifier-tensor', 'classifier-zipmap-text', 'weights-listed-as-inputs', 'echo'])
      expect(reasons(cutOutputs(await fixture(name)).bytes), name).toEqual([])
  })

  test.for<[string, Uint8Array]>([
    ['a shape that is a weight', modelOf([op('Reshape', ['x', 'shape'], ['y'])], { weights: [shape] })],
    [
      'a shape from a Constant node',
      modelOf([op('Constant', [], ['shape'], [['value', shape]]), op('Reshape', ['x', 'shape'], ['y'])]),
    ],
    [
      'sizes of a value',
      modelOf([op('Shape', ['x'], ['s']), op('ConstantOfShape', ['s'], ['z']), op('Add', ['x', 'z'], ['y'])]),
    ],
    [
      'some of the sizes, put together with constants',
      modelOf(
        [
          op('Shape', ['x'], ['s']),
          op('Gather', ['s', 'first'], ['n']),
          op('Concat', ['n', 'one'], ['to'], [['axis', 0]]),
          op('Expand', ['x', 'to'], ['y']),
        ],
        { weights: [integers('first', [1], [0]), integers('one', [1], [1])] },
      ),
    ],
    [
      'arithmetic on constants',
      modelOf([op('Add', ['shape', 'shape'], ['t']), op('Expand', ['x', 't'], ['y'])], { weights: [shape] }),
    ],
    [
      'a local function of bounded operators',
      modelOf([op('own:Twice', ['x'], ['y'])], {
        functions: [localFunction('Twice', 'own', op('Add', ['a', 'a'], ['b']))],
      }),
    ],
    [
      'text that a table ends',
      modelOf([op('Identity', ['x'], ['t']), op('ai.onnx.ml:LabelEncoder', ['t'], ['y'])], text),
    ],
  ])('%s', ([, bytes]) => expect(reasons(bytes)).toEqual([]))
})

describe('not bounded, and why', () => {
  test.for<[string, Uint8Array, string]>([
    ['a loop', modelOf([op('Loop', ['x'], ['y'])]), 'Loop'],
    ['a branch', modelOf([op('If', ['x'], ['y'])]), 'If'],
    ['as many answers as features say', modelOf([op('NonZero', ['x'], ['y'])]), 'NonZero'],
    ['other answers each time', modelOf([op('RandomNormalLike', ['x'], ['y'])]), 'RandomNormalLike'],
    ['an operator of onnxruntime', modelOf([op('com.microsoft:Gelu', ['x'], ['y'])]), 'com.microsoft.Gelu'],
    ['a standard name in another domain', modelOf([op('own:Add', ['x', 'x'], ['y'])]), 'own.Add'],
    ['a name of one domain in the other', modelOf([op('Scaler', ['x'], ['y'])]), 'Scaler'],
    ...[
      'Expand',
      'Reshape',
      'Tile',
      'Pad',
      'Slice',
      'TopK',
      'OneHot',
      'Squeeze',
      'Unsqueeze',
      'ReduceSum',
      'Split',
      'Resize',
    ].map((operator): [string, Uint8Array, string] => [
      `${operator} by a feature`,
      modelOf([op('Cast', ['x'], ['s'], [['to', 7]]), op(operator, ['x', 's'], ['y'])]),
      `${operator} by values that are not constant`,
    ]),
    [
      'ConstantOfShape by a feature',
      modelOf([op('Cast', ['x'], ['s'], [['to', 7]]), op('ConstantOfShape', ['s'], ['y'])]),
      'ConstantOfShape by values that are not constant',
    ],
    [
      'arithmetic on sizes, which may be largest at any number of rows',
      modelOf([op('Shape', ['x'], ['s']), op('Sub', ['shape', 's'], ['t']), op('ConstantOfShape', ['t'], ['y'])], {
        weights: [shape],
      }),
      'ConstantOfShape by values that are not constant',
    ],
    [
      'a size that a feature picks',
      modelOf([
        op('Shape', ['x'], ['s']),
        op('Cast', ['x'], ['i'], [['to', 7]]),
        op('Gather', ['s', 'i'], ['t']),
        op('Expand', ['x', 't'], ['y']),
      ]),
      'Expand by values that are not constant',
    ],
    [
      'a value before the node that makes it',
      modelOf([op('Reshape', ['x', 's'], ['y']), op('Constant', [], ['s'], [['value', shape]])]),
      'Reshape by values that are not constant',
    ],
    [
      'text that is copied',
      modelOf([op('Expand', ['x', 'shape'], ['y'])], { ...text, weights: [shape] }),
      'Expand on text',
    ],
    ['text that is put together', modelOf([op('StringConcat', ['x', 'x'], ['y'])], text), 'StringConcat'],
    [
      'a long text that a feature chooses',
      modelOf([op('ai.onnx.ml:LabelEncoder', ['x'], ['y'], [['values_strings', ['a', 'b'.repeat(65)]]])]),
      'a constant text of 65 bytes',
    ],
    [
      'a loop in a local function',
      modelOf([op('own:F', ['x'], ['y'])], { functions: [localFunction('F', 'own', op('Loop', ['a'], ['b']))] }),
      'Loop in function F',
    ],
    [
      'a function in place of a standard operator',
      modelOf([op('Relu', ['x'], ['y'])], { functions: [localFunction('Relu', '', op('Relu', ['a'], ['b']))] }),
      'a function that replaces Relu',
    ],
    [
      'a weight whose name differs from a feature in a byte order mark',
      modelOf([op('Cast', ['x'], ['\uFEFFs'], [['to', 7]]), op('Expand', ['x', '\uFEFFs'], ['y'])], {
        weights: [floatTensor('s', [1], [1])],
      }),
      'Expand by values that are not constant',
    ],
  ])('%s', ([, bytes, reason]) => expect(reasons(bytes)).toContain(reason))

  test('a value whose element type the file does not say may be text', () => {
    const bytes = modelOf([op('Expand', ['x', 'shape'], ['y'])], {
      inputs: [message(textField(1, 'x'))],
      weights: [shape],
    })
    expect(reasons(bytes)).toEqual(['Expand on text'])
  })
})
