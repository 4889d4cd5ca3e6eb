import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { hashApiKey, openapiDocument, type ApiKey } from '../../src/index.ts'
import type { Route } from '../../src/http/route.ts'
import { describedRoutes } from '../../src/openapi-document.ts'
import { payments } from '../push/payments.ts'
import { backing } from '../support/backing.ts'
import { serveEnergy } from '../support/serve.ts'

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>
  >
}

const document = openapiDocument('0.0.0')
const routes = describedRoutes('0.0.0')

function operationOf(path: string, method: string): Operation {
  const paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> = JSON.parse(
    JSON.stringify(document['paths']),
  )
  const operation = paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
  if (operation === undefined) throw new Error(`${method} ${path} is not in the document`)
  return operation
}

/** The document's own schema for an answer, as a check made from the JSON Schema instead of the code it came from. */
function checkOf(path: string, method: string, status: number, contentType: string): z.ZodType {
  const schema = operationOf(path, method).responses[status]?.content?.[contentType]?.schema
  if (schema === undefined) throw new Error(`${method} ${path} has no schema for ${status} ${contentType}`)
  const { components } = JSON.parse(JSON.stringify(document))
  return z.fromJSONSchema('$ref' in schema ? components.schemas.Problem : schema)
}

const requests: readonly [
  path: string,
  url: string,
  method: Route['method'],
  body: object | undefined,
  status: number,
][] = [
  [
    '/v1/features/:service',
    '/v1/features/next_day',
    'POST',
    { keys: [{ customer_id: 'a' }, { customer_id: 'b' }, { customer_id: 'c' }, { customer_id: 'nobody' }] },
    200,
  ],
  ['/v1/features/:service', '/v1/features/next_day', 'POST', { keys: [] }, 400],
  [
    '/get-online-features',
    '/get-online-features',
    'POST',
    { entities: { customer_id: ['a', 'b', 'c', 'nobody'] }, feature_service: 'next_day' },
    200,
  ],
  [
    '/get-online-features',
    '/get-online-features',
    'POST',
    { entities: {}, features: ['customer_usage:kwh_7d'], full_feature_names: true },
    422,
  ],
  ['/get-online-features', '/get-online-features', 'POST', { entities: {}, feature_service: 'x' }, 404],
  ['/push', '/push', 'POST', { push_source_name: 'x', df: {} }, 422],
  ['/push', '/push', 'POST', { push_source_name: 'payments', df: { payment_id: ['p1'] } }, 200],
  [
    '/v1/push/:source',
    '/v1/push/payments',
    'POST',
    [{ payment_id: 'p1', account_id: 'a', amount: 1, ts: '2026-11-30T10:00:00Z' }, { payment_id: 'p2' }],
    200,
  ],
  ['/v1/push/:source', '/v1/push/payment', 'POST', { payment_id: 'p1' }, 404],
  ['/write-to-online-store', '/write-to-online-store', 'POST', { feature_view_name: 'x', df: {} }, 404],
  ['/v1/features/:service', '/v1/features/nextday', 'POST', { keys: [] }, 404],
  ['/v1/features/:service', '/v1/features/metered?customer_id=a&meter_id=7', 'GET', undefined, 200],
  ['/v1/features/:service', '/v1/features/metered?customer_id=a', 'GET', undefined, 400],
  [
    '/v1/models/:model/predict',
    '/v1/models/usage_model/predict',
    'POST',
    { keys: [{ customer_id: 'a' }, { customer_id: 'nobody' }] },
    200,
  ],
  ['/v1/models/:model/predict', '/v1/models/nope/predict', 'POST', { keys: [{ customer_id: 'a' }] }, 404],
  ['/v1/catalog', '/v1/catalog', 'GET', undefined, 200],
  ['/v1/catalog/views/:view', '/v1/catalog/views/customer_usage', 'GET', undefined, 200],
  ['/v1/catalog/views/:view', '/v1/catalog/views/nope', 'GET', undefined, 404],
  ['/v1/catalog/services/:service', '/v1/catalog/services/metered', 'GET', undefined, 200],
  ['/v1/models', '/v1/models', 'GET', undefined, 200],
  ['/v1/models/:model', '/v1/models/usage_model', 'GET', undefined, 200],
  ['/v1/models/:model/versions/:version', '/v1/models/usage_model/versions/1', 'GET', undefined, 200],
  [
    '/v1/models/:model/aliases/:alias/history',
    '/v1/models/usage_model/aliases/champion/history',
    'GET',
    undefined,
    200,
  ],
  [
    '/v1/models/:model/aliases/:alias/history',
    '/v1/models/usage_model/aliases/champion/history?at=2001-01-01',
    'GET',
    undefined,
    200,
  ],
  ['/v1/jobs', '/v1/jobs', 'POST', { kind: 'materialize', arguments: { views: ['customer_usage'] } }, 202],
  ['/v1/jobs', '/v1/jobs', 'POST', { kind: 'drift', arguments: { monitor: 'nope' } }, 404],
  ['/v1/jobs', '/v1/jobs', 'GET', undefined, 200],
  ['/v1/monitors', '/v1/monitors', 'GET', undefined, 200],
  ['/v1/monitors/:monitor', '/v1/monitors/nope', 'GET', undefined, 404],
  [
    '/materialize',
    '/materialize?async=true',
    'POST',
    { disable_event_timestamp: true, feature_views: ['customer_usage'] },
    409,
  ],
  [
    '/materialize-incremental',
    '/materialize-incremental?async=true&force=true',
    'POST',
    { end_ts: '2026-01-01T00:00:00', feature_views: ['customer_usage'] },
    202,
  ],
  ['/v1/jobs/:id', '/v1/jobs/nope', 'GET', undefined, 404],
  ['/v1/jobs/:id/cancel', '/v1/jobs/nope/cancel', 'POST', {}, 404],
  ...['', '/versions/:version'].flatMap((version): typeof requests => {
    const at = (rest: string) => `/v2/models/:model${version}${rest}`
    const ask = (rest: string) => at(rest).replace(':model', 'usage_model').replace(':version', 'champion')
    const inputs = [{ name: 'customer_id', shape: [2], datatype: 'BYTES', data: ['a', 'nobody'] }]
    return [
      [at('/infer'), ask('/infer'), 'POST', { id: 'x', inputs }, 200],
      [at('/infer'), ask('/infer'), 'POST', { inputs: [] }, 400],
      [at(''), ask(''), 'GET', undefined, 200],
      [at('/ready'), ask('/ready'), 'GET', undefined, 200],
      [at('/config'), ask('/config'), 'GET', undefined, 200],
      [at('/stats'), ask('/stats'), 'GET', undefined, 200],
    ]
  }),
  ['/v2', '/v2', 'GET', undefined, 200],
  ['/v2/', '/v2/', 'GET', undefined, 200],
  ['/v2/models', '/v2/models', 'GET', undefined, 200],
  ['/v2/models/stats', '/v2/models/stats', 'GET', undefined, 200],
  ['/v2/health/live', '/v2/health/live', 'GET', undefined, 200],
  ['/v2/health/ready', '/v2/health/ready', 'GET', undefined, 200],
  ['/v2/repository/index', '/v2/repository/index', 'POST', { ready: true }, 200],
  ['/v2/repository/models/:model/load', '/v2/repository/models/usage_model/load', 'POST', {}, 200],
  ['/v2/repository/models/:model/unload', '/v2/repository/models/usage_model/unload', 'POST', {}, 501],
  ...mlflowRequests(),
  ['/health/live', '/health/live', 'GET', undefined, 200],
  ['/health/ready', '/health/ready', 'GET', undefined, 200],
]

