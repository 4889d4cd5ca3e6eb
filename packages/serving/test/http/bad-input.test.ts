import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limitsOf } from '../../src/desk/limits.ts'
import { problemBody } from '../../src/http/problem/problem-body.ts'
import { listen, type Listening, type ServingApp } from '../../src/index.ts'
import { post, serveEnergy } from '../support/serve.ts'

let app: ServingApp
let server: Listening
beforeAll(async () => {
  app = await serveEnergy({ limits: { bodyBytes: 4000, keysPerRequest: 20, keyLength: 40, jsonDepth: 6 } })
  server = await listen(app, { port: 0, signals: false })
})
afterAll(() => server.close())

const a = { customer_id: 'a' }
const service = '/v1/features/next_day'
const meters = '/v1/features/metered'

/** What is sent, then status, code, path and what the message must say. */
const posts: readonly [
  name: string,
  path: string,
  body: unknown,
  status: number,
  code: string,
  place: string | undefined,
  says: RegExp,
][] = [
  ['an empty body', service, '', 400, 'BODY_NOT_JSON', '', /the end of the body at line 1, column 1/],
  ['a body cut short', service, '{"keys": [', 400, 'BODY_NOT_JSON', '', /offset 10/],
  [
    'a trailing comma',
    service,
    '{"keys": [{"customer_id": "a"},]}',
    400,
    'BODY_NOT_JSON',
    '',
    /unexpected "]" at line 1, column 32/,
  ],
  ['single quotes', service, "{'keys': []}", 400, 'BODY_NOT_JSON', '', /column 2/],
  ['NaN', service, '{"keys": [{"customer_id": NaN}]}', 400, 'BODY_NOT_JSON', '', /unexpected "N"/],
  ['a number', service, '5', 400, 'BODY_NOT_OBJECT', '', /must be a JSON object/],
  ['an array', service, '[]', 400, 'BODY_NOT_OBJECT', '', /must be a JSON object/],
  ['null', service, 'null', 400, 'BODY_NOT_OBJECT', '', /must be a JSON object/],
  ['a string', service, '"keys"', 400, 'BODY_NOT_OBJECT', '', /must be a JSON object/],
  [
    'deep nesting',
    service,
    `${'['.repeat(50)}${']'.repeat(50)}`,
    400,
    'BODY_TOO_DEEP',
    '',
    /deeper than 6 levels at offset 6/,
  ],
  ['deep nesting in a key', service, { keys: [{ customer_id: [[[[1]]]] }] }, 400, 'BODY_TOO_DEEP', '', /deeper than 6/],
  ['no keys', service, {}, 400, 'KEYS_MISSING', 'keys', /"customer_id"/],
  ['keys null', service, { keys: null }, 400, 'KEY_INVALID', 'keys', /must be an array of objects, not null/],
  ['keys an object', service, { keys: a }, 400, 'KEY_INVALID', 'keys', /not an object/],
  ['keys a string', service, { keys: 'a' }, 400, 'KEY_INVALID', 'keys', /not "a"/],
  ['keys empty', service, { keys: [] }, 400, 'KEYS_EMPTY', 'keys', /at least one/],
  [
    'too many keys',
    service,
    { keys: Array.from({ length: 21 }, () => a) },
    413,
    'TOO_MANY_KEYS',
    'keys',
    /21 entries; the limit is 20/,
  ],
  [
    'a bare key',
    service,
    { keys: ['a'] },
    400,
    'KEY_INVALID',
    'keys[0]',
    /must be an object with customer_id, not "a"/,
  ],
  ['a null key', service, { keys: [a, null] }, 400, 'KEY_INVALID', 'keys[1]', /not null/],
  ['an array as key', service, { keys: [[a]] }, 400, 'KEY_INVALID', 'keys[0]', /not an array/],
  [
    'a key without its column',
    service,
    { keys: [a, a, a, {}] },
    400,
    'KEY_MISSING',
    'keys[3].customer_id',
    /needs customer_id/,
  ],
  [
    'a misspelt column',
    service,
    { keys: [{ customer_id: 'a', custmer_id: 'a' }] },
    400,
    'KEY_UNKNOWN_COLUMN',
    'keys[0].custmer_id',
    /keyed by customer_id/,
  ],
  [
    'only a misspelt column',
    service,
    { keys: [{ custmer_id: 'a' }] },
    400,
    'KEY_MISSING',
    'keys[0].customer_id',
    /is missing/,
  ],
  [
    'a prototype as column',
    service,
    '{"keys": [{"customer_id": "a", "__proto__": 1}]}',
    400,
    'KEY_UNKNOWN_COLUMN',
    'keys[0].__proto__',
    /keyed by/,
  ],
  [
    'an inherited name as column',
    meters,
    { keys: [{ meter_id: 7, constructor: 'a' }] },
    400,
    'KEY_MISSING',
    'keys[0].customer_id',
    /missing/,
  ],
  [
    'a number for text',
    service,
    { keys: [{ customer_id: 5 }] },
    400,
    'KEY_INVALID',
    'keys[0].customer_id',
    /must be a string, not 5/,
  ],
  ['null for text', service, { keys: [{ customer_id: null }] }, 400, 'KEY_INVALID', 'keys[0].customer_id', /not null/],
  ['true for text', service, { keys: [{ customer_id: true }] }, 400, 'KEY_INVALID', 'keys[0].customer_id', /not true/],
  [
    'an object for text',
    service,
    { keys: [{ customer_id: {} }] },
    400,
    'KEY_INVALID',
    'keys[0].customer_id',
    /not an object/,
  ],
  [
    'a long key',
    service,
    { keys: [{ customer_id: 'x'.repeat(41) }] },
    400,
    'KEY_INVALID',
    'keys[0].customer_id',
    /at most 40 characters/,
  ],
  [
    'half a surrogate pair',
    service,
    '{"keys": [{"customer_id": "\\ud800"}]}',
    400,
    'KEY_INVALID',
    'keys[0].customer_id',
    /well-formed/,
  ],
  [
    'a fraction for a whole number',
    meters,
    { keys: [{ meter_id: 1.5, customer_id: 'a' }] },
    400,
    'KEY_INVALID',
    'keys[0].meter_id',
    /whole number of 64 bits.*not 1.5/,
  ],
  [
    'an inexact number',
    meters,
    { keys: [{ meter_id: 2 ** 53, customer_id: 'a' }] },
    400,
    'KEY_INVALID',
    'keys[0].meter_id',
    /as a string of digits/,
  ],
  [
    '65 bits',
    meters,
    { keys: [{ meter_id: '9223372036854775808', customer_id: 'a' }] },
    400,
    'KEY_INVALID',
    'keys[0].meter_id',
    /64 bits/,
  ],
  [
    'words for a number',
    meters,
    { keys: [{ meter_id: 'seven', customer_id: 'a' }] },
    400,
    'KEY_INVALID',
    'keys[0].meter_id',
    /not "seven"/,
  ],
  [
    'an infinite number',
    meters,
    '{"keys": [{"meter_id": 1e999, "customer_id": "a"}]}',
    400,
    'KEY_INVALID',
    'keys[0].meter_id',
    /not Infinity/,
  ],
  [
    'half of a composite key',
    meters,
    { keys: [{ customer_id: 'a' }] },
    400,
    'KEY_MISSING',
    'keys[0].meter_id',
    /needs meter_id/,
  ],
  [
    'an unknown field',
    service,
    { keys: [a], feature: [] },
    400,
    'FIELD_UNKNOWN',
    'feature',
    /known names are keys, features/,
  ],
  [
    'the field __proto__',
    service,
    '{"keys": [{"customer_id": "a"}], "__proto__": {}}',
    400,
    'FIELD_UNKNOWN',
    '__proto__',
    /not known/,
  ],
  [
    'features null',
    service,
    { keys: [a], features: null },
    400,
    'FEATURES_INVALID',
    'features',
    /array of names, not null/,
  ],
  ['features a string', service, { keys: [a], features: 'x' }, 400, 'FEATURES_INVALID', 'features', /not "x"/],
  ['features empty', service, { keys: [a], features: [] }, 400, 'FEATURES_EMPTY', 'features', /Leave it out/],
  [
    'a feature that is a number',
    service,
    { keys: [a], features: [5] },
    400,
    'FEATURES_INVALID',
    'features[0]',
    /must be a string/,
  ],
  [
    'a misspelt feature',
    service,
    { keys: [a], features: ['customer_usage__kwh_1d', 'customer_usage__kwh_8d'] },
    400,
    'FEATURE_UNKNOWN',
    'features[1]',
    /Did you mean customer_usage__kwh_[17]d/,
  ],
  [
    'a feature without its view',
    service,
    { keys: [a], features: ['kwh_1d'] },
    400,
    'FEATURE_UNKNOWN',
    'features[0]',
    /has no feature "kwh_1d"/,
  ],
  [
    'a repeated feature',
    service,
    { keys: [a], features: ['customer_usage__kwh_1d', 'customer_usage__kwh_1d'] },
    400,
    'FEATURES_REPEATED',
    'features[1]',
    /repeats/,
  ],
  [
    'a misspelt service',
    '/v1/features/nextday',
    { keys: [a] },
    404,
    'SERVICE_UNKNOWN',
    'service',
    /Did you mean next_day/,
  ],
  [
    'an unknown service',
    '/v1/features/weather_everywhere',
    { keys: [a] },
    404,
    'SERVICE_UNKNOWN',
    'service',
    /no service "weather_everywhere"/,
  ],
  ['an encoded slash', '/v1/features/..%2f..%2fetc', { keys: [a] }, 404, 'SERVICE_UNKNOWN', 'service', /no service/],
  ['a broken escape', '/v1/features/%ff', { keys: [a] }, 404, 'SERVICE_UNKNOWN', 'service', /no service/],
  [
    'a large body',
    service,
    { keys: [{ customer_id: 'x'.repeat(5000) }] },
    413,
    'BODY_TOO_LARGE',
    undefined,
    /the limit is 4000/,
  ],
  [
    'bytes that are not UTF-8',
    service,
    '{"keys": [{"customer_id": "\ufffd"}]}',
    400,
    'BODY_NOT_UTF8',
    undefined,
    /not UTF-8/,
  ],
  [
    'a model without a registry',
    '/v1/models/risk/predict',
    { keys: [a] },
    404,
    'NO_REGISTRY',
    undefined,
    /features only/,
  ],
]

