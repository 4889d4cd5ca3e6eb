import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folderArtifacts, openRegistry } from '@martlet/registry'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen, registryModels, type ServingApp } from '../../src/index.ts'
import { trustedRuntime } from '../support/backing.ts'
import { post } from '../support/serve.ts'
import { infer, send } from './support/infer.ts'
import { inferenceBacking } from './support/inference-backing.ts'

let folder: string
let backing: Awaited<ReturnType<typeof inferenceBacking>>
let app: ServingApp
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-inference-'))
  backing = await inferenceBacking(folder, await trustedRuntime())
  app = backing.serve({ log: { folder: join(folder, 'log'), flushMs: 5 } })
  await app.start()
})
afterAll(async () => {
  await app.close()
  await backing.close()
  await rm(folder, { recursive: true })
})

const floats = (...values: readonly number[]) => new Uint8Array(new Float32Array(values).buffer)
const features = (shape: readonly number[], data: unknown) => ({ name: 'features', datatype: 'FP32', shape, data })
const customers = (...data: readonly string[]) => ({
  name: 'customer_id',
  datatype: 'BYTES',
  shape: [data.length],
  data,
})

describe('tensors', () => {
  test('a model is run on its own tensors, past its features', async () => {
    const { status, type, json } = await infer(app, 'usage_model', {
      id: 'mine',
      model_name: 'usage_model',
      inputs: [
        features(
          [2, 3],
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ),
      ],
    })
    expect([status, type]).toEqual([200, 'application/json'])
    expect(json).toEqual({
      id: 'mine',
      model_name: 'usage_model',
      model_version: '1',
      outputs: [{ name: 'prediction', datatype: 'FP32', shape: [2, 1], data: [14, 32] }],
    })
  })

  test.each([
    ['null', '[1,2,null]'],
    ['NaN', '[1,2,NaN]'],
  ])('%s in JSON is a missing number', async (_, data) => {
    const body = `{"id":"\\"NaN Infinity","inputs":[{"name":"features","datatype":"FP32","shape":[1,3],"data":${data}}]}`
    const { json } = await infer(app, 'usage_model', body)
    // A missing peak counts as 1.
    expect([json.id, json.outputs[0]?.data]).toEqual(['"NaN Infinity', [8]])
  })

  test('infinite numbers arrive, and go back as null or as bytes', async () => {
    const body = (output: boolean) =>
      `{"parameters":{"binary_data_output":${output}},` +
      '"inputs":[{"name":"features","datatype":"FP32","shape":[1,3],"data":[-Infinity,2,3]}]}'
    expect((await infer(app, 'usage_model', body(false))).json.outputs[0]?.data).toEqual([null])
    expect((await infer(app, 'usage_model', body(true))).rest.readFloatLE()).toBe(-Infinity)
  })

  test.each([
    ['a number', 'versions/2', '2', 114],
    ['an alias', 'versions/next', '2', 114],
    ['nothing: the champion', '', '1', 14],
  ])('the version is %s', async (_, version, found, answer) => {
    const path = version === '' ? 'usage_model' : `usage_model/${version}`
    const { json } = await infer(app, path, { inputs: [features([1, 3], [1, 2, 3])] })
    expect([json.model_version, json.outputs[0]?.data]).toEqual([found, [answer]])
  })

  test('binary and JSON mix, in both directions', async () => {
    const binary = (name: string, datatype: string, size: number) => ({
      name,
      datatype,
      shape: [2],
      parameters: { binary_data_size: size },
    })
    const whole = Buffer.from(new BigInt64Array([1n, -(2n ** 63n)]).buffer)
    const words = Buffer.from('\u0001\0\0\0a\u0002\0\0\0ö')
    const { type, json, rest } = await infer(
      app,
      'echo',
      {
        inputs: [
          binary('whole', 'INT64', 16),
          { name: 'flag', datatype: 'BOOL', shape: [2], data: [1, false] },
          binary('word', 'BYTES', words.length),
          { name: 'real', datatype: 'FP64', shape: [2], data: [0.1, 2] },
        ],
        outputs: [
          { name: 'word_out', parameters: { binary_data: true } },
          { name: 'real_out' },
          { name: 'whole_out', parameters: { binary_data: true } },
          { name: 'flag_out', parameters: { binary_data: false } },
        ],
      },
      Buffer.concat([whole, words]),
      // Some clients say JSON and send bytes.
      { 'content-type': 'application/json' },
    )
    expect(type).toBe('application/octet-stream')
    expect(json.outputs).toEqual([
      { name: 'word_out', datatype: 'BYTES', shape: [2], parameters: { binary_data_size: 11 } },
      { name: 'real_out', datatype: 'FP64', shape: [2], data: [0.1, 2] },
      { name: 'whole_out', datatype: 'INT64', shape: [2], parameters: { binary_data_size: 16 } },
      { name: 'flag_out', datatype: 'BOOL', shape: [2], data: [true, false] },
    ])
    expect(rest.equals(Buffer.concat([words, whole]))).toBe(true)
  })

  test('a tensor without rows is answered without running the model', async () => {
    const { json } = await infer(app, 'usage_model', { inputs: [features([0, 3], [])] })
    expect(json.outputs).toEqual([{ name: 'prediction', datatype: 'FP32', shape: [0, 1], data: [] }])
    const inputs = [{ name: 'features', datatype: 'FP32', shape: [0, 3], parameters: { binary_data_size: 0 } }]
    const request = { inputs, parameters: { binary_data_output: true } }
    const { json: binary, rest } = await infer(app, 'usage_model', request, new Uint8Array())
    expect([binary.outputs[0]?.parameters.binary_data_size, rest.length]).toEqual([0, 0])
  })

  test('many rows are answered as one by one', async () => {
    const rows = Array.from({ length: 1000 }, (_, row) => [row % 7, row % 11, row % 13])
    const { json } = await infer(app, 'usage_model', { inputs: [features([1000, 3], rows.flat())] })
    expect(json.outputs[0]?.shape).toEqual([1000, 1])
    expect(json.outputs[0]?.data).toEqual(rows.map(([a = 0, b = 0, c = 0]) => a + 2 * b + 3 * c))
  })

  test('a body without a JSON part is one row of the only input', async () => {
    const none = { 'inference-header-content-length': '0' }
    const { type, json, rest } = await send(app, 'usage_model', floats(1, 2, 3), none)
    expect([type, json.outputs[0]?.shape, rest.readFloatLE()]).toEqual(['application/octet-stream', [1, 1], 14])
    expect(await send(app, 'usage_model', floats(1, 2), none)).toMatchObject({ status: 400 })
    expect(await send(app, 'echo', floats(1, 2), none)).toMatchObject({ status: 400 })
  })
})

