import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServingApp } from '../../src/index.ts'
import { halfOf, numberOfHalf } from '../../src/protocol/open-inference/half.ts'
import { trustedRuntime } from '../support/backing.ts'
import { usageOnly } from '../support/energy.ts'
import { infer } from './support/infer.ts'
import { inferenceBacking } from './support/inference-backing.ts'

let folder: string
let backing: Awaited<ReturnType<typeof inferenceBacking>>
let app: ServingApp
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-halves-'))
  backing = await inferenceBacking(folder, await trustedRuntime())
  await backing.registry.register({
    model: 'half',
    onnx: await readFile(new URL('../../../registry/test/fixtures/half.onnx', import.meta.url)),
    service: usageOnly.plan,
    // What the file answers is twice what it is given.
    goldenRows: { inputs: [[1, 2, 3]], outputs: { y: [[2, 4, 6]] } },
    actor: 'trainer',
  })
  await backing.registry.setAlias('half', 'champion', 1, { expect: null, reason: 'first', actor: 'trainer' })
  app = backing.serve()
  await app.start()
})
afterAll(async () => {
  await app.close()
  await backing.close()
  await rm(folder, { recursive: true })
})

const bytesOf = (values: readonly number[]): Buffer => Buffer.from(new Uint16Array(values.map(halfOf)).buffer)
const values = [0.1, -1.5, 2 ** -24, 1024.5, -32_752, 40_000]
const halves = values.map((value) => numberOfHalf(halfOf(value)))
/** 80,000 is more than a half holds. */
const doubled = [...halves.slice(0, 5).map((value) => 2 * value), Number.POSITIVE_INFINITY]

test('a model of halves is described as FP16', async () => {
  const metadata: unknown = await (await app.request('/v2/models/half')).json()
  expect(metadata).toMatchObject({
    inputs: [{ name: 'features', datatype: 'FP16', shape: [-1, 3] }],
    outputs: [{ name: 'y', datatype: 'FP16', shape: [-1, 3] }],
  })
})

test.each([
  ['JSON', 'JSON', false, false],
  ['JSON', 'binary', false, true],
  ['binary', 'JSON', true, false],
  ['binary', 'binary', true, true],
])('halves arrive as %s and leave as %s', async (_, __, given, asked) => {
  const input = { name: 'features', datatype: 'FP16', shape: [2, 3] }
  const sent = bytesOf(values)
  const inputs = [given ? { ...input, parameters: { binary_data_size: sent.length } } : { ...input, data: values }]
  const request = { inputs, parameters: { binary_data_output: asked } }
  const { status, json, rest } = await infer(app, 'half', request, given ? sent : undefined)
  expect(status).toBe(200)
  const how = asked ? { parameters: { binary_data_size: 12 } } : { data: [...doubled.slice(0, 5), null] }
  expect(json.outputs).toEqual([{ name: 'y', datatype: 'FP16', shape: [2, 3], ...how }])
  if (asked) expect(rest).toEqual(bytesOf(doubled))
})

test('features that are looked up go in as the nearest halves', async () => {
  const keys = { name: 'customer_id', datatype: 'BYTES', shape: [1], data: ['a'] }
  const { json } = await infer(app, 'half', { inputs: [keys], parameters: { binary_data_output: true } })
  expect(json.outputs).toMatchObject([{ name: 'y', datatype: 'FP16', shape: [1, 3] }])
  const { json: shown } = await infer(app, 'half', { inputs: [keys] })
  expect(shown.outputs).toEqual([{ name: 'y', datatype: 'FP16', shape: [1, 3], data: [3, 20.5, 8] }])
})

test('the largest values of an output of halves are found as numbers', async () => {
  const inputs = [{ name: 'features', datatype: 'FP16', shape: [1, 3], data: [-1.5, 2, 0.5] }]
  const outputs = [{ name: 'y', parameters: { classification: 2 } }]
  const { json } = await infer(app, 'half', { inputs, outputs })
  expect(json.outputs[0]).toMatchObject({ datatype: 'BYTES', shape: [1, 2], data: ['4:1', '1:2'] })
})

test('the routes of features answer numbers', async () => {
  const response = await app.request('/v1/models/half/predict', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"keys":[{"customer_id":"a"}]}',
  })
  expect(await response.json()).toMatchObject({ rows: [{ prediction: { y: [3, 20.5, 8] } }] })
})