const gets: readonly [
  name: string,
  path: string,
  status: number,
  code: string,
  place: string | undefined,
  says: RegExp,
][] = [
  ['no key', service, 400, 'KEY_MISSING', 'customer_id', /needs customer_id/],
  ['a key twice', `${service}?customer_id=a&customer_id=b`, 400, 'KEY_INVALID', 'customer_id', /more than once/],
  ['a misspelt parameter', `${service}?customer=a`, 400, 'FIELD_UNKNOWN', 'customer', /known names are customer_id/],
  [
    'an unknown feature',
    `${service}?customer_id=a&features=customer_usage__kwh_1d,nope`,
    400,
    'FEATURE_UNKNOWN',
    'features[1]',
    /no feature "nope"/,
  ],
  ['words for a number', `${meters}?customer_id=a&meter_id=x`, 400, 'KEY_INVALID', 'meter_id', /not "x"/],
  ['an empty number', `${meters}?customer_id=a&meter_id=`, 400, 'KEY_INVALID', 'meter_id', /64 bits/],
  [
    'an unknown view',
    '/v1/catalog/views/customer_usages',
    404,
    'VIEW_UNKNOWN',
    'view',
    /Did you mean customer_usage\?/,
  ],
  ['an unknown service', '/v1/catalog/services/metred', 404, 'SERVICE_UNKNOWN', 'service', /Did you mean metered/],
  ['models without a registry', '/v1/models', 404, 'NO_REGISTRY', undefined, /without a registry/],
  ['no such path', '/v1/feature/next_day', 404, 'ROUTE_UNKNOWN', undefined, /GET \/docs/],
  ['the wrong method', '/v1/models/risk/predict', 405, 'METHOD_NOT_ALLOWED', undefined, /accepts POST/],
]

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const body: Record<string, unknown> = JSON.parse(await response.text())
  problemBody.parse(body)
  expect(body['status']).toBe(response.status)
  return body
}