describe('classes', () => {
  const ask = async (parameters: object) => {
    const outputs = [{ name: 'output_probability', parameters }]
    const { json } = await infer(app, 'tariffs', { inputs: [features([2, 3], [1, 2, 3, 0, 0, -3])], outputs })
    const [output] = json.outputs
    if (output === undefined) throw new Error(`There is no output: ${JSON.stringify(json)}`)
    return output
  }

  test('value, index and label, the largest first', async () => {
    const { datatype, shape, data } = await ask({ classification: 2 })
    expect([datatype, shape]).toEqual(['BYTES', [2, 2]])
    expect(data.map((one) => String(one).replace(/^[^:]+/, ''))).toEqual([':0:high', ':2:mid', ':1:low', ':2:mid'])
    const [first = 0, second = 0, third = 0, fourth = 0] = data.map((one) => Number.parseFloat(String(one)))
    expect(first).toBeGreaterThan(second)
    expect(third).toBeGreaterThan(fourth)
  })

  test('no more than there are, and as bytes when they are asked for so', async () => {
    expect((await ask({ classification: 99 })).shape).toEqual([2, 3])
    expect(await ask({ classification: 1, binary_data: true })).toMatchObject({ shape: [2, 1], datatype: 'BYTES' })
  })
})

describe('entity keys', () => {
  test('features are looked up, the answer is that of /v1, and says how old they are and what is missing', async () => {
    const { status, json } = await infer(app, 'usage_model', { inputs: [customers('a', 'b', 'nobody')] })
    const v1 = await post(app, '/v1/models/usage_model/predict', {
      keys: ['a', 'b', 'nobody'].map((customer_id) => ({ customer_id })),
    })
    const { rows } = JSON.parse(await v1.text())
    expect(status).toBe(200)
    expect(json.outputs).toEqual([
      {
        name: 'prediction',
        datatype: 'FP32',
        shape: [3, 1],
        data: rows.map((row: { prediction: { prediction: number } }) => row.prediction.prediction),
      },
    ])
    expect(json.parameters).toEqual({
      feature_service: 'usage_only',
      feature_age_max_ms: 21_600_000,
      missing_features: 'customer_usage__kwh_1d,customer_usage__kwh_7d,customer_usage__peak_7d',
      rows_with_missing_features: 2,
    })
  })

  test('keys of 64 bits are exact, in JSON and in bytes', async () => {
    const body = '{"inputs":[{"name":"box_id","datatype":"INT64","shape":[2,1],"data":[7,9007199254740993]}]}'
    const { json } = await infer(app, 'echo', body)
    expect(json.outputs[2]?.data).toEqual(['ja "ja"', 'größer'])
    expect(json.parameters).toMatchObject({
      feature_age_max_ms: 9000,
      missing_features: '',
      rows_with_missing_features: 0,
    })
    const keys = Buffer.from(new BigInt64Array([9_007_199_254_740_993n]).buffer)
    const inputs = [{ name: 'box_id', datatype: 'INT64', shape: [1], parameters: { binary_data_size: 8 } }]
    const outputs = [{ name: 'whole_out', parameters: { binary_data: true } }]
    expect((await infer(app, 'echo', { inputs, outputs }, keys)).rest.equals(keys)).toBe(true)
  })

  test('a key that is not one is refused where it stands in the request', async () => {
    const refused = async (inputs: readonly object[], parameters = {}) => {
      const { status, json } = await infer(app, 'echo', { inputs, parameters })
      return [status, json.error]
    }
    const box = (data: readonly unknown[], datatype = 'BYTES', shape = [data.length]) => ({
      name: 'box_id',
      datatype,
      shape,
      data,
    })
    expect(await refused([box(['7', 'x'])])).toEqual([
      400,
      'inputs[0].data[1] must be a whole number of 64 bits (beyond 2^53 as a string of digits), not "x".',
    ])
    expect(await refused([box([7], 'INT64', [1, 1, 1])])).toEqual([
      400,
      'inputs[0].shape is [1, 1, 1]; keys have the shape [N] or [N, 1].',
    ])
    expect(await refused([box([8], 'INT32')])).toEqual([
      422,
      'row 0: Feature box_contents__whole is NOT_FOUND, and model echo accepts no missing value there.',
    ])
    expect(await refused([{ ...box([7], 'INT64'), name: 'bx_id' }])).toEqual([
      400,
      'inputs[0].name is "bx_id", which is not an input of model echo, and its features are looked up by box_id.',
    ])
    expect(await refused([box([], 'INT64')])).toEqual([400, 'inputs is empty. Name at least one entity.'])
  })

  test('how much must be there is a parameter', async () => {
    const ask = async (require_features: unknown) => {
      const { status, json } = await infer(app, 'usage_model', {
        inputs: [customers('c')],
        parameters: { require_features },
      })
      return [status, json.error]
    }
    expect(await ask('some')).toEqual([
      422,
      'row 0: All of its features are missing, so nothing is known about this entity.',
    ])
    expect((await ask('every'))[0]).toBe(400)
  })

  test('predictions by key are logged like those of /v1, and runs on tensors are not', async () => {
    const lines = async (): Promise<readonly Record<string, unknown>[]> => {
      const files = (await readdir(join(folder, 'log'), { recursive: true })).filter((name) =>
        /\.jsonl|\.open/.test(name),
      )
      const texts = await Promise.all(files.map((name) => readFile(join(folder, 'log', name), 'utf8')))
      return texts.flatMap((text) =>
        text
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
      )
    }
    const headers = { 'x-request-id': 'logged-by-key' }
    await infer(app, 'usage_model', { inputs: [customers('a')] }, undefined, headers)
    await infer(app, 'usage_model', { inputs: [features([1, 3], [1, 2, 3])] }, undefined, { 'x-request-id': 'raw' })
    const mine = async () => (await lines()).filter(({ requestId }) => requestId === 'logged-by-key')
    await expect.poll(mine).toMatchObject([{ keys: { customer_id: 'a' }, model: 'usage_model', row: 0 }])
    expect((await lines()).filter(({ requestId }) => requestId === 'raw')).toEqual([])
  })
})

