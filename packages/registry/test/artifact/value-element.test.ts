import { expect, test } from 'vitest'
import { elementTypeName } from '../../src/artifact/onnx/element-type.ts'
import { elementOf } from '../../src/artifact/onnx/value-element.ts'
import { linearRegressionOnnx, readOnnx } from '../../src/index.ts'
import { fixture } from '../support/registries.ts'

test.for([
  'batch-of-one',
  'bfloat16',
  'classifier-tensor',
  'classifier-zipmap',
  'classifier-zipmap-text',
  'columns',
  'double-trees-zipmap',
  'double-zipmap',
  'echo',
  'one-answer-for-all',
  'strict-columns',
  'two-zipmaps',
  'weights-listed-as-inputs',
])('the element types that %s declares for its outputs follow from its operators', async (name) => {
  const bytes = await fixture(name)
  const graph = readOnnx(bytes)
  for (const { name: output, type } of graph.outputs) {
    if (type.kind !== 'tensor') continue
    const code = elementOf(bytes, { ...graph, outputs: [], inner: [] }, output)
    const element = code === undefined ? undefined : elementTypeName(code)
    // int64 or text: a classifier answers its label as what its labels are
    if (output.endsWith('label')) expect([undefined, type.element]).toContain(element)
    else expect([output, element]).toEqual([output, type.element])
  }
})

test('a value that no node produces, and one produced in a circle, have none', () => {
  const bytes = linearRegressionOnnx({ features: ['usage__a'], weights: [1], bias: 0 })
  const graph = readOnnx(bytes)
  const [first] = graph.nodes
  expect(elementOf(bytes, graph, 'nothing')).toBe(undefined)
  const circle =
    first === undefined
      ? []
      : [
          { ...first, operator: 'Add', inputs: ['b'], outputs: ['a'] },
          { ...first, operator: 'Add', inputs: ['a'], outputs: ['b'] },
        ]
  expect(elementOf(bytes, { ...graph, nodes: circle }, 'a')).toBe(undefined)
})
