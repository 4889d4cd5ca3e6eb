import { beforeAll, expect, test } from 'vitest'
import { fixedCatalog, serving } from '../../src/index.ts'
import { openMemoryStore } from '@martlet/feature-store'
import type { RawAnswer, RequestParts } from './support/connection.ts'
import { hiddenNames } from './support/regions.ts'
import { startServer, type ServingProcess } from './support/serving-process.ts'
import { small } from './support/sizes.ts'

const keys = JSON.stringify({ keys: [{ shopper_id: 'a' }] })
const key = 'european'

let server: ServingProcess
beforeAll(async () => {
  server = await startServer({
    definitions: 'regions',
    auth: [
      {
        name: key,
        scopes: ['features:read', 'models:predict', 'catalog:read'],
        services: ['orders_europe'],
        models: ['churn_europe'],
      },
      { name: 'features only', scopes: ['features:read'], services: ['orders_europe'], models: [] },
      { name: 'everything', scopes: ['features:read', 'models:predict', 'catalog:read'] },
      { name: 'scraper', scopes: ['metrics:read'] },
    ],
  })
  return () => server[Symbol.asyncDispose]()
})

/** The names themselves, shortened, lengthened, with a letter changed, and in capitals: what suggestions react to. */
function nearMisses(names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [
    name,
    name.slice(0, -1),
    name.slice(1),
    `${name}s`,
    name.replace('a', 'e'),
    name.toUpperCase(),
  ])
}

const asked = [
  ...new Set([
    ...nearMisses([...hiddenNames, 'orders_europe', 'churn_europe', 'totals_europe', 'champion']),
    'orders_afric',
    'x',
  ]),
]

type Case = readonly [method: string, path: string, body?: string]

/** A request for inference by keys. */
const inputs = (name: string): string =>
  JSON.stringify({ inputs: [{ name, datatype: 'BYTES', shape: [1], data: ['a'] }] })

/** Every route with every name in every place a name can stand. */
const cases: readonly Case[] = [
  ...[
    '/health/live',
    '/health/ready',
    '/openapi.json',
    '/docs',
    '/metrics',
    '/v1/catalog',
    '/v1/models',
    '/v1/nothing',
    '/v2',
    '/v2/models',
    '/v2/models/stats',
    '/v2/health/ready',
    '/v2/nothing',
    '/version',
    '/api/3.0/mlflow/server-info',
    '/api/2.0/mlflow/registered-models/search',
    '/api/2.0/mlflow/model-versions/search',
    '/api/2.0/mlflow/nothing',
  ].map((path): Case => ['GET', path]),
  ['POST', '/v2/repository/index', '{}'],
  ...asked.flatMap((name): readonly Case[] => {
    const it = encodeURIComponent(name)
    const body = (fields: object): string => JSON.stringify({ keys: [{ shopper_id: 'a' }], ...fields })
    return [
      ['POST', `/v1/features/${it}`, keys],
      ['GET', `/v1/features/${it}?shopper_id=a`],
      ['POST', '/v1/features/orders_europe', body({ features: [`${name}__basket`] })],
      ['POST', '/v1/features/orders_europe', body({ [name]: 1 })],
      ['POST', '/v1/features/orders_europe', JSON.stringify({ keys: [{ shopper_id: 'a', [name]: 1 }] })],
      ['GET', `/v1/features/orders_europe?shopper_id=a&features=${it}__basket`],
      ['GET', `/v1/features/orders_europe?${it}=a`],
      ['POST', `/v1/models/${it}/predict`, keys],
      ['POST', `/v1/models/${it}/predict`, body({ version: 2 })],
      ['POST', '/v1/models/churn_europe/predict', body({ alias: name })],
      ['GET', `/v1/catalog/views/${it}`],
      ['GET', `/v1/catalog/services/${it}`],
      ['GET', `/v1/models/${it}`],
      ['GET', `/v1/models/${it}/versions/1`],
      ['GET', `/v1/models/${it}/versions/9`],
      ['GET', `/v1/models/${it}/aliases/champion/history`],
      ['GET', `/v1/models/churn_europe/aliases/${it}/history`],
      ['GET', `/v2/models/${it}`],
      ['GET', `/v2/models/${it}/versions/9/ready`],
      ['GET', `/v2/models/${it}/stats`],
      ['GET', `/v2/models/churn_europe/versions/${it}/config`],
      ['POST', `/v2/models/${it}/infer`, inputs('shopper_id')],
      ['POST', '/v2/models/churn_europe/infer', inputs(name)],
      ['POST', `/v2/models/churn_europe/versions/${it}/infer`, inputs('shopper_id')],
      ['POST', `/v2/repository/models/${it}/load`, '{}'],
      ['GET', `/api/2.0/mlflow/registered-models/get?name=${it}`],
      ['GET', `/api/2.0/mlflow/registered-models/search?filter=${encodeURIComponent(`name ILIKE '%${name}%'`)}`],
      ['GET', `/api/2.0/mlflow/registered-models/alias?name=${it}&alias=champion`],
      ['GET', `/api/2.0/mlflow/registered-models/alias?name=churn_europe&alias=${it}`],
      ['GET', `/api/2.0/mlflow/model-versions/get?name=${it}&version=9`],
      ['GET', `/api/2.0/mlflow-artifacts/artifacts?path=models/${it}/1`],
      ['GET', `/api/2.0/mlflow-artifacts/artifacts/models/${it}/1/MLmodel`],
      ['DELETE', `/api/2.0/mlflow/registered-models/alias`, JSON.stringify({ name, alias: 'champion' })],
    ]
  }),
]

