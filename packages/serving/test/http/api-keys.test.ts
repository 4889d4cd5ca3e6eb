import { expect, test } from 'vitest'
import { hashApiKey, serving, type ApiKey, type Auth } from '../../src/index.ts'
import { backing, trustedRuntime } from '../support/backing.ts'
import { post } from '../support/serve.ts'

const reader: ApiKey = {
  name: 'reader',
  sha256: hashApiKey('key of reader'),
  scopes: ['features:read'],
  services: ['next_*'],
}
const scorer: ApiKey = {
  name: 'scorer',
  sha256: hashApiKey('key of scorer').toUpperCase(),
  scopes: ['models:predict', 'catalog:read'],
  models: ['usage_model'],
}
const stranger: ApiKey = {
  name: 'stranger',
  sha256: hashApiKey('key of stranger'),
  scopes: ['models:predict', 'catalog:read'],
  models: ['other'],
  services: ['other'],
}
const scraper: ApiKey = { name: 'scraper', sha256: hashApiKey('key of scraper'), scopes: ['metrics:read'] }
const auth: Auth = { keys: [reader, scorer, stranger, scraper] }

const bearer = (name: string) => ({ authorization: `Bearer key of ${name}` })
const keys = [{ customer_id: 'a' }]

async function guarded() {
  const { register, promote, serve } = await backing('memory', await trustedRuntime())
  await promote(await register(0.5))
  return serve({ auth })
}

test('hashApiKey is the SHA-256 that sha256sum prints', () => {
  expect(hashApiKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('an empty key is not hashed', () => {
  for (const key of ['', ' ', '\n']) expect(() => hashApiKey(key)).toThrow(/The key is empty/)
})

test('a key opens the routes of its scopes, in either header', async () => {
  const app = await guarded()
  expect((await post(app, '/v1/features/next_day', { keys }, bearer('reader'))).status).toBe(200)
  expect((await post(app, '/v1/features/next_day', { keys }, { 'x-api-key': 'key of reader' })).status).toBe(200)
  expect(
    (await app.request('/v1/features/next_day?customer_id=a', { headers: { authorization: 'bearer key of reader' } }))
      .status,
  ).toBe(200)
  expect((await post(app, '/v1/models/usage_model/predict', { keys }, bearer('scorer'))).status).toBe(200)
  expect((await app.request('/metrics', { headers: bearer('scraper') })).status).toBe(200)
})

test.each([
  ['no key', '/v1/features/next_day', {}, 401, 'KEY_REQUIRED'],
  ['an empty key', '/v1/features/next_day', { authorization: 'Bearer ' }, 401, 'KEY_REQUIRED'],
  ['an empty key in the other header', '/v1/features/next_day', { 'x-api-key': '' }, 401, 'KEY_REQUIRED'],
  [
    'a name of 15,000 characters',
    `/v1/features/next_${'_eu_v'.repeat(3000)}`,
    bearer('reader'),
    404,
    'SERVICE_UNKNOWN',
  ],
  ['another scheme', '/v1/features/next_day', { authorization: 'Basic a2V5' }, 401, 'KEY_REQUIRED'],
  ['an unknown key', '/v1/features/next_day', bearer('nobody'), 401, 'KEY_UNKNOWN'],
  ['a hash instead of the key', '/v1/features/next_day', { 'x-api-key': reader.sha256 }, 401, 'KEY_UNKNOWN'],
  ['a key without the scope', '/v1/features/next_day', bearer('scorer'), 403, 'SCOPE_MISSING'],
  ['a key for other services', '/v1/features/usage_only', bearer('reader'), 403, 'NAME_NOT_ALLOWED'],
  [
    'a key for other services, of a service that is not there',
    '/v1/features/usage_onl',
    bearer('reader'),
    403,
    'NAME_NOT_ALLOWED',
  ],
  ['a key for other models', '/v1/models/usage_model/predict', bearer('stranger'), 403, 'NAME_NOT_ALLOWED'],
])('%s is refused before the body is read', async (_, path, headers, status, code) => {
  const app = await guarded()
  const response = await post(app, path, 'no JSON at all', headers)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ status, code })
  expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null)
})

