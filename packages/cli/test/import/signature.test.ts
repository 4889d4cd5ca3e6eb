import type { VectorField } from '@martlet/feature-store'
import type { GraphValue } from '@martlet/registry'
import { expect, test } from 'vitest'
import { bindSignature } from '../../src/import/mlflow/bind-signature.ts'
import { signatureDifferences } from '../../src/import/mlflow/check-signature.ts'
import { isInside, readMlModel, type SignatureEntry } from '../../src/import/mlflow/ml-model.ts'

const value = (name: string, element: string, shape: readonly (number | string | null)[]): GraphValue => ({
  name,
  type: { kind: 'tensor', element, shape },
})
const column = (name: string | undefined, type: string): SignatureEntry => ({ kind: 'column', name, type })
const tensor = (name: string | undefined, type: string, shape: readonly number[]): SignatureEntry => ({
  kind: 'tensor',
  name,
  type,
  shape,
})
const field = (name: string): VectorField => {
  const [view = '', feature = ''] = name.split('__')
  return { name, view, feature, type: 'double', nullable: false }
}
const matrix = { inputs: [value('x', 'float32', [null, 2])], outputs: [value('y', 'float32', [null, 1])] }
const columns = {
  inputs: [value('rain', 'float32', ['N', 1]), value('soil', 'string', ['N', 1])],
  outputs: [value('label', 'int64', ['N']), value('scores', 'float32', ['N', 3])],
}

/** As MLflow writes it, with folded flow scalars and a key order of its own. */
const written = `artifact_path: model
flavors:
  onnx:
    code: null
    data: model.onnx
    onnx_session_options: null
    onnx_version: 1.19.1
    providers:
    - CUDAExecutionProvider
    - CPUExecutionProvider
  python_function:
    data: model.onnx
    loader_module: mlflow.onnx
run_id: 0123456789abcdef
signature:
  inputs: '[{"type": "double", "name": "rain", "required": true}, {"type": "string",
    "name": "soil", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1,
    1]}}]'
  params: null
`

test('a file MLmodel as MLflow writes it', () => {
  expect(readMlModel(written, 'here')).toEqual({
    data: 'model.onnx',
    runId: '0123456789abcdef',
    inputs: [column('rain', 'double'), column('soil', 'string')],
    outputs: [tensor(undefined, 'float32', [-1, 1])],
  })
  const bare = readMlModel('flavors: {onnx: {data: model.onnx}}\n', 'here')
  expect(bare).toEqual({ data: 'model.onnx', runId: undefined, inputs: undefined, outputs: undefined })
})

