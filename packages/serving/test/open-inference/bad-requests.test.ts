import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drawsOf } from '../../../warehouse/test/support/property.ts'
import { trustedRuntime } from '../support/backing.ts'
import type { Failure, ServingApp } from '../../src/index.ts'
import { infer, send } from './support/infer.ts'
import { inferenceBacking } from './support/inference-backing.ts'

let folder: string
let backing: Awaited<ReturnType<typeof inferenceBacking>>
let app: ServingApp
const failures: Failure[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-inference-'))
  backing = await inferenceBacking(folder, await trustedRuntime())
  app = backing.serve({
    onError: (failure) => failures.push(failure),
    limits: { bodyBytes: 60_000, valuesPerRequest: 3000, keysPerRequest: 500 },
  })
  await app.start()
})
afterAll(async () => {
  await app.close()
  await backing.close()
  await rm(folder, { recursive: true })
})

const good = { name: 'features', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }
const binary = (size: unknown) => ({ ...good, data: undefined, parameters: { binary_data_size: size } })
const inputs = (...changed: readonly object[]) => ({ inputs: changed })
const changed = (change: object) => inputs({ ...good, ...change })
const outputs = (...named: readonly unknown[]) => ({ inputs: [good], outputs: named })

/** What is sent to `usage_model`, then the status, how the error begins, and binary data. */
const requests: readonly [name: string, body: unknown, status: number, begins: string, binary?: Uint8Array][] = [
  ['nothing', '', 400, 'The body is not JSON: unexpected the end of the body'],
  ['half a body', '{"inputs": [', 400, 'The body is not JSON: unexpected the end of the body at line 1, column 13'],
  ['a bare word', '{"inputs": Nan}', 400, 'The body is not JSON: unexpected "N"'],
  ['a list', '[]', 400, 'The request must be a JSON object'],
  ['deep nesting', `{"inputs":${'['.repeat(60)}${']'.repeat(60)}}`, 400, 'The body nests deeper than 8 levels'],
  ['no inputs', {}, 400, 'inputs must be an array of tensors, not undefined'],
  ['empty inputs', { inputs: [] }, 400, 'inputs is empty'],
  ['inputs of numbers', { inputs: [1] }, 400, 'inputs[0] must be an object, not 1'],
  ['no name', changed({ name: undefined }), 400, 'inputs[0].name must be a name, not undefined'],
  [
    'an unknown input',
    changed({ name: 'feature' }),
    400,
    'inputs[0].name is "feature", which is not an input of model',
  ],
  [
    'a second input',
    inputs(good, { ...good, name: 'x' }),
    400,
    'inputs[1].name is "x", which is not an input of model',
  ],
  ['an input twice', inputs(good, good), 400, 'inputs[1].name is "features", which is there already'],
  ['no datatype', changed({ datatype: undefined }), 400, 'inputs[0].datatype must be one of BOOL, UINT8'],
  ['a near datatype', changed({ datatype: 'fp32' }), 400, 'inputs[0].datatype must be one of BOOL, UINT8'],
  ['a property of objects', changed({ datatype: 'constructor' }), 400, 'inputs[0].datatype must be one of'],
  ['another datatype', changed({ datatype: 'FP64' }), 400, 'inputs[0].datatype is FP64, and input features is FP32'],
  ['bfloat16', changed({ datatype: 'BF16' }), 400, 'inputs[0].datatype must be one of BOOL'],
  ['no shape', changed({ shape: undefined }), 400, 'inputs[0].shape must be an array of sizes'],
  ['an empty shape', changed({ shape: [] }), 400, 'inputs[0].shape is empty'],
  [
    'a shape of text',
    changed({ shape: ['1', 3] }),
    400,
    'inputs[0].shape[0] must be a whole number of at least 0, not "1"',
  ],
  [
    'a negative shape',
    changed({ shape: [-1, 3] }),
    400,
    'inputs[0].shape[0] must be a whole number of at least 0, not -1',
  ],
  [
    'half a size',
    changed({ shape: [0.5, 3] }),
    400,
    'inputs[0].shape[0] must be a whole number of at least 0, not 0.5',
  ],
  ['a huge size', changed({ shape: [1e300, 3] }), 400, 'inputs[0].shape[0] must be a whole number of at least 0'],
  [
    'a size of 20 digits',
    '{"inputs":[{"name":"features","datatype":"FP32","shape":[10000000000000000000,3],"data":[1]}]}',
    400,
    'inputs[0].shape[0] must be',
  ],
  [
    'a product that overflows',
    changed({ shape: [4_294_967_296, 4_294_967_296, 0] }),
    413,
    'inputs[0].shape makes 4294967296',
  ],
  [
    'too many values',
    changed({ shape: [1001, 3] }),
    413,
    'inputs[0].shape makes 3003 values; the limit of a request is 3000',
  ],
  [
    'too many rows',
    changed({ shape: [501, 3], data: Array(1503).fill(0) }),
    413,
    'inputs[0].shape has 501 rows; the limit is 500',
  ],
  ['too many sizes', changed({ shape: [1, 3, 1, 1, 1, 1, 1, 1, 1] }), 400, 'inputs[0].shape has 9 sizes'],
  ['another rank', changed({ shape: [3] }), 400, 'inputs[0].shape is [3], and input features has the shape [-1, 3]'],
  ['another width', changed({ shape: [1, 2], data: [1, 2] }), 400, 'inputs[0].shape is [1, 2], and input features'],
  [
    'too few data',
    changed({ data: [1, 2] }),
    400,
    'inputs[0].data has 2 values, and a tensor of the shape [1, 3] has 3',
  ],
  ['too many data', changed({ data: [1, 2, 3, 4] }), 400, 'inputs[0].data has 4 values'],
  ['no data', changed({ data: undefined }), 400, 'inputs[0].data is missing'],
  ['data that are text', changed({ data: '1,2,3' }), 400, 'inputs[0].data must be an array, not "1,2,3"'],
  ['a number as text', changed({ data: [1, '2', 3] }), 400, 'inputs[0].data[1] must be a number (FP32), not "2"'],
  [
    'true for a number',
    changed({ data: [[1, 2, true]] }),
    400,
    'inputs[0].data[0][2] must be a number (FP32), not true',
  ],
  [
    'ragged rows',
    changed({
      shape: [2, 3],
      data: [
        [1, 2, 3],
        [4, 5],
      ],
    }),
    400,
    'inputs[0].data[1] has 2 entries, and the shape [2, 3] says 3',
  ],
  [
    'rows and numbers',
    changed({ shape: [2, 3], data: [[1, 2, 3], 4] }),
    400,
    'inputs[0].data[1] must be an array like those beside it',
  ],
  ['too deep data', changed({ data: [[[1, 2, 3]]] }), 400, 'inputs[0].data[0] has 1 entries'],
  ['parameters as a list', { ...inputs(good), parameters: [] }, 400, 'parameters must be an object, not an array'],
  ['input parameters as text', changed({ parameters: 'x' }), 400, 'inputs[0].parameters must be an object'],
  ['an id that is a number', { ...inputs(good), id: 7 }, 400, 'id must be a string, not 7'],
  [
    'binary_data_output as text',
    { ...inputs(good), parameters: { binary_data_output: 'yes' } },
    400,
    'parameters.binary_data_output must be true or false',
  ],
  [
    'a negative timeout',
    { ...inputs(good), parameters: { timeout: -1 } },
    400,
    'parameters.timeout must be a number of microseconds',
  ],
  [
    'shared memory',
    changed({ parameters: { shared_memory_region: 'r' } }),
    501,
    'inputs[0].parameters.shared_memory_region is not supported',
  ],
  [
    'an unknown output',
    outputs({ name: 'predictions' }),
    400,
    'outputs[0].name is "predictions", which is not an output of model usage_model; it has prediction',
  ],
  ['an inherited output', outputs({ name: '__proto__' }), 400, 'outputs[0].name is "__proto__"'],
  [
    'an output twice',
    outputs({ name: 'prediction' }, { name: 'prediction' }),
    400,
    'outputs[1].name is "prediction", which is there already',
  ],
  ['an output that is a name', outputs('prediction'), 400, 'outputs[0] must be an object'],
  ['outputs as an object', { inputs: [good], outputs: {} }, 400, 'outputs must be an array of tensors'],
  [
    'half a class',
    outputs({ name: 'prediction', parameters: { classification: 0.5 } }),
    400,
    'outputs[0].parameters.classification must be',
  ],
  [
    'binary data without the header',
    inputs(binary(12)),
    400,
    'inputs[0].parameters.binary_data_size is given, and the header',
  ],
  [
    'data and binary data',
    inputs({ ...binary(12), data: [1, 2, 3] }),
    400,
    'inputs[0].data is given, and so is parameters.binary_data_size',
    new Uint8Array(12),
  ],
  [
    'more binary data than the body',
    inputs(binary(16)),
    400,
    'inputs[0].parameters.binary_data_size is 16, and the body ends after 12 bytes',
    new Uint8Array(12),
  ],
  [
    'a negative binary size',
    inputs(binary(-12)),
    400,
    'inputs[0].parameters.binary_data_size must be a number of bytes',
    new Uint8Array(12),
  ],
  [
    'a huge binary size',
    inputs(binary(1e300)),
    400,
    'inputs[0].parameters.binary_data_size must be a number of bytes',
    new Uint8Array(12),
  ],
  [
    'a binary size of another shape',
    inputs(binary(8)),
    400,
    'inputs[0].parameters.binary_data_size is 8, and 3 values of FP32 have 12 bytes',
    new Uint8Array(8),
  ],
  [
    'bytes that nobody takes',
    inputs(binary(12)),
    400,
    'inputs do not account for the last 1 bytes of the body',
    new Uint8Array(13),
  ],
  [
    'JSON input and bytes',
    inputs(good),
    400,
    'inputs do not account for the last 12 bytes of the body',
    new Uint8Array(12),
  ],
]

