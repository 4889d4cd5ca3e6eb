import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadModel, readOnnxFile } from '../../src/index.ts'
import { inlineExternalData } from '../../src/artifact/onnx/external-data.ts'
import { bytesField, integerField, message, textField } from '../../src/protobuf/wire-writer.ts'
import { readTensorGraph } from '../../src/artifact/onnx/tensor-graph.ts'
import { failure } from '../support/failure.ts'
import { modelOf, op } from '../support/onnx-parts.ts'
import { temporaryFolder, temporaryRegistry } from '../support/registries.ts'
import { service } from '../support/services.ts'

type Entries = Readonly<Record<string, string>>

/** A float32 weight whose values are in another file. */
function external(name: string, shape: readonly number[], entries: Entries): Uint8Array {
  return message(
    ...shape.map((size) => integerField(1, size)),
    integerField(2, 1),
    textField(8, name),
    ...Object.entries(entries).map(([key, value]) => bytesField(13, message(textField(1, key), textField(2, value)))),
    integerField(14, 1),
  )
}

/** y = x · w + b, with b as an attribute of a node: weights may be there too. */
function model(w: Entries, b: Entries): Uint8Array {
  const constant = bytesField(5, external('b', [1], b))
  const attribute = message(textField(1, 'value'), constant, integerField(20, 4))
  return modelOf(
    [op('Constant', [], ['b'], [attribute]), op('MatMul', ['x', 'w'], ['product']), op('Add', ['product', 'b'], ['y'])],
    { width: 2, weights: [external('w', [2, 1], w)] },
  )
}

const floats = new Uint8Array(Float32Array.of(99, 2, 3, 0.5).buffer)
const W = { location: 'weights.bin', offset: '4', length: '8' }
const B = { location: './weights.bin', offset: '12' }

test('weights of a file beside the model become part of the artifact', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'model.onnx'), model(W, B))
  await writeFile(join(folder, 'weights.bin'), floats)
  const { registry } = await temporaryRegistry()
  const { version } = await registry.register({
    model: 'outside',
    ...(await readOnnxFile(join(folder, 'model.onnx'))),
    service: service([{ name: 'a' }, { name: 'b' }]),
    goldenRows: { inputs: [[1, 1]], outputs: { y: [5.5] } },
    actor: 'trainer',
  })
  const { bytes } = await registry.artifact('outside', 1)
  expect(readTensorGraph(bytes).graph.scan.external.size).toBe(0)
  expect(version.artifact.bytes).toBe(bytes.length)
  await using loaded = await loadModel(registry, { model: 'outside', version: 1 })
  expect((await loaded.predict([[10, 100]]))['y']?.data).toEqual(Float32Array.of(320.5))
})

describe('what the model says of another file is checked', () => {
  const place = (entries: Entries): Entries => ({ ...W, ...entries })
  test.for<[string, Entries, RegExp]>([
    ['another length than its shape needs', place({ length: '12' }), /"w" take 8 bytes, and .*"weights.bin" has 12/],
    ['an end beyond the file', place({ offset: '12' }), /end at byte 20 of "weights.bin", which has 16/],
    ['a file that was not given', place({ location: 'other.bin' }), /in "other.bin", which was not given/],
    ['no file', place({ location: '' }), /at "", which is no file beside the model/],
    ['a folder above', place({ location: '../weights.bin' }), /at "\.\.\/weights\.bin", which is no file beside/],
    ['a folder above, inside', place({ location: 'a/../../b' }), /no file beside the model/],
    ['an absolute path', place({ location: '/etc/passwd' }), /no file beside the model/],
    ['a drive', place({ location: 'c:/weights.bin' }), /no file beside the model/],
    ['backslashes', place({ location: '..\\weights.bin' }), /no file beside the model/],
    ['a negative offset', place({ offset: '-4' }), /the offset "-4", which is no whole number/],
    ['a huge length', place({ length: '99999999999999999' }), /the length "9+", which is no whole number/],
    ['a name that objects have', place({ location: 'constructor' }), /which was not given/],
  ])('%s', async ([, entries, message]) => {
    const error = await failure(() => inlineExternalData(model(entries, B), { 'weights.bin': floats }))
    expect([error.code, error.message]).toEqual(['ONNX_EXTERNAL_DATA', expect.stringMatching(message)])
  })

  test('a link that leads out of the folder is not followed, a missing file is named', async () => {
    const folder = await temporaryFolder()
    const inside = join(folder, 'model')
    await mkdir(inside)
    await writeFile(join(folder, 'secret'), floats)
    await symlink(join(folder, 'secret'), join(inside, 'weights.bin'))
    await writeFile(join(inside, 'model.onnx'), model(W, B))
    const linked = await failure(() => readOnnxFile(join(inside, 'model.onnx')))
    expect([linked.code, linked.message]).toEqual([
      'ONNX_EXTERNAL_DATA',
      expect.stringMatching(/not a file in its folder/),
    ])
    await writeFile(join(folder, 'model.onnx'), model(W, B))
    const missing = await failure(() => readOnnxFile(join(folder, 'model.onnx')))
    expect(missing.message).toMatch(/weights in "weights.bin", which is not in its folder/)
  })

  test('a file without such weights is left as it is', () => {
    const plain = modelOf([op('Identity', ['x'], ['y'])])
    expect(inlineExternalData(plain, {})).toBe(plain)
  })
})