test.each([
  ['a: [1', 'here cannot be imported: its MLmodel is not YAML: '],
  ['- 1', 'here cannot be imported: its MLmodel is not as MLflow writes it.'],
  ['flavors: {sklearn: {}, python_function: {}}', 'it has sklearn, python_function, but not the flavor onnx.'],
  ['flavors: {onnx: {data: ../model.onnx}}', 'its model file "../model.onnx" is not in its folder.'],
  ['flavors: {onnx: {data: /etc/passwd}}', 'its model file "/etc/passwd" is not in its folder.'],
  ['flavors: {onnx: {data: m}}\nsignature: {inputs: "[{"}', 'the inputs of its signature are not JSON.'],
  [
    'flavors: {onnx: {data: m}}\nsignature: {outputs: "[1]"}',
    'the outputs of its signature are not as MLflow writes them at 0.',
  ],
  // Eleven lines that would be ten thousand million values.
  [
    `a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 10 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array.from({ length: 10 }, () => `*a${i}`).join(', ')}]`).join('\n')}`,
    'its MLmodel is not YAML: Excessive alias count',
  ],
])('%s is refused', (text, message) => {
  expect(() => readMlModel(text, 'here')).toThrow(message)
  expect(() => readMlModel(text, 'here')).toThrow(expect.objectContaining({ code: 'MLFLOW_MODEL_INVALID' }))
})

test.each([
  ['model.onnx', true],
  ['a/b.onnx', true],
  ['', false],
  ['..', false],
  ['a/../../b', false],
  ['a//b', false],
  ['C:\\x', false],
  ['\\\\host\\x', false],
])('%s is inside its folder: %s', (path, inside) => {
  expect(isInside(path)).toBe(inside)
})

test('signatures that are those of their files', () => {
  const fits = [
    [{ inputs: [column('a', 'double'), column('b', 'long')], outputs: [column('y', 'float')] }, matrix],
    [{ inputs: [tensor(undefined, 'float64', [-1, 2])], outputs: [tensor(undefined, 'float32', [-1, 1])] }, matrix],
    [{ inputs: [column('rain', 'double'), column('soil', 'string')], outputs: undefined }, columns],
    [
      {
        inputs: [tensor('soil', 'str', [-1, 1]), tensor('rain', 'float32', [-1, 1])],
        outputs: [tensor('scores', 'float32', [-1, 3])],
      },
      columns,
    ],
    [{ inputs: undefined, outputs: undefined }, columns],
  ] as const
  for (const [signature, graph] of fits) expect(signatureDifferences(signature, graph)).toEqual([])
})

test('every difference of a signature is a sentence', () => {
  expect(
    signatureDifferences(
      {
        inputs: [column('a', 'double'), column('b', 'string'), column('c', 'datetime')],
        outputs: [tensor('z', 'float32', [-1])],
      },
      matrix,
    ),
  ).toEqual([
    'the signature has 3 columns, and input "x" of the file takes 2.',
    'column "b" is string, which a matrix of numbers cannot hold.',
    'column "c" is datetime, which a matrix of numbers cannot hold.',
    'output "z" of the signature is not in the file, which has y.',
  ])
  expect(
    signatureDifferences(
      {
        inputs: [tensor('rain', 'int64', [-1, 1]), tensor('sand', 'str', [-1, 1])],
        outputs: [tensor('scores', 'float32', [-1, 4]), tensor('label', 'int32', [-1, 1])],
      },
      columns,
    ),
  ).toEqual([
    'input "rain" is int64 in the signature and float32 in the file.',
    'input "sand" of the signature is not in the file, which has rain, soil.',
    'input "soil" of the file is not in the signature.',
    'output "scores" has the shape [-1, 4] in the signature and [N, 3] in the file.',
    'output "label" has the shape [-1, 1] in the signature and [N] in the file.',
  ])
})

test('columns of a matrix are features by name, in the order of the service', () => {
  const fields = [field('plots__rain'), field('plots__soil')]
  const bind = (names: readonly (string | undefined)[], given = {}) =>
    bindSignature(
      matrix,
      names.map((name) => column(name, 'double')),
      fields,
      given,
    )
  for (const names of [
    ['rain', 'soil'],
    ['plots__rain', 'soil'],
    [undefined, undefined],
  ])
    expect(bind(names)).toEqual({ inputs: {}, differences: [] })
  expect(bind(['a', 'soil'], { plots__rain: { input: 'a', nullAs: 0 } })).toEqual({
    inputs: { plots__rain: { nullAs: 0 } },
    differences: [],
  })
  expect(bind(['soil', 'rain']).differences).toEqual([
    'at position 0 the signature has column "soil", and the service plots__rain.',
    'at position 1 the signature has column "rain", and the service plots__soil.',
  ])
  expect(bind(['rain', 'soil', 'heat']).differences).toEqual([
    'the signature has 3 columns, and the service 2 features.',
  ])
  expect(bind(['rain']).differences).toEqual([
    'at position 1 the signature has no column, and the service plots__soil.',
  ])
  expect(bind([undefined, undefined], { plots__rain: 'a' }).differences).toHaveLength(1)
  // A feature of this name is in two views, so the name says nothing.
  const twice = [field('plots__rain'), field('fields__rain')]
  expect(
    bindSignature(matrix, [column('rain', 'double'), column('fields__rain', 'double')], twice, {}).differences,
  ).toEqual(['at position 0 the signature has column "rain", and the service plots__rain.'])
})

test('inputs of one feature each are found by name', () => {
  const fields = [field('plots__rain'), field('plots__soil')]
  expect(bindSignature(columns, undefined, fields, {}).inputs).toEqual({ plots__rain: 'rain', plots__soil: 'soil' })
  expect(bindSignature(columns, undefined, fields, { plots__soil: { nullAs: '-' }, plots__rain: 'x' }).inputs).toEqual({
    plots__rain: 'x',
    plots__soil: { nullAs: '-', input: 'soil' },
  })
  const twice = [field('plots__rain'), field('fields__rain')]
  expect(bindSignature(columns, undefined, twice, {}).inputs).toEqual({})
})