function mlflowRequests(): typeof requests {
  const api = '/api/2.0/mlflow'
  const read = (path: string, query: string, status = 200): (typeof requests)[number] => [
    `${api}/${path}`,
    `${api}/${path}?${query}`,
    'GET',
    undefined,
    status,
  ]
  const files = '/api/2.0/mlflow-artifacts/artifacts'
  const refused = routes.filter(({ path, summary }) => path.startsWith(api) && summary.startsWith('Refused'))
  return [
    read('registered-models/get', 'name=usage_model'),
    read('registered-models/get', 'name=nope', 404),
    read('registered-models/search', "filter=name+LIKE+'u%25'"),
    read('registered-models/search', 'filter=x', 400),
    read('registered-models/alias', 'name=usage_model&alias=champion'),
    read('registered-models/get-latest-versions', 'name=usage_model'),
    [
      `${api}/registered-models/get-latest-versions`,
      `${api}/registered-models/get-latest-versions`,
      'POST',
      { name: 'usage_model' },
      200,
    ],
    read('model-versions/get', 'name=usage_model&version=1'),
    read('model-versions/search', ''),
    read('model-versions/get-download-uri', 'name=usage_model&version=1'),
    [files, `${files}?path=models/usage_model/1`, 'GET', undefined, 200],
    ['/api/3.0/mlflow/server-info', '/api/3.0/mlflow/server-info', 'GET', undefined, 200],
    ...refused.map(({ path, method }): (typeof requests)[number] => [path, path, method, {}, 403]),
  ]
}