test('browsing shows a key only what it may use', async () => {
  const app = await guarded()
  const see = async (name: string, path: string) => (await app.request(path, { headers: bearer(name) })).json()
  expect(await see('scorer', '/v1/models')).toMatchObject({ models: [{ name: 'usage_model' }] })
  expect(await see('stranger', '/v1/models')).toEqual({ models: [] })
  expect(await see('stranger', '/v1/catalog')).toMatchObject({ services: [] })
  expect(await see('stranger', '/v1/models/usage_model')).toMatchObject({ status: 403 })
  expect(await see('stranger', '/v1/catalog/services/next_day')).toMatchObject({ status: 403 })
})

test('a restricted key sees only what it may use, in lists and in suggestions', async () => {
  const app = await guarded()
  const see = async (path: string, init?: RequestInit) =>
    (await app.request(path, { ...init, headers: bearer('stranger') })).text()
  const answers = [
    await see('/v1/catalog'),
    await see('/v1/catalog/views/customer_usag'),
    await see('/v1/catalog/views/customer_usage'),
    await see('/v1/models/othe', {}),
    await see('/v1/models/other/predict', { method: 'POST', body: JSON.stringify({ keys }) }),
    await see('/v1/models/other/aliases/champion/history'),
    await see('/health/ready'),
    await see('/docs'),
  ]
  expect(JSON.parse(answers[0] ?? '')).toEqual({ views: [], services: [] })
  expect(JSON.parse(answers[2] ?? '')).toMatchObject({ status: 404, code: 'VIEW_UNKNOWN' })
  for (const answer of answers)
    expect(answer.replace(/There is no (view|model) \\"[^"]*"/, '')).not.toMatch(
      /usage_model|customer_usage|customer_profile|next_day|usage_only|metered/,
    )
})

test('a key for one service sees the views of that service', async () => {
  const { serve } = await backing()
  const app = serve({ auth: { keys: [{ ...reader, scopes: ['catalog:read'], services: ['usage_*'] }] } })
  const catalog = await (await app.request('/v1/catalog', { headers: bearer('reader') })).json()
  expect(catalog).toMatchObject({ services: [{ name: 'usage_only' }], views: [{ name: 'customer_usage' }] })
  expect(
    await (await app.request('/v1/catalog/views/customer_profile', { headers: bearer('reader') })).json(),
  ).toMatchObject({ status: 404 })
  await app.close()
})

test('readiness names models only to those who may see them', async () => {
  const app = await guarded()
  await app.start()
  const checksFor = async (name?: string) => {
    const { checks } = JSON.parse(
      await (await app.request('/health/ready', name === undefined ? {} : { headers: bearer(name) })).text(),
    )
    return Object.keys(checks).sort()
  }
  expect(await checksFor()).toEqual(['catalog', 'models', 'online'])
  expect(await checksFor('nobody')).toEqual(['catalog', 'models', 'online'])
  expect(await checksFor('stranger')).toEqual(['catalog', 'models', 'online'])
  expect(await checksFor('scorer')).toEqual(['catalog', 'model:usage_model', 'online', 'ttl'])
})

test('readiness lists the views that serve rows of any age', async () => {
  const { serve } = await backing()
  const app = serve()
  await app.start()
  const { checks } = await app.ready()
  expect(checks['ttl']).toEqual({
    ok: true,
    detail: 'customer_profile, meter_volts have no ttl: rows of any age are served.',
  })
  await app.close()
})

test('health and documentation are open, metrics are not', async () => {
  const app = await guarded()
  await app.start()
  for (const path of ['/health/live', '/health/ready', '/openapi.json', '/docs'])
    expect((await app.request(path)).status).toBe(200)
  expect((await app.request('/metrics')).status).toBe(401)
})

test.each([
  [{ keys: [] }, /List a key, or say auth: 'none'/],
  [{ keys: [{ ...reader, sha256: 'key of reader' }] }, /auth\.keys\[0\]\.sha256 \(reader\) must be 64 hex digits/],
  [
    { keys: [{ ...reader, sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }] },
    /hash of an empty key: the variable was not set/,
  ],
  [
    { keys: [{ ...reader, sha256: '01BA4719C80B6FE911B091A7C05124B64EEECE964E09C058EF8F9805DACA546B' }] },
    /hash of an empty key/,
  ],
  [{ keys: [{ ...reader, scopes: JSON.parse('["features:write"]') }] }, /names features:write/],
])('a configuration that cannot work is refused at once', async (broken, says) => {
  const { catalog, online } = await backing()
  expect(() => serving({ catalog, online, auth: broken })).toThrow(says)
})