describe('POST with', () => {
  test.each(posts)('%s', async (_, path, body, status, code, place, says) => {
    const problem = await problemOf(await post(app, path, body))
    expect(problem).toMatchObject({ status, code, ...(place === undefined ? {} : { path: place }) })
    expect(problem['detail']).toMatch(says)
  })
})

describe('over a socket, POST with', () => {
  test.each(posts)('%s', async (_, path, body, status, code, place, says) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const problem = await problemOf(
      await fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
      }),
    )
    expect(problem).toMatchObject({ status, code, ...(place === undefined ? {} : { path: place }) })
    expect(problem['detail']).toMatch(says)
  })
})

describe('GET with', () => {
  test.each(gets)('%s', async (_, path, status, code, place, says) => {
    const problem = await problemOf(await app.request(path))
    expect(problem).toMatchObject({ status, code, ...(place === undefined ? {} : { path: place }) })
    expect(problem['detail']).toMatch(says)
  })
})

test('a body longer than its length header says is cut off by counting', async () => {
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(new Uint8Array(1000).fill(32))
    },
  })
  const request = new Request(`http://localhost${service}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    duplex: 'half',
  })
  const problem = await problemOf(await app.request(request))
  expect(problem).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' })
})

test('a wrong method is answered with the right one', async () => {
  const response = await app.request(service, { method: 'DELETE' })
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('POST, GET')
})

test('no body, however strange, is answered with a 500 or repeated at length', async () => {
  const key = fc.oneof(
    fc.constant({ customer_id: 'a' }),
    fc.dictionary(fc.oneof(fc.constant('customer_id'), fc.string()), fc.jsonValue()),
    fc.jsonValue(),
  )
  const object = fc.record(
    {
      keys: fc.oneof(fc.array(key), fc.jsonValue()),
      features: fc.oneof(fc.constant(undefined), fc.array(fc.string()), fc.jsonValue()),
    },
    { requiredKeys: [] },
  )
  const body = fc.oneof(
    object.map((value) => JSON.stringify(value)),
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.string().map((text) => `{"keys":[${text}]}`),
  )
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(service, meters), body, async (path, text) => {
      const response = await post(app, path, text)
      expect([200, 400, 413]).toContain(response.status)
      const { detail } = response.status === 200 ? { detail: '' } : await problemOf(response)
      expect(String(detail).length).toBeLessThan(500)
    }),
  )
})

test('an unknown or impossible limit is refused when the app is made', () => {
  expect(() => limitsOf({ inFlight: 0 })).toThrow(expect.objectContaining({ code: 'INVALID_LIMIT' }))
  expect(() => limitsOf({ bodyBytes: 1.5 })).toThrow(/whole number/)
  expect(() => limitsOf(JSON.parse('{"bodybytes": 5}'))).toThrow(/is not a limit\. The limits are bodyBytes/)
})