test('every JSON answer of every route matches the document', async () => {
  const { register, promote, serve, folder } = await backing()
  await promote(await register(0))
  const app = serve({ jobs: {}, sources: [payments], reports: { folder: join(folder, 'reports') } })
  await app.start()
  for (const [path, url, method, body, status] of requests) {
    const response = await app.request(url, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    expect([url, response.status]).toEqual([url, status])
    const contentType = response.headers.get('content-type') ?? ''
    const answer: unknown = JSON.parse(await response.text())
    const checked = checkOf(path, method, status, contentType).safeParse(answer)
    expect([url, checked.error?.issues]).toEqual([url, undefined])
  }
  const documented = routes.filter((route) => typeof route.answer !== 'string')
  const seen = new Set(requests.map(([path, , method]) => `${method} ${path}`))
  expect(documented.map((route) => `${route.method} ${route.path}`).filter((route) => !seen.has(route))).toEqual([])
})

test('the check made from the document refuses other answers', () => {
  const check = checkOf('/v1/features/:service', 'POST', 200, 'application/json')
  expect(
    check.safeParse({ service: 'x', rows: [{ keys: {}, values: {}, missing: { f: 'GONE' }, times: {} }] }).success,
  ).toBe(false)
  expect(
    check.safeParse({
      service: 'x',
      rows: [{ keys: {}, values: {}, missing: {}, times: { v: { time: 'today', ageSeconds: 1 } } }],
    }).success,
  ).toBe(false)
})

test('not ready is answered with the same body, which is documented for 503', async () => {
  const app = await serveEnergy()
  const response = await app.request('/health/ready')
  expect(response.status).toBe(503)
  checkOf('/health/ready', 'GET', 503, 'application/json').parse(JSON.parse(await response.text()))
  await app.close()
})

test('the document is OpenAPI 3.1: path parameters are declared, references resolve, operations have their scopes', () => {
  const text = JSON.stringify(document)
  expect(document['openapi']).toBe('3.1.0')
  for (const [, reference] of text.matchAll(/"\$ref":"([^"]+)"/g))
    expect(reference).toBe('#/components/schemas/Problem')
  for (const route of routes) {
    const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name)
    expect(
      Object.entries(route.parameters).flatMap(([name, { in: place }]) => (place === 'path' ? [name] : [])),
    ).toEqual(inPath)
    expect(operationOf(route.path, route.method)).toMatchObject({
      operationId: route.id,
      security: route.scope === null ? [] : [{ bearer: [] }, { apiKey: [] }],
    })
  }
})

