import { readFile } from 'node:fs/promises'
import {
  applyDefinitions,
  entity,
  featureService,
  featureView,
  planDefinitions,
  precomputed,
  publishRows,
} from '@martlet/feature-store'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { backing, trustedRuntime } from '../support/backing.ts'
import { batch, once } from '../support/batch.ts'
import { now } from '../support/energy.ts'
import { post } from '../support/serve.ts'

const a = { customer_id: 'a' }

test.each<
  [name: string, model: string, body: unknown, status: number, code: string, place: string | undefined, says: RegExp]
>([
  ['a misspelt model', 'usage_modle', { keys: [a] }, 404, 'MODEL_UNKNOWN', 'model', /Did you mean usage_model\?/],
  ['an unknown model', 'weather', { keys: [a] }, 404, 'MODEL_UNKNOWN', 'model', /no model "weather"/],
  [
    'a misspelt alias',
    'usage_model',
    { keys: [a], alias: 'champoin' },
    404,
    'ALIAS_UNKNOWN',
    'alias',
    /Did you mean champion\?/,
  ],
  [
    'an alias that no alias can be',
    'usage_model',
    { keys: [a], alias: 'v1' },
    404,
    'ALIAS_UNKNOWN',
    'alias',
    /no alias "v1"/,
  ],
  ['an alias that is a number', 'usage_model', { keys: [a], alias: 1 }, 400, 'CHOICE_INVALID', 'alias', /not 1/],
  ['an empty alias', 'usage_model', { keys: [a], alias: '' }, 400, 'CHOICE_INVALID', 'alias', /not ""/],
  [
    'an unknown version',
    'usage_model',
    { keys: [a], version: 9 },
    404,
    'VERSION_UNKNOWN',
    'version',
    /no version 9\. Its newest is 1\./,
  ],
  ['version 0', 'usage_model', { keys: [a], version: 0 }, 400, 'CHOICE_INVALID', 'version', /at least 1, not 0/],
  ['a version in words', 'usage_model', { keys: [a], version: 'one' }, 400, 'CHOICE_INVALID', 'version', /not "one"/],
  ['a huge version', 'usage_model', { keys: [a], version: 1e300 }, 400, 'CHOICE_INVALID', 'version', /not 1e\+300/],
  [
    'alias and version',
    'usage_model',
    { keys: [a], alias: 'champion', version: 1 },
    400,
    'CHOICE_INVALID',
    'alias',
    /both given/,
  ],
  ['no keys', 'usage_model', {}, 400, 'KEYS_MISSING', 'keys', /customer_id/],
  [
    'a bad key',
    'usage_model',
    { keys: [a, { customer_id: 1 }] },
    400,
    'KEY_INVALID',
    'keys[1].customer_id',
    /must be a string/,
  ],
  [
    'features',
    'usage_model',
    { keys: [a], features: [] },
    400,
    'FIELD_UNKNOWN',
    'features',
    /known names are keys, alias, version/,
  ],
  ['no JSON', 'usage_model', '{"keys"', 400, 'BODY_NOT_JSON', '', /the end of the body/],
])('predict with %s', async (_, model, body, status, code, place, says) => {
  const { register, promote, serve } = await backing('memory', await trustedRuntime())
  await promote(await register(0))
  const response = await post(serve(), `/v1/models/${model}/predict`, body)
  const problem: Record<string, unknown> = JSON.parse(await response.text())
  expect(problem).toMatchObject({ status, code, path: place })
  expect(problem['detail']).toMatch(says)
})

test.each<[path: string, status: number, code: string]>([
  ['/v1/models/usage_modle', 404, 'MODEL_UNKNOWN'],
  ['/v1/models/usage_model/versions/9', 404, 'VERSION_UNKNOWN'],
  ['/v1/models/usage_model/versions/latest', 400, 'VERSION_INVALID'],
  ['/v1/models/usage_model/versions/1e3', 400, 'VERSION_INVALID'],
  ['/v1/models/usage_model/aliases/champoin/history', 404, 'ALIAS_UNKNOWN'],
  ['/v1/models/usage_model/aliases/v1/history', 404, 'ALIAS_UNKNOWN'],
  ['/v1/models/usage_model/aliases/champion/history?at=yesterday', 400, 'INSTANT_INVALID'],
  ['/v1/models/usage_model/aliases/champion/history?at=2026-13-01', 400, 'INSTANT_INVALID'],
])('GET %s is %i %s', async (path, status, code) => {
  const { register, promote, serve } = await backing('memory', await trustedRuntime())
  await promote(await register(0))
  expect(await (await serve().request(path)).json()).toMatchObject({ status, code })
})

