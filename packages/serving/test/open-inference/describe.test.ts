import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashApiKey, type ApiKey, type ServingApp } from '../../src/index.ts'
import { trustedRuntime } from '../support/backing.ts'
import { infer } from './support/infer.ts'
import { inferenceBacking } from './support/inference-backing.ts'
import { mirrors, serveMirrors } from './support/mirror.ts'

let folder: string
let backing: Awaited<ReturnType<typeof inferenceBacking>>
let app: ServingApp
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-inference-'))
  backing = await inferenceBacking(folder, await trustedRuntime())
  app = backing.serve()
  await app.start()
})
afterAll(async () => {
  await app.close()
  await backing.close()
  await rm(folder, { recursive: true })
})

async function ask(path: string, init: RequestInit = {}, of: ServingApp = app) {
  const response = await of.request(`/v2${path}`, init)
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    json: JSON.parse(await response.text()),
  }
}
const post = (path: string, json?: unknown) =>
  ask(path, { method: 'POST', ...(json === undefined ? {} : { body: new Blob([JSON.stringify(json)]) }) })

test('the server says what it speaks, with and without a slash', async () => {
  const { json } = await ask('')
  expect(json).toEqual({
    name: 'martlet',
    version: '0.1.0',
    extensions: [
      'binary_tensor_data',
      'classification',
      'statistics',
      'model_configuration',
      'model_repository',
      'parameters',
      'feature_lookup',
    ],
  })
  expect((await ask('/')).json).toEqual(json)
  expect((await ask('/models?x=y')).json).toEqual({ models: ['echo', 'tariffs', 'usage_model'] })
})

test('health has bodies', async () => {
  expect(await ask('/health/live')).toEqual({ status: 200, type: 'application/json', json: { live: true } })
  expect(await ask('/health/ready')).toEqual({
    status: 200,
    type: 'application/json',
    json: { ready: true, live: true },
  })
  const draining = backing.serve()
  await draining.start()
  draining.drain()
  expect(await ask('/health/ready', {}, draining)).toMatchObject({
    status: 503,
    json: { ready: false, live: true, error: expect.any(String) },
  })
  expect((await ask('/health/live', {}, draining)).status).toBe(200)
  await draining.close()
})

test('a model is described, with the keys that its features are looked up by', async () => {
  expect((await ask('/models/usage_model')).json).toEqual({
    name: 'usage_model',
    versions: ['1', '2'],
    platform: 'onnx_onnxv1',
    inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 3] }],
    outputs: [{ name: 'prediction', datatype: 'FP32', shape: [-1, 1] }],
    feature_lookup: {
      service: 'usage_only',
      inputs: [{ name: 'customer_id', datatype: 'BYTES', shape: [-1] }],
      request_inputs: [],
      features: ['customer_usage__kwh_1d', 'customer_usage__kwh_7d', 'customer_usage__peak_7d'],
    },
  })
  const echo = (await ask('/models/echo/versions/champion')).json
  expect(echo.feature_lookup.inputs).toEqual([{ name: 'box_id', datatype: 'INT64', shape: [-1] }])
  expect(echo.inputs.map((input: { datatype: string }) => input.datatype)).toEqual(['INT64', 'BOOL', 'BYTES', 'FP64'])
})

test('the configuration is what perf_analyzer reads', async () => {
  expect((await ask('/models/usage_model/versions/2/config')).json).toEqual({
    name: 'usage_model',
    platform: 'onnxruntime_onnx',
    backend: 'onnxruntime',
    version_policy: { specific: { versions: [2] } },
    max_batch_size: 1000,
    input: [{ name: 'features', data_type: 'TYPE_FP32', dims: [3] }],
    output: [{ name: 'prediction', data_type: 'TYPE_FP32', dims: [1] }],
    model_transaction_policy: { decoupled: false },
  })
})

test('statistics count rows, requests, failures and each step', async () => {
  const body = { inputs: [{ name: 'features', datatype: 'FP32', shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }] }
  const none = (await ask('/models/tariffs/stats')).json.model_stats[0]
  expect([none.inference_count, none.last_inference]).toEqual([0, 0])
  const before = Date.now()
  await infer(app, 'tariffs', body)
  await infer(app, 'tariffs', body)
  await infer(app, 'tariffs', { inputs: [{ name: 'customer_id', datatype: 'BYTES', shape: [1], data: ['a'] }] })
  await infer(app, 'tariffs', { inputs: [{ ...body.inputs[0], data: [] }] })
  const [one, ...others] = (await ask('/models/tariffs/versions/1/stats')).json.model_stats
  expect(others).toEqual([])
  expect(one).toMatchObject({
    name: 'tariffs',
    version: '1',
    inference_count: 5,
    execution_count: 3,
    response_stats: {},
    memory_usage: [],
    batch_stats: [
      { batch_size: 1, compute_infer: { count: 1 } },
      { batch_size: 2, compute_infer: { count: 2 } },
    ],
  })
  expect(one.last_inference).toBeGreaterThanOrEqual(before)
  // perf_analyzer reads all eight without asking whether they are there.
  const counts = Object.entries<{ count: number; ns: number }>(one.inference_stats).map(([name, { count }]) => [
    name,
    count,
  ])
  expect(Object.fromEntries(counts)).toEqual({
    success: 3,
    fail: 1,
    queue: 3,
    compute_input: 3,
    compute_infer: 3,
    compute_output: 3,
    cache_hit: 0,
    cache_miss: 0,
  })
  const { success, queue, compute_input, compute_infer, compute_output } = one.inference_stats
  expect(compute_infer.ns).toBeGreaterThan(0)
  expect(Math.abs(success.ns - (queue.ns + compute_input.ns + compute_infer.ns + compute_output.ns))).toBeLessThan(10)
  const all = (await ask('/models/stats')).json.model_stats
  expect(all.map(({ name, version }: { name: string; version: string }) => [name, version])).toEqual([
    ['echo', '1'],
    ['tariffs', '1'],
    ['usage_model', '1'],
  ])
})