test.each(requests)('%s', async (_, body, status, begins, bytes) => {
  const answer = await infer(app, 'usage_model', body, bytes, { 'content-type': 'application/json' })
  // KServe's client reads errors of exactly this type.
  expect([answer.status, answer.type, Object.keys(answer.json)]).toEqual([status, 'application/json', ['error']])
  expect(answer.json.error.slice(0, begins.length)).toBe(begins)
})

/** What is sent to `echo`, with four valid inputs but for this change. */
const echo = [
  { name: 'whole', datatype: 'INT64', shape: [1], data: [1] },
  { name: 'flag', datatype: 'BOOL', shape: [1], data: [true] },
  { name: 'word', datatype: 'BYTES', shape: [1], data: ['a'] },
  { name: 'real', datatype: 'FP64', shape: [1], data: [0.5] },
]
const words = (...bytes: readonly number[]) => Uint8Array.from(bytes)
const changes: readonly (readonly [name: string, at: number, change: object, begins: string, bytes?: Uint8Array])[] = [
  ['null for a whole number', 0, { data: [null] }, 'inputs[0].data[0] must be a whole number (INT64), not null'],
  ['half a whole number', 0, { data: [0.5] }, 'inputs[0].data[0] must be a whole number (INT64), not 0.5'],
  ['2 for true', 1, { data: [2] }, 'inputs[1].data[0] must be true, false, 0 or 1 (BOOL), not 2'],
  [
    '2 as a byte',
    1,
    { data: undefined, parameters: { binary_data_size: 1 } },
    'value 0 of inputs[1] must be 0 or 1',
    words(2),
  ],
  ['a number for text', 2, { data: [7] }, 'inputs[2].data[0] must be a string (BYTES), not 7'],
  ['half a character', 2, { data: ['\ud800'] }, 'inputs[2].data[0] is not well-formed Unicode'],
  ['a NUL', 2, { data: ['a\0b'] }, 'value 0 of inputs[2] has a NUL character'],
  [
    'text that says more',
    2,
    { data: undefined, parameters: { binary_data_size: 6 } },
    'value 0 of inputs[2] has 4294967295 bytes, as it says, and',
    words(255, 255, 255, 255, 97, 97),
  ],
  [
    'text without a length',
    2,
    { data: undefined, parameters: { binary_data_size: 3 } },
    'value 0 of inputs[2] is missing',
    words(1, 0, 0),
  ],
  [
    'more texts',
    2,
    { data: undefined, parameters: { binary_data_size: 10 } },
    'inputs[2].parameters.binary_data_size is 10, and its 1 values end after 5',
    words(1, 0, 0, 0, 97, 1, 0, 0, 0, 98),
  ],
  [
    'text that is not UTF-8',
    2,
    { data: undefined, parameters: { binary_data_size: 5 } },
    'value 0 of inputs[2] is not UTF-8',
    words(1, 0, 0, 0, 255),
  ],
  ['other rows', 3, { shape: [2], data: [1, 2] }, 'inputs[3].shape has 2 rows, and inputs[0] has 1'],
  ['another name', 3, { name: 'box_id' }, 'inputs[3].name is "box_id", which is not an input of model echo'],
]
for (const [name, at, change, begins, bytes] of changes)
  test(`of several inputs, ${name}`, async () => {
    const given = echo.map((input, index) => (index === at ? { ...input, ...change } : input))
    const answer = await infer(app, 'echo', { inputs: given }, bytes)
    expect([answer.status, answer.json.error.slice(0, begins.length)]).toEqual([400, begins])
  })

