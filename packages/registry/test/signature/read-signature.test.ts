import { describe, expect, test } from 'vitest'
import { linearRegressionOnnx, readSignature, readTensorGraph, type InputMapping } from '../../src/index.ts'
import { node, onnxModel } from '../../src/artifact/onnx/onnx-writer.ts'
import { tensorValue } from '../../src/artifact/onnx/value-type.ts'
import { failure } from '../support/failure.ts'
import { fixture } from '../support/registries.ts'
import { service, type FieldSketch } from '../support/services.ts'

const linear = (...features: string[]): Uint8Array =>
  linearRegressionOnnx({ features, weights: features.map(() => 1), bias: 0 })

async function differences(
  onnx: Uint8Array,
  fields: readonly FieldSketch[],
  inputs?: InputMapping,
): Promise<readonly unknown[]> {
  const error = await failure(() => readSignature(readTensorGraph(onnx), service(fields), inputs))
  expect(error.code).toBe('SIGNATURE_MISMATCH')
  const list = error.data['differences']
  for (const sentence of Array.isArray(list) ? list : []) expect(error.message).toContain(sentence)
  return Array.isArray(list) ? list : []
}

describe('one matrix of all features', () => {
  test('binds every field to its column, nulls as NaN', () => {
    const signature = readSignature(
      readTensorGraph(linear('usage__a', 'usage__b')),
      service([
        { name: 'a', type: 'bigint' },
        { name: 'b', nullable: true },
      ]),
    )
    expect(signature).toMatchObject({ layout: 'tensor', batch: null, opsets: { '': 17 } })
    expect(signature.fields).toEqual([
      { field: 'usage__a', type: 'bigint', nullable: false, input: 'features', column: 0, nulls: { kind: 'nan' } },
      { field: 'usage__b', type: 'double', nullable: true, input: 'features', column: 1, nulls: { kind: 'nan' } },
    ])
  })

  test('a model without feature names is checked by width alone', async () => {
    const onnx = await fixture('classifier-zipmap')
    expect(
      readSignature(readTensorGraph(onnx), service([{ name: 'a' }, { name: 'b' }, { name: 'c' }])).outputs[1],
    ).toMatchObject({
      name: 'output_probability',
      labels: [0, 1],
    })
    expect(await differences(onnx, [{ name: 'a' }, { name: 'b' }])).toEqual([
      'input "features" takes 3 features, the service has 2.',
    ])
  })

  test('every difference is reported at once', async () => {
    expect(
      await differences(linear('usage__a', 'usage__kwh_7d', 'usage__c'), [
        { name: 'kwh_7' },
        { name: 'note', type: 'text' },
      ]),
    ).toEqual([
      'input "features" takes 3 features, the service has 2.',
      'the model was trained on "usage__a", which the service does not have.',
      'the model was trained on "usage__kwh_7d", which the service does not have; did you mean "usage__kwh_7"?',
      'the model was trained on "usage__c", which the service does not have.',
      'the service has "usage__kwh_7", which the model was not trained on.',
      'the service has "usage__note", which the model was not trained on.',
      'feature "usage__note" is text, which a float32 matrix cannot hold; leave it out of the service, or give it an input of its own.',
    ])
  })

  test('feature names that are not a JSON array are reported', async () => {
    const names = JSON.stringify(['usage__a'])
    const onnx = Buffer.from(linear('usage__a'))
    onnx.write('{', onnx.indexOf(names))
    expect(await differences(onnx, [{ name: 'a' }])).toEqual([
      'the metadata entry "martlet.features" is not a JSON array of names.',
    ])
  })

  test('the same features in another order are refused', async () => {
    expect(
      await differences(linear('usage__a', 'usage__b', 'usage__c'), [{ name: 'a' }, { name: 'c' }, { name: 'b' }]),
    ).toEqual(['the model\'s features are in another order: at position 1 it has "usage__b", the service "usage__c".'])
  })

  test('a timestamp does not fit a float32 matrix, a decimal and a date do', async () => {
    const fields: FieldSketch[] = [
      { name: 'a', type: { decimal: [10, 2] } },
      { name: 'b', type: 'date' },
      { name: 'c', type: 'boolean' },
    ]
    const onnx = linear('usage__a', 'usage__b', 'usage__c')
    expect(readSignature(readTensorGraph(onnx), service(fields)).fields).toHaveLength(3)
    expect(await differences(onnx, [...fields.slice(0, 2), { name: 'c', type: 'timestamp' }])).toEqual([
      'feature "usage__c" is timestamp, which a float32 matrix cannot hold; leave it out of the service, or give it an input of its own.',
    ])
  })

  test('a fixed number of rows is read', async () => {
    const fields = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]
    expect(readSignature(readTensorGraph(await fixture('batch-of-four')), service(fields)).batch).toBe(4)
  })

  test('one answer for the whole batch is refused', async () => {
    expect(
      await differences(await fixture('one-answer-for-all'), [{ name: 'a' }, { name: 'b' }, { name: 'c' }]),
    ).toEqual(['output "y" is one value for the whole batch; one row in must give one row out.'])
  })
})