describe('the repository', () => {
  test('is listed without a body, and with one', async () => {
    const ready = (name: string, version: string, reason = '') => ({ name, version, state: 'READY', reason })
    const all = [
      ready('echo', '1'),
      ready('tariffs', '1'),
      ready('usage_model', '1'),
      ready('usage_model', '2', 'the first request loads it'),
    ]
    expect((await post('/repository/index')).json).toEqual(all)
    expect((await post('/repository/index', { ready: true })).json).toEqual(all)
    expect(await post('/repository/index', { ready: 1 })).toMatchObject({ status: 400 })
  })

  test('loads what an alias names, and refuses the rest', async () => {
    expect(await post('/repository/models/usage_model/load', {})).toMatchObject({ status: 200, json: { load: true } })
    expect(await post('/repository/models/nope/load', {})).toMatchObject({ status: 404 })
    const file = { parameters: { 'file:1/model.onnx': 'AAAA' } }
    expect(await post('/repository/models/usage_model/load', file)).toMatchObject({ status: 501 })
    const unloaded = await post('/repository/models/usage_model/unload', { parameters: { unload_dependents: false } })
    expect([unloaded.status, unloaded.json.error]).toEqual([
      501,
      expect.stringContaining('as long as an alias names it'),
    ])
  })
})

test('a version is ready when it answers, and is not when it cannot be loaded', async () => {
  expect((await ask('/models/usage_model/ready')).json).toEqual({ name: 'usage_model', ready: true })
  expect((await ask('/models/usage_model/versions/2/ready')).status).toBe(200)
  const { load: _, ...source } = mirrors()
  const version = {
    model: 'int8',
    version: 1,
    sha256: '',
    service: 'usage_only',
    status: 'READY',
    lifecycle: 'active',
    aliases: ['champion'],
    createdAt: '2026-01-01T00:00:00.000Z',
    description: '',
    tags: {},
    createdBy: '',
    metrics: {},
    inputs: [],
    outputs: [],
    features: [],
  } as const
  const broken = await serveMirrors({
    registry: {
      ...source,
      versions: () => [version],
      load: () => Promise.reject(new Error('broken')),
    },
    onError: () => undefined,
  })
  await broken.start()
  expect(await ask('/models/int8/ready', {}, broken)).toMatchObject({
    status: 503,
    json: { error: expect.stringMatching(/^Version 1 of model int8 is not ready: it could not be loaded/) },
  })
  await broken.close()
})

test.each([
  ['/models/nope', 'GET', 404, 'There is no model "nope".'],
  ['/models/usage_modle', 'GET', 404, 'There is no model "usage_modle". Did you mean usage_model?'],
  ['/models/usage_model/versions/7', 'GET', 404, 'Model usage_model has no version 7. Its newest is 2.'],
  ['/models/usage_model/versions/0/infer', 'POST', 404, 'Model usage_model has no version 0. Its newest is 2.'],
  ['/models/usage_model/versions/nex/ready', 'GET', 404, 'There is no alias "nex". Did you mean next?'],
  ['/models/usage_model/versions/nex/infer', 'POST', 404, 'There is no alias "nex". Did you mean next?'],
  ['/models/stats/infer', 'POST', 400, 'A model called stats cannot be served here'],
  ['/models/stats/config', 'GET', 400, 'A model called stats cannot be served here'],
  ['/models/a%2Fb', 'GET', 404, 'There is no model "a/b".'],
  ['/models/usage_model/infer', 'GET', 405, 'This path accepts POST.'],
  ['/trace/setting', 'GET', 404, 'There is nothing at this path.'],
  ['/logging', 'POST', 404, 'There is nothing at this path.'],
  ['/systemsharedmemory/status', 'GET', 404, 'There is nothing at this path.'],
  ['/models/usage_model/generate', 'POST', 404, 'There is nothing at this path.'],
])('%s (%s) is refused in the words of the protocol', async (path, method, status, begins) => {
  const answer = await ask(path, { method })
  expect([answer.status, answer.type, Object.keys(answer.json)]).toEqual([status, 'application/json', ['error']])
  expect(answer.json.error.slice(0, begins.length)).toBe(begins)
})