test('a model in a process of its own is run on tensors there', async () => {
  // Unlike the registry of the other tests, one whose runtime can start processes.
  const registry = await openRegistry({
    db: backing.catalog.db,
    artifacts: folderArtifacts(join(folder, 'artifacts')),
  })
  const isolated = backing.serve({ registry: registryModels(registry, { isolation: 'always' }) })
  const inputs = [
    { name: 'whole', datatype: 'INT64', shape: [1], data: [-5] },
    { name: 'flag', datatype: 'BOOL', shape: [1], data: [true] },
    { name: 'word', datatype: 'BYTES', shape: [1], data: ['größer'] },
    { name: 'real', datatype: 'FP64', shape: [1], data: [0.1] },
  ]
  const { json } = await infer(isolated, 'echo', { inputs })
  expect(json.outputs.map(({ data }: { data: unknown }) => data)).toEqual([[-5], [true], ['größer'], [0.1]])
  await isolated.close()
})

test('a timeout of its own ends a request', async () => {
  const ask = (timeout: number) =>
    infer(app, 'usage_model', { inputs: [features([1, 3], [1, 2, 3])], parameters: { timeout } })
  expect(await ask(1)).toMatchObject({ status: 504, json: { error: expect.stringContaining('parameters.timeout') } })
  expect(await ask(0)).toMatchObject({ status: 200 })
  expect(await ask(60_000_000)).toMatchObject({ status: 200 })
})

test('over a socket, straight from Node and through the app, with a query and an encoded name', async () => {
  const server = await listen(app, { port: 0, signals: false })
  const body = JSON.stringify({ inputs: [features([1, 3], [1, 2, 3])] })
  for (const path of ['usage_model/infer', 'usage_model/infer?a=b', 'usage%5Fmodel/versions/1/infer']) {
    // Without a content type, as tritonclient sends it.
    const response = await fetch(`${server.url}/v2/models/${path}`, { method: 'POST', body: new Blob([body]) })
    expect([path, response.status, JSON.parse(await response.text()).outputs[0]?.data]).toEqual([path, 200, [14]])
  }
  await server.close()
})