describe('a matrix that is not the one of all features', () => {
  const [FLOAT, INT64, STRING] = [1, 7, 8]
  const model = (...inputs: readonly (readonly [name: string, element: number, width: number | null])[]): Uint8Array =>
    onnxModel({
      graph: 'echo',
      inputs: inputs.map(([name, element, width]) => tensorValue(name, element, ['N', width])),
      outputs: inputs.map(([name, element, width]) => tensorValue(`${name}_out`, element, ['N', width])),
      nodes: inputs.map(([name]) => node('Identity', [name], [`${name}_out`])),
      initializers: [],
      metadata: {},
    })
  const fields: readonly FieldSketch[] = [{ name: 'a' }, { name: 'b' }, { name: 'word', type: 'text' }]
  const fix =
    'and one feature gives [N] or [N, 1]; export the model with one input per feature, or with one matrix of numbers of all of them.'

  test('is refused with the export that works, and nothing else', async () => {
    expect(await differences(model(['x', STRING, 3]), fields)).toEqual([
      `input "x" is string of the shape [N, 3], ${fix}`,
    ])
    expect(await differences(model(['numbers', FLOAT, 2], ['texts', STRING, 4]), fields)).toEqual([
      `input "numbers" is float32 of the shape [N, 2], input "texts" is string of the shape [N, 4], ${fix}`,
    ])
  })

  test('a matrix of whole numbers takes features that are, and stand-ins for what may be missing', async () => {
    const numbers: readonly FieldSketch[] = [
      { name: 'count', type: 'bigint', nullable: true },
      { name: 'flag', type: 'boolean' },
      { name: 'sum', nullable: true },
    ]
    const onnx = model(['x', INT64, 3])
    const cannot = (name: string): string =>
      `feature "${name}" may be null and input "x" is int64, which cannot express that; ` +
      `name a stand-in, inputs: { "${name}": { nullAs: … } }.`
    expect(await differences(onnx, [...numbers, { name: 'word', type: 'text' }])).toEqual([
      'input "x" takes 3 features, the service has 4.',
      'feature "usage__word" is text, which an int64 matrix cannot hold; ' +
        'leave it out of the service, or give it an input of its own.',
      cannot('usage__count'),
      cannot('usage__sum'),
    ])
    const standIns = { usage__count: { nullAs: -1 }, usage__sum: { nullAs: 0.5 } }
    expect(await differences(onnx, numbers, { ...standIns, usage__other: { nullAs: 1 } })).toEqual([
      'nullAs of feature "usage__sum" is 0.5, input "x" takes int64.',
      'inputs names "usage__other", which is not a feature of the service.',
    ])
    const { layout, fields } = readSignature(readTensorGraph(onnx), service(numbers), {
      ...standIns,
      usage__sum: { nullAs: 0 },
    })
    expect([layout, fields.map(({ column, nulls }) => [column, nulls])]).toEqual([
      'tensor',
      [
        [0, { kind: 'value', value: -1 }],
        [1, { kind: 'refused' }],
        [2, { kind: 'value', value: 0 }],
      ],
    ])
  })

  test('the one of all features takes no mapping', async () => {
    expect(await differences(model(['x', FLOAT, 2]), fields.slice(0, 2), { usage__a: 'x' })).toEqual([
      'input "x" is float32 of the shape [N, 2]; it takes all features in vector order, ' +
        'so map no inputs (a stand-in is { nullAs: … } alone).',
    ])
  })
})