test('paths beside the protocol are refused as before', async () => {
  const response = await app.request('/v1/nothing')
  expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
})

describe('who may', () => {
  const keys: ApiKey[] = [
    { name: 'predicts', sha256: hashApiKey('p'), scopes: ['models:predict'] },
    { name: 'reads', sha256: hashApiKey('r'), scopes: ['catalog:read'] },
    { name: 'one model', sha256: hashApiKey('o'), scopes: ['models:predict', 'catalog:read'], models: ['echo'] },
  ]
  let guarded: ServingApp
  beforeAll(() => {
    guarded = backing.serve({ auth: { keys } })
    return guarded.start()
  })
  afterAll(() => guarded.close())
  const statusOf = async (key: string | undefined, path: string, method = 'GET') => {
    const headers: Record<string, string> = key === undefined ? {} : { 'x-api-key': key }
    return (await ask(path, { method, headers }, guarded)).status
  }

  test('inference needs models:predict, descriptions need catalog:read, and health nothing', async () => {
    const infer = '/models/usage_model/infer'
    expect(await Promise.all([undefined, 'r', 'p', 'o'].map((key) => statusOf(key, infer, 'POST')))).toEqual([
      401, 403, 400, 403,
    ])
    for (const path of ['', '/models', '/models/stats', '/models/usage_model', '/models/usage_model/config'])
      expect([path, await statusOf(undefined, path), await statusOf('p', path), await statusOf('r', path)]).toEqual([
        path,
        401,
        403,
        200,
      ])
    expect(await statusOf('o', '/models/usage_model/stats')).toBe(403)
    expect([await statusOf(undefined, '/health/ready'), await statusOf(undefined, '/health/live')]).toEqual([200, 200])
  })

  test('only what the caller may use is listed', async () => {
    const headers = { authorization: 'Bearer o' }
    expect((await ask('/models', { headers }, guarded)).json).toEqual({ models: ['echo'] })
    expect((await ask('/repository/index', { headers, method: 'POST' }, guarded)).json).toMatchObject([
      { name: 'echo' },
    ])
    expect((await ask('/models/stats', { headers }, guarded)).json.model_stats).toMatchObject([{ name: 'echo' }])
  })
})

test.each([
  [undefined, 400],
  ['application/json', 400],
  ['application/octet-stream', 400],
  ['text/plain', 415],
  ['application/x-www-form-urlencoded; charset=utf-8', 415],
  ['multipart/form-data; boundary=x', 415],
])(
  'without keys, the content type %s gets %i: only what forms of other pages can send is refused',
  async (type, status) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
    const body = new Blob(['{}'])
    expect((await ask('/models/echo/infer', { method: 'POST', body, headers })).status).toBe(status)
    const foreign = { ...headers, origin: 'https://evil.example' }
    expect((await ask('/models/echo/infer', { method: 'POST', body, headers: foreign })).status).toBe(403)
  },
)

test('a model that fixes its rows takes exactly these', async () => {
  const fixed = await serveMirrors({ registry: mirrors(2) })
  await fixed.start()
  const body = (rows: number, outputs?: object[]) => ({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [rows, 1], data: Array(rows).fill(0.5) }],
    ...(outputs === undefined ? {} : { outputs }),
  })
  expect((await infer(fixed, 'float32', body(2))).json.outputs[0]?.data).toEqual([0.5, 0.5])
  expect(await infer(fixed, 'float32', body(1))).toMatchObject({ status: 400 })
  await fixed.close()
  const one = await serveMirrors({ registry: mirrors(1) })
  const outputs = [{ name: 'y', parameters: { classification: 2 } }]
  const inputs = [{ name: 'x', datatype: 'INT64', shape: [1, 3], data: [3, -9, 3] }]
  expect((await infer(one, 'int64', { inputs, outputs })).json.outputs).toEqual([
    { name: 'y', datatype: 'BYTES', shape: [2], data: ['3:0:first', '3:2:third'] },
  ])
  await one.close()
})

test('a model without tensors of its own answers keys only', async () => {
  const source = mirrors()
  const plain = await serveMirrors({
    registry: {
      ...source,
      load: async (model, version) => {
        const { tensors: _, ...loaded } = await source.load(model, version)
        return {
          ...loaded,
          fields: [{ field: 'customer_usage__kwh_7d', type: 'double', missing: 'nan' }],
          predict: async (vectors) => ({
            kwh: { element: 'float64', dims: [vectors.rows], data: [Number(vectors.value(0, 0))] },
          }),
        }
      },
    },
    now: () => 20_463n * 86_400_000_000n,
  })
  await plain.start()
  const { json } = await infer(plain, 'int8', {
    inputs: [{ name: 'customer_id', datatype: 'BYTES', shape: [1, 1], data: 'a' }],
  })
  expect(json.outputs).toEqual([{ name: 'kwh', datatype: 'FP64', shape: [1], data: [10.25] }])
  const x = { name: 'x', datatype: 'INT8', shape: [1], data: [1] }
  expect(await infer(plain, 'int8', { inputs: [x] })).toMatchObject({ status: 400 })
  await plain.close()
})
