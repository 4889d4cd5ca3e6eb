import { floatTensor } from '../../src/artifact/onnx/onnx-writer.ts'
import { tensorValue } from '../../src/artifact/onnx/value-type.ts'
import { bytesField, integerField, message, textField } from '../../src/protobuf/wire-writer.ts'
import { floats, graphOf, integers, modelOf, op } from './onnx-parts.ts'

const scalar = (name: string, element: number): Uint8Array => tensorValue(name, element, [])

/** y = x, after a loop that runs as often as the largest x. */
export function loopModel(): Uint8Array {
  const body = graphOf({
    nodes: [op('Identity', ['going'], ['still']), op('Add', ['sum', 'one'], ['next'])],
    inputs: [scalar('turn', 7), scalar('going', 9), scalar('sum', 1)],
    outputs: [scalar('still', 9), scalar('next', 1)],
    weights: [floatTensor('one', [], [1])],
  })
  return modelOf(
    [
      op('ReduceMax', ['x'], ['most'], [['keepdims', 0]]),
      op('Cast', ['most'], ['turns'], [['to', 7]]),
      op('Loop', ['turns', 'yes', 'zero'], ['counted'], [['body', { graph: body }]]),
      op('Mul', ['counted', 'zero'], ['nothing']),
      op('Add', ['x', 'nothing'], ['y']),
    ],
    {
      weights: [
        floatTensor('zero', [], [0]),
        message(integerField(2, 9), textField(8, 'yes'), bytesField(9, Uint8Array.of(1))),
      ],
    },
  )
}

/** y = x plus the sum of as many zeros as the file asks for: 209 bytes that take 4 bytes per zero. */
export function constantBomb(zeros: number): Uint8Array {
  return modelOf([
    op('Constant', [], ['size'], [['value', integers('s', [1], [zeros])]]),
    op('ConstantOfShape', ['size'], ['zeros']),
    op('ReduceSum', ['zeros'], ['sum'], [['keepdims', 0]]),
    op('Add', ['x', 'sum'], ['y']),
  ])
}

/** y = x plus the sum of as many zeros as the largest x. */
export function featureBomb(): Uint8Array {
  return modelOf(
    [
      op('ReduceMax', ['x'], ['most'], [['keepdims', 0]]),
      op('Cast', ['most'], ['whole'], [['to', 7]]),
      op('Reshape', ['whole', 'one'], ['size']),
      op('ConstantOfShape', ['size'], ['zeros']),
      op('ReduceSum', ['zeros'], ['sum'], [['keepdims', 0]]),
      op('Add', ['x', 'sum'], ['y']),
    ],
    { weights: [integers('one', [1], [1])] },
  )
}

/** Answers with as many columns as the file asks for. */
export function wideModel(columns: number): Uint8Array {
  return modelOf([op('Expand', ['x', 'shape'], ['y'])], {
    weights: [integers('shape', [2], [1, columns])],
    outputs: [tensorValue('y', 1, ['N', columns])],
  })
}

/** A tree whose right branch leads back to this node: 2 is that branch itself, 0 the root, 1 a leaf. */
export function treeModel(back: number): Uint8Array {
  return modelOf([
    op(
      'ai.onnx.ml:TreeEnsembleRegressor',
      ['x'],
      ['y'],
      [
        ['n_targets', 1],
        ['nodes_treeids', [0, 0, 0, 0]],
        ['nodes_nodeids', [0, 1, 2, 3]],
        ['nodes_featureids', [0, 0, 0, 0]],
        ['nodes_modes', ['BRANCH_LEQ', 'LEAF', 'BRANCH_LEQ', 'LEAF']],
        floats('nodes_values', [0, 0, 10, 0]),
        ['nodes_truenodeids', [1, 0, 3, 0]],
        ['nodes_falsenodeids', [2, 0, back, 0]],
        ['target_treeids', [0, 0]],
        ['target_nodeids', [1, 3]],
        ['target_ids', [0, 0]],
        floats('target_weights', [1, 2]),
      ],
    ),
  ])
}