test('a model without any alias says so', async () => {
  const { register, serve } = await backing('memory', await trustedRuntime())
  await register(0)
  const response = await post(serve(), '/v1/models/usage_model/predict', { keys: [a] })
  expect(await response.json()).toMatchObject({
    status: 404,
    code: 'ALIAS_UNKNOWN',
    detail: expect.stringContaining('no alias yet'),
  })
})

const thing = entity('thing', { thing_id: z.string() })
const things = featureView('things', {
  of: thing,
  from: precomputed('mart.things', {
    columns: {
      thing_id: z.string(),
      at: z.date(),
      whole: z.int(),
      flag: z.boolean(),
      word: z.string(),
      real: z.number(),
    },
    entity: thing,
    time: 'at',
  }),
  every: '1d',
  features: (f) => ({
    whole: f.column('whole'),
    flag: f.column('flag'),
    word: f.column('word'),
    real: f.column('real'),
  }),
})
const echoed = featureService('echoed', [things])
const inputs = { things__whole: 'whole', things__flag: 'flag', things__word: 'word', things__real: 'real' }

/** A model that answers what it is given: a 64-bit number, a boolean, text and a double. */
async function echo(mapping: Parameters<Awaited<ReturnType<typeof backing>>['registry']['register']>[0]['inputs']) {
  const { catalog, online, registry, serve } = await backing('memory', await trustedRuntime())
  await applyDefinitions(catalog, await planDefinitions(catalog, [echoed], { missing: 'keep' }))
  await publishRows(
    online,
    things.plan,
    once(
      batch({
        thing_id: ['text', ['x', 'nul']],
        feature_time: ['timestamp', [now, now]],
        whole: ['bigint', [9_007_199_254_740_993n, 1n]],
        flag: ['boolean', [true, true]],
        word: ['text', ['gold "bar"', 'a\0b']],
        real: ['double', [0.1, 1]],
      }),
    ),
  )
  await registry.register({
    model: 'echo',
    onnx: await readFile(new URL('../fixtures/echo.onnx', import.meta.url)),
    service: echoed.plan,
    ...(mapping === undefined ? {} : { inputs: mapping }),
    goldenRows: { inputs: [[1, true, 'a', 1]], outputs: { word_out: ['a'] }, tolerance: { absolute: 0, relative: 0 } },
    actor: 'trainer',
  })
  await registry.setAlias('echo', 'champion', 1, { expect: null, reason: 'test', actor: 'tester' })
  const app = serve()
  return (...ids: readonly string[]) =>
    post(app, '/v1/models/echo/predict', { keys: ids.map((thing_id) => ({ thing_id })) })
}

test('every type of output is written exactly', async () => {
  const ask = await echo(inputs)
  const text = await (await ask('x')).text()
  expect(text).toContain(
    '"prediction":{"whole_out":9007199254740993,"flag_out":1,"word_out":"gold \\"bar\\"","real_out":0.1}',
  )
})

test('a missing value that the model cannot take refuses the request and names every row and feature', async () => {
  const ask = await echo(inputs)
  const response = await ask('x', 'nobody')
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({
    code: 'FEATURE_MISSING',
    path: 'keys[1]',
    problems: ['things__whole', 'things__flag', 'things__word'].map((feature) => ({
      path: 'keys[1]',
      detail: `Feature ${feature} is NOT_FOUND, and model echo accepts no missing value there.`,
    })),
  })
})

test('a substitute that the model was registered with replaces a missing value', async () => {
  const ask = await echo({
    things__whole: { input: 'whole', nullAs: -1 },
    things__flag: { input: 'flag', nullAs: false },
    things__word: { input: 'word', nullAs: 'unknown' },
    things__real: 'real',
  })
  expect(await (await ask('nobody')).json()).toMatchObject({
    rows: [{ prediction: { whole_out: -1, flag_out: 0, word_out: 'unknown', real_out: null } }],
  })
})

test('a value that the runtime would change is refused', async () => {
  const ask = await echo(inputs)
  expect(await (await ask('x', 'nul')).json()).toMatchObject({
    status: 422,
    code: 'FEATURE_VALUE_INVALID',
    path: 'keys[1]',
    detail: expect.stringContaining('NUL'),
  })
})