function textOf({ headers, body }: RawAnswer): string {
  return JSON.stringify(headers) + body
}

/** The hidden names in an answer, apart from what the request itself contained. */
function leaks(answer: RawAnswer, [, path, body = '']: Case): readonly string[] {
  const said = decodeURIComponent(path) + body
  return hiddenNames.filter((name) => !said.includes(name) && textOf(answer).includes(name))
}

test('a key that may see the hidden names finds them', async () => {
  const bodies = await Promise.all(
    ['/v1/catalog', '/v1/models', '/v1/catalog/views/totals_america'].map(
      async (path) => (await server.ask('GET', path, { key: 'everything' })).body,
    ),
  )
  expect(hiddenNames.filter((name) => !bodies.join('').includes(name))).toEqual([])
})

test.each([key, 'features only', undefined])(
  'no answer names what the key %s may not see',
  async (who) => {
    const found: string[] = []
    for (const one of cases) {
      const [method, path, body] = one
      const parts: RequestParts = {
        ...(who === undefined ? {} : { key: who }),
        ...(body === undefined ? {} : { body }),
      }
      const answer = await server.ask(method, path, parts)
      const leaked = leaks(answer, one)
      if (leaked.length > 0) found.push(`${method} ${path} ${body ?? ''}: ${answer.status} names ${leaked.join(', ')}`)
    }
    expect(found).toEqual([])
  },
  60_000,
)

test.each([
  ['GET', '/v1/catalog/views/NAME', 'totals_america', 'totals_oceania'],
  ['POST', '/v1/features/NAME', 'orders_america', 'orders_oceania'],
  ['GET', '/v1/features/NAME?shopper_id=a', 'orders_america', 'orders_oceania'],
  ['GET', '/v1/catalog/services/NAME', 'orders_america', 'orders_oceania'],
  ['POST', '/v1/models/NAME/predict', 'churn_america', 'churn_oceania'],
  ['GET', '/v1/models/NAME', 'churn_america', 'churn_oceania'],
  ['GET', '/v1/models/NAME/versions/1', 'churn_america', 'churn_oceania'],
  ['GET', '/v1/models/NAME/aliases/champion/history', 'churn_america', 'churn_oceania'],
  ['POST', '/v2/models/NAME/infer', 'churn_america', 'churn_oceania'],
  ['GET', '/v2/models/NAME', 'churn_america', 'churn_oceania'],
  ['GET', '/api/2.0/mlflow/registered-models/get?name=NAME', 'churn_america', 'churn_oceania'],
  ['GET', '/api/2.0/mlflow/registered-models/search?filter=name%3D%27NAME%27', 'churn_america', 'churn_oceania'],
  ['GET', '/api/2.0/mlflow/model-versions/search?filter=name%3D%27NAME%27', 'churn_america', 'churn_oceania'],
])('%s %s answers the same for a hidden name as for one that does not exist', async (method, path, hidden, absent) => {
  const answers = await Promise.all(
    [hidden, absent].map(async (name) => {
      const { status, body } = await server.ask(method, path.replace('NAME', name), {
        key,
        ...(method === 'POST' ? { body: keys } : {}),
      })
      return { status, body: body.replaceAll(name, 'NAME').replace(/"requestId":"[^"]*"/, '') }
    }),
  )
  expect(answers[0]).toEqual(answers[1])
})

test('readiness without a key names no model, whether it answers or cannot be loaded', async () => {
  const { body } = await server.ask('GET', '/health/ready')
  expect(['churn', 'europe', 'broken', ...hiddenNames].filter((name) => body.includes(name))).toEqual([])
})

test.each([
  ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'the empty key'],
  ['01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b', 'a lone newline'],
  ['7eb70257593da06f682a3ddda54a9d260d4fc514f645237f5ca74b08f8da61a6', 'an empty line of Windows'],
])('%s, the hash of %s, is refused in the configuration in either case', (sha256) => {
  for (const hash of [sha256, sha256.toUpperCase()]) {
    const configure = () =>
      serving({
        catalog: fixedCatalog({ services: [small.plan] }),
        online: openMemoryStore(),
        auth: { keys: [{ name: 'empty', sha256: hash, scopes: ['features:read'] }] },
      })
    expect(configure).toThrow(expect.objectContaining({ code: 'INVALID_AUTH' }))
  }
})

test.each([
  { authorization: 'Bearer ' },
  { authorization: 'Bearer' },
  { authorization: 'Bearer    ' },
  { authorization: '' },
  { 'x-api-key': '' },
  { 'x-api-key': '  ' },
])('an empty key is no key: %o', async (headers) => {
  for (const path of ['/v1/features/orders_europe', '/v1/models/churn_europe/predict']) {
    expect((await server.ask('POST', path, { body: keys, headers })).status).toBe(401)
  }
  for (const path of ['/v1/catalog', '/v1/models', '/metrics'])
    expect((await server.ask('GET', path, { headers })).status).toBe(401)
})