test('what is missing, out of range or asked of texts', async () => {
  const error = async (body: unknown) => (await infer(app, 'echo', body)).json.error
  expect(await error({ inputs: echo.slice(1, 3) })).toBe('inputs lacks whole, real, which model echo takes.')
  const long = JSON.stringify({ inputs: echo }).replace('[1],"data":[1]', '[1],"data":[9223372036854775808]')
  expect(await error(long)).toContain(
    'inputs[0].data[0] must be a whole number that INT64 can hold, not 9223372036854775808',
  )
  const outputs = [{ name: 'word_out', parameters: { classification: 1 } }]
  expect(await error({ inputs: echo, outputs })).toContain(
    'outputs[0].parameters.classification is given for an output of texts',
  )
})

test.each(['-1', '1.5', 'x', '99999', '1, 2', '9'.repeat(30)])('the header says %s', async (length) => {
  const body = Buffer.from(JSON.stringify({ inputs: [good] }))
  const answer = await send(app, 'usage_model', body, { 'inference-header-content-length': length })
  expect([answer.status, answer.json.error]).toEqual([
    400,
    expect.stringMatching(/^The header Inference-Header-Content-Length /),
  ])
})

/** Valid requests of every kind, and the binary data of those that have some. */
const valid: readonly (readonly [model: string, json: object, bytes?: Uint8Array])[] = [
  [
    'usage_model',
    {
      id: 'i',
      inputs: [
        {
          ...good,
          shape: [2, 3],
          data: [
            [1, 2, 3],
            [4, 5, null],
          ],
        },
      ],
      outputs: [{ name: 'prediction' }],
    },
  ],
  ['usage_model', { inputs: [binary(12)], parameters: { binary_data_output: true } }, new Uint8Array(12)],
  [
    'usage_model',
    {
      inputs: [{ name: 'customer_id', datatype: 'BYTES', shape: [2, 1], data: ['a', 'c'] }],
      parameters: { timeout: 0 },
    },
  ],
  [
    'tariffs',
    { inputs: [good], outputs: [{ name: 'output_probability', parameters: { classification: 2, binary_data: true } }] },
  ],
  ['echo', { inputs: echo, outputs: [{ name: 'word_out', parameters: { binary_data: true } }, { name: 'whole_out' }] }],
  ['echo', { inputs: [{ name: 'box_id', datatype: 'INT64', shape: [1], data: [7] }] }],
]