test('the page names every route and fetches nothing', async () => {
  const app = await serveEnergy()
  const response = await app.request('/docs')
  const page = await response.text()
  expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; style-src 'unsafe-inline'")
  expect(page).not.toMatch(/<script|<link|@import|url\(|src=/)
  for (const route of routes) expect(page).toContain(`<code>${route.path}</code>`)
  await app.close()
})

test('the page mentions keys where keys are needed, and schemas at its end', async () => {
  const open = await serveEnergy()
  const keyed = await serveEnergy({
    auth: { keys: [{ name: 'reader', sha256: 'a'.repeat(64), scopes: ['features:read'] }] },
  })
  const [page, keyedPage] = await Promise.all([open, keyed].map(async (app) => (await app.request('/docs')).text()))
  expect(keyedPage).toContain('Send an API key')
  expect(keyedPage).toContain('Needs the scope <code>features:read</code>')
  expect(page).not.toContain('Send an API key')
  expect(page).not.toContain('Needs the scope')
  expect(page?.match(/<h2[^>]*>[^<]+/g)?.at(-1)).toBe('<h2 id="problem">Refusals')
  await Promise.all([open.close(), keyed.close()])
})

test('the page shows what the caller may use, each thing with a command, and none of it to a stranger', async () => {
  const { register, promote, serve } = await backing()
  await promote(await register(0.5))
  const key = (name: string, services: readonly string[]): ApiKey => ({
    name,
    sha256: hashApiKey(name),
    scopes: ['catalog:read'],
    services,
  })
  const app = serve({ auth: { keys: [key('all', ['*']), { ...key('narrow', ['usage_*']), models: ['other'] }] } })
  await app.start()
  const [all = '', narrow = '', stranger = ''] = await Promise.all(
    ['all', 'narrow', 'nobody'].map(async (name) =>
      (await app.request('/docs', { headers: { 'x-api-key': name } })).text(),
    ),
  )
  expect(all).toContain('<h3><code>next_day</code></h3>')
  expect(all).toContain('<code>customer_usage__peak_7d</code></td><td>double or null</td>')
  expect(all).toContain(`curl -X POST &quot;$MARTLET/v1/features/metered&quot;`)
  expect(all).toContain(`-d '{&quot;keys&quot;:[{&quot;meter_id&quot;:1,&quot;customer_id&quot;:&quot;a&quot;}]}'`)
  expect(all).toContain('v1/models/usage_model/predict')
  expect(narrow).toContain('usage_only')
  for (const hidden of ['next_day', 'metered', 'usage_model']) expect(narrow).not.toContain(hidden)
  for (const hidden of ['next_day', 'metered', 'usage_only', 'usage_model']) expect(stranger).not.toContain(hidden)
  for (const page of [all, narrow, stranger]) expect(page).not.toContain('`')
  await app.close()
})

test('the requests that the page shows are answered as they stand there, and every language has its own', async () => {
  const { register, promote, serve } = await backing()
  await promote(await register(0.5))
  const scopes = ['catalog:read', 'features:read', 'models:predict'] as const
  const app = serve({ auth: { keys: [{ name: 'all', sha256: hashApiKey('secret'), scopes }] } })
  await app.start()
  const headers = { authorization: 'Bearer secret' }
  const page = await (await app.request('/docs', { headers })).text()
  expect(page).toContain('<code>all</code> has the scopes <code>catalog:read</code>')
  expect(page).not.toContain('secret')
  const shown = [...page.matchAll(/<pre class="([a-z-]+)">([^<]+)<\/pre>/g)].map(([, language = '', text = '']) => ({
    language,
    text: text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
  }))
  const counts = Map.groupBy(shown, ({ language }) => language)
  expect(Object.fromEntries([...counts].map(([language, all]) => [language, all.length]))).toEqual({
    curl: 4,
    typescript: 4,
    python: 4,
    feast: 3,
    'open-inference': 1,
    tritonclient: 1,
  })
  for (const { text } of [...(counts.get('curl') ?? []), ...(counts.get('open-inference') ?? [])]) {
    const [, path = '', body = ''] = /"\$MARTLET(\/[^"]+)"[^]*-d '([^]*)'$/.exec(text) ?? []
    expect(text).toContain('-H "Authorization: Bearer $KEY"')
    const response = await app.request(path, {
      method: 'POST',
      body,
      headers: { ...headers, 'content-type': 'application/json' },
    })
    expect([path, response.status]).toEqual([path, 200])
  }
  // Every body stands in the Python request, too.
  expect(counts.get('python')?.at(-1)?.text).toContain('json={"keys": [{"customer_id": "a"}]},')
  expect(counts.get('typescript')?.at(-1)?.text).toContain(
    'await client.predict("usage_model", [{ "customer_id": "a" }])',
  )
  await app.close()
})