describe('one input per feature', () => {
  const typed: FieldSketch[] = [
    { name: 'whole', type: 'bigint' },
    { name: 'flag', type: 'boolean' },
    { name: 'word', type: 'text' },
    { name: 'real', nullable: true },
  ]
  const mapping: InputMapping = { usage__whole: 'whole', usage__flag: 'flag', usage__word: 'word', usage__real: 'real' }

  test('binds by name, or by the mapping', async () => {
    const signature = readSignature(readTensorGraph(await fixture('echo')), service(typed), mapping)
    expect(signature.layout).toBe('columns')
    expect(signature.fields.map(({ input, column, nulls }) => [input, column, nulls.kind])).toEqual([
      ['whole', null, 'refused'],
      ['flag', null, 'refused'],
      ['word', null, 'refused'],
      ['real', null, 'nan'],
    ])
  })

  test('what is missing, left over or misspelt is reported', async () => {
    expect(
      await differences(await fixture('echo'), typed.slice(0, 3), {
        usage__whole: 'hole',
        usage__flag: 'flag',
        usage__word: 'flag',
        usage__wrod: 'word',
      }),
    ).toEqual([
      'feature "usage__whole" has no input "hole" in the model; did you mean "whole"?',
      'feature "usage__word" is mapped to input "flag", which another feature uses already.',
      'input "whole" of the model gets no feature from the service.',
      'input "word" of the model gets no feature from the service.',
      'input "real" of the model gets no feature from the service.',
      'inputs names "usage__wrod", which is not a feature of the service; did you mean "usage__word"?',
    ])
  })

  test('types that do not fit are reported', async () => {
    const wrong: FieldSketch[] = [
      { name: 'whole' },
      { name: 'flag', type: 'text' },
      { name: 'word', type: 'double' },
      { name: 'real', type: 'text' },
    ]
    expect(await differences(await fixture('echo'), wrong, mapping)).toEqual([
      'feature "usage__whole" is double, input "whole" takes int64.',
      'feature "usage__flag" is text, input "flag" takes bool.',
      'feature "usage__word" is double, input "word" takes string.',
      'feature "usage__real" is text, input "real" takes float64.',
    ])
  })

  test('a nullable feature needs a stand-in of the right type where the input cannot say null', async () => {
    const nullable = typed.map((field) => ({ ...field, nullable: true }))
    expect(
      await differences(await fixture('echo'), nullable, {
        ...mapping,
        usage__flag: { input: 'flag', nullAs: false },
        usage__word: { input: 'word', nullAs: 7 },
      }),
    ).toEqual([
      'feature "usage__whole" may be null and input "whole" is int64, which cannot express that; ' +
        'name a stand-in, inputs: { "usage__whole": { nullAs: … } }.',
      'nullAs of feature "usage__word" is 7, input "word" takes string.',
    ])
    const signature = readSignature(readTensorGraph(await fixture('echo')), service(nullable), {
      ...mapping,
      usage__whole: { input: 'whole', nullAs: -1 },
      usage__flag: { input: 'flag', nullAs: false },
      usage__word: { input: 'word', nullAs: 'unknown' },
    })
    expect(signature.fields.map(({ nulls }) => nulls)).toEqual([
      { kind: 'value', value: -1 },
      { kind: 'value', value: false },
      { kind: 'value', value: 'unknown' },
      { kind: 'nan' },
    ])
  })
})