/** Every place in a JSON value. */
function placesIn(value: unknown, place: readonly string[] = []): readonly (readonly string[])[] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return [place, ...inner.flatMap(([name, part]) => placesIn(part, [...place, name]))]
}

/** The value with another one at a place; undefined removes what is there. */
function withOther(value: unknown, [name, ...rest]: readonly string[], other: unknown): unknown {
  if (name === undefined) return other
  if (Array.isArray(value))
    return value.map((part: unknown, index) => (String(index) === name ? withOther(part, rest, other) : part))
  return { ...Object(value), [name]: withOther(Object(value)[name], rest, other) }
}

describe('random requests', () => {
  const odd: fc.Arbitrary<unknown> = fc.oneof(
    fc.constantFrom(
      undefined,
      null,
      true,
      '',
      'features',
      'word',
      'FP16',
      'INT64',
      'BYTES',
      '\0',
      '\ud800',
      '__proto__',
    ),
    fc.constantFrom(-1, 0, 1, 2, 2.5, 12, 1e300, 2 ** 53, 2 ** 31, -0),
    fc.constantFrom<unknown>(
      [],
      {},
      [[]],
      [null],
      [2, 3],
      [0, 3],
      [1e15, 1e15],
      [2 ** 32, 2 ** 32],
      { parameters: null },
      { binary_data_size: 12 },
    ),
    fc
      .anything({ maxDepth: 2, maxKeys: 3 })
      .filter((value) => JSON.stringify(value) !== undefined || value === undefined),
  )
  const request = fc.constantFrom(...valid).chain(([model, json, bytes]) =>
    fc.tuple(
      fc.constant(model),
      fc
        .array(fc.tuple(fc.constantFrom(...placesIn(json)), odd), { maxLength: 2 })
        .map((changes) => changes.reduce<unknown>((value, [place, other]) => withOther(value, place, other), json)),
      fc.oneof(
        { weight: 6, arbitrary: fc.constant(bytes) },
        { weight: 1, arbitrary: fc.uint8Array({ maxLength: 30 }) },
      ),
    ),
  )
  /** Replaces a piece of a text. */
  const damage = fc.tuple(
    fc.nat(400),
    fc.nat(20),
    fc.constantFrom('', '"', '[', '}', 'NaN', '1e999', '\\', '9'.repeat(40)),
  )

  test('are answered, or refused with a reason; the server never fails', async () => {
    const seen = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(
        request,
        fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: damage }),
        async ([model, json, bytes], broken) => {
          const text = JSON.stringify(json) ?? ''
          const body =
            broken === undefined ? text : text.slice(0, broken[0]) + broken[2] + text.slice(broken[0] + broken[1])
          const answer = await infer(app, model, body, bytes)
          seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1)
          if (answer.status === 200) expect(answer.json.model_name).toBe(model)
          else {
            // A request may have got a timeout of some microseconds.
            const late = answer.status === 504 && answer.json.error.includes('parameters.timeout')
            expect([400, 413, 422, ...(late ? [504] : [])]).toContain(answer.status)
            expect([answer.type, Object.keys(answer.json), answer.json.error.length > 0]).toEqual([
              'application/json',
              ['error'],
              true,
            ])
          }
        },
      ),
      { numRuns: drawsOf(2500) },
    )
    expect(failures).toEqual([])
    // A generator that never gets through, or never fails, tests nothing.
    const runs = [...seen.values()].reduce((sum, count) => sum + count, 0)
    expect((seen.get(200) ?? 0) / runs).toBeGreaterThan(0.1)
    expect((seen.get(400) ?? 0) / runs).toBeGreaterThan(0.1)
  })
})
