import { describe, expect, test } from 'vitest'
import { readTensorGraph } from '../../src/index.ts'
import { ONNX_SCHEMA, type MessageName } from '../../src/artifact/onnx/onnx-schema.ts'
import { bytesField, integerField, message, textField } from '../../src/protobuf/wire-writer.ts'
import { node } from '../../src/artifact/onnx/onnx-writer.ts'
import { tensorValue } from '../../src/artifact/onnx/value-type.ts'
import { failure } from '../support/failure.ts'
import fields from '../fixtures/onnx-fields.json' with { type: 'json' }

interface Field {
  readonly name: string
  readonly message: string | null
  readonly repeated: boolean
}

/** The fields of onnx-ml.proto, as the onnx package gives them. */
const real: Readonly<Record<string, Readonly<Record<string, Field>>>> = fields

/** Ways from a message to a tensor as field numbers; a message occurs at most twice on one. */
function waysToTensor(from: string, met: readonly string[] = []): readonly (readonly number[])[] {
  if (from === 'TensorProto') return [[]]
  if (met.filter((name) => name === from).length === 2) return []
  return Object.entries(real[from] ?? {}).flatMap(([number, { message: inner }]) =>
    inner === null ? [] : waysToTensor(inner, [...met, from]).map((way) => [Number(number), ...way]),
  )
}

const nested = (way: readonly number[], tensor: Uint8Array): Uint8Array =>
  way.reduceRight((inside, number) => bytesField(number, inside), tensor)

/** A model that can be served, with one more tensor at this place. */
function modelWith(way: readonly number[], tensor: Uint8Array): Uint8Array {
  const [first, ...rest] = way
  const inGraph = first === 7 ? [nested(rest, tensor)] : []
  const beside = first === 7 ? [] : [nested(way, tensor)]
  const graph = message(
    bytesField(1, node('Identity', ['x'], ['y'])),
    bytesField(11, tensorValue('x', 1, ['N', 1])),
    bytesField(12, tensorValue('y', 1, ['N', 1])),
    ...inGraph,
  )
  return message(bytesField(7, graph), bytesField(8, integerField(2, 17)), ...beside)
}

const path = (way: readonly number[]): string => {
  let at = 'ModelProto'
  return way
    .map((number) => {
      const field = real[at]?.[String(number)]
      at = field?.message ?? ''
      return field?.name
    })
    .join('.')
}

const ways = waysToTensor('ModelProto')
const location = bytesField(13, message(textField(1, 'location'), textField(2, 'weights.bin')))
const external: readonly (readonly [form: string, tensor: Uint8Array])[] = [
  ['a location', location],
  ['an offset only', bytesField(13, message(textField(1, 'offset'), textField(2, '0')))],
  ['data_location EXTERNAL', integerField(14, 1)],
  ['data_location that protobuf cuts to 32 bits', integerField(14, 2n ** 32n + 1n)],
  ['data_location of a kind to come', integerField(14, 2)],
  ['data beside a location', message(bytesField(9, new Uint8Array(4)), location)],
]

test('the table of the schema agrees with onnx about every message that can hold a tensor', () => {
  const holding = Object.keys(real).filter((name) => waysToTensor(name).length > 0)
  expect(holding.map((name) => name.replace(/Proto$/, '')).toSorted()).toEqual(Object.keys(ONNX_SCHEMA).toSorted())
  for (const name of holding) {
    const short = (text: string): string => text.replace(/Proto$/, '')
    const entries = Object.entries(real[name] ?? {})
    const inner = entries.filter(([, { message: held }]) => held !== null && holding.includes(held))
    expect(ONNX_SCHEMA[short(name) as MessageName], name).toEqual({
      messages: Object.fromEntries(inner.map(([number, { message: held }]) => [number, short(held ?? '')])),
      single: inner.filter(([, { repeated }]) => !repeated).map(([number]) => Number(number)),
      values: entries.filter((entry) => !inner.includes(entry)).map(([number]) => Number(number)),
    })
  }
})

test('there are ways through every message', () => {
  const paths = ways.map(path)
  for (const known of [
    'graph.initializer',
    'graph.sparse_initializer.values',
    'graph.sparse_initializer.indices',
    'graph.node.attribute.sparse_tensor.values',
    'graph.node.attribute.sparse_tensors.indices',
    'graph.node.attribute.g.node.attribute.tensors',
    'training_info.algorithm.initializer',
    'functions.attribute_proto.t',
  ])
    expect(paths).toContain(known)
  expect(paths.length).toBeGreaterThan(100)
})

describe('weights in another file are refused', () => {
  test.for(external)('%s, wherever the schema lets a tensor be', async ([, tensor]) => {
    for (const way of ways) {
      const error = await failure(() => readTensorGraph(modelWith(way, message(textField(8, 'w'), tensor))))
      expect([path(way), error.code, error.message]).toEqual([
        path(way),
        'ONNX_UNSUPPORTED',
        expect.stringContaining('another file (w)'),
      ])
    }
  })

  test('and weights in the file are not', () => {
    for (const way of ways)
      expect(
        readTensorGraph(modelWith(way, message(textField(8, 'w'), integerField(14, 0)))).inputs,
        path(way),
      ).toHaveLength(1)
  })
})

describe('what the scan cannot know is refused', () => {
  const messages = [
    ...new Map(
      ways.flatMap((way) => way.map((_, depth) => [path(way.slice(0, depth)), way.slice(0, depth)] as const)),
    ).values(),
  ]

  test('a field that the schema does not have, in any message that can hold tensors', async () => {
    expect(messages.length).toBeGreaterThan(20)
    for (const way of messages) {
      const error = await failure(() => readTensorGraph(modelWith([...way, 99], location)))
      expect([path(way), error.code, error.message]).toEqual([
        path(way),
        'ONNX_UNSUPPORTED',
        expect.stringMatching(/ONNX 1.23 does not define.*\.99\)/),
      ])
    }
  })

  test('a second graph, which a runtime would merge with the first', async () => {
    const whole = modelWith([7, 5], textField(8, 'w'))
    const graph = bytesField(7, bytesField(1, node('Loop', ['x'], ['y'])))
    expect((await failure(() => readTensorGraph(message(whole, graph)))).message).toMatch(/second field 7 of one Model/)
  })

  test("onnxruntime's own format, which starts with a mark that a field of text can hold too", async () => {
    const disguised = message(textField(2, '__ORTM'), modelWith([7, 5], textField(8, 'w')))
    const error = await failure(() => readTensorGraph(disguised))
    expect([error.code, error.message]).toEqual(['ONNX_MALFORMED', expect.stringContaining('.ort')])
  })

  test('names that differ in a byte order mark are two names', () => {
    const bytes = modelWith([7, 5], textField(8, '\uFEFFw'))
    expect([...readTensorGraph(bytes).graph.weights]).toEqual(['\uFEFFw'])
  })
})
