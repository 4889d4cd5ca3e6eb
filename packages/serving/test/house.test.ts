import { openMemoryStore } from '@martlet/feature-store'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { withAddition, type ChangedPackage } from '../../warehouse/test/house/with-addition.ts'
import type * as serving from '../src/index.ts'
import { nextDay, now, publishEnergy } from './support/energy.ts'

/** A protocol as a contributor would add it: one file and one entry in the list. */
const toy = {
  name: 'toy',
  file: 'protocol/toy.ts',
  list: 'protocol/list.ts',
  source: `
import { z } from 'zod'
import { authorize } from '../desk/principal.ts'
import { Problem } from '../desk/problem.ts'
import type { Protocol, Refuse } from './protocol.ts'

const parameters = {
  service: { in: 'path', description: 'A feature service', schema: z.string(), required: true },
} as const
const refuse: Refuse = ({ status, code, message }, requestId) => ({
  status,
  headers: { 'content-type': 'application/json', 'x-request-id': requestId },
  body: JSON.stringify({ error: { code, message } }),
})
const refusal = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) })

export const toy: Protocol = {
  name: 'toy',
  routes: (desk) => [
    {
      id: 'toyWidth',
      group: 'toys',
      method: 'GET',
      path: '/toy/:service/width',
      summary: 'How many features a service has',
      scope: 'features:read',
      parameters,
      answer: z.strictObject({ width: z.int() }),
      problems: [401, 403, 404],
      refusal,
      refuse,
      handle({ call, principal }) {
        const service = desk.catalog.service(call.param('service'), principal)
        return JSON.stringify({ width: service.fields.length })
      },
    },
    {
      id: 'toyReverse',
      group: 'toys',
      method: 'POST',
      path: '/toy/:service/reverse',
      summary: 'The body, backwards',
      scope: 'features:read',
      parameters,
      body: 'application/octet-stream',
      answer: 'application/octet-stream',
      problems: [400, 401, 403],
      refusal,
      hot: true,
      refuse,
      async handle(exchange) {
        authorize(exchange.principal, 'features:read', 'service', exchange.call.param('service'))
        const bytes = await exchange.bytes()
        if (bytes.length === 0) throw new Problem(400, 'TOY_EMPTY', 'The body is empty. Send some bytes.')
        return { status: 200, body: bytes.toReversed(), contentType: 'application/octet-stream' }
      },
    },
  ],
}
`,
}

// Most of the time goes into loading a copy.
let house: ChangedPackage
beforeAll(() => {
  house = withAddition('serving', toy)
})
afterAll(() => house[Symbol.dispose]())

/** A server of the copy that has the toy in it. */
async function served(from: ChangedPackage, auth: serving.Auth) {
  const copy = (await from.load('index.ts')) as typeof serving
  const online = openMemoryStore()
  await publishEnergy(online)
  const app = copy.serving({ catalog: copy.fixedCatalog({ services: [nextDay.plan] }), online, auth, now: () => now })
  const server = await copy.listen(app, { port: 0, signals: false })
  onTestFinished(() => server.close())
  const post = (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string>,
  ): Promise<Response> => fetch(`${server.url}${path}`, { method: 'POST', body, headers })
  return { get: (path: string) => fetch(`${server.url}${path}`), post }
}

/** Not UTF-8, and with a zero. */
const bytes = Uint8Array.of(0xff, 0x00, 0xc3, 0x28, 0x0a)
const backwards = [...bytes].toReversed()
const binary = { 'content-type': 'application/octet-stream' }
const json = { 'content-type': 'application/json' }

test('a protocol is one file and one entry: served, refused, documented and measured, while the others stay as they are', async () => {
  const { get, post } = await served(house, 'none')

  expect(await (await get('/toy/next_day/width')).json()).toEqual({ width: 5 })
  // The second path has a query, so it goes through the app.
  for (const path of ['/toy/next_day/reverse', '/toy/next_day/reverse?through=app']) {
    const answer = await post(path, bytes, binary)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/octet-stream'])
    expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual(backwards)

    const refused = await post(path, '', binary)
    expect([refused.status, refused.headers.get('content-type')]).toEqual([400, 'application/json'])
    expect(await refused.json()).toEqual({
      error: { code: 'TOY_EMPTY', message: 'The body is empty. Send some bytes.' },
    })
    // What the gate refuses looks the same.
    const form = await post(path, bytes, { 'content-type': 'text/plain' })
    expect([form.status, await form.json()]).toMatchObject([415, { error: { code: 'CONTENT_TYPE' } }])
  }
  const unknown = await get('/toy/nextday/width')
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { code: 'SERVICE_UNKNOWN' } }])

  const openapi: unknown = await (await get('/openapi.json')).json()
  const content = { 'application/octet-stream': {} }
  const ownError = { content: { 'application/json': { schema: { properties: { error: {} } } } } }
  expect(openapi).toMatchObject({
    paths: {
      '/toy/{service}/width': { get: { operationId: 'toyWidth' } },
      '/toy/{service}/reverse': { post: { requestBody: { content }, responses: { 200: { content }, 400: ownError } } },
      '/v1/features/{service}': { post: { operationId: 'readFeatures' } },
    },
  })
  const page = await (await get('/docs')).text()
  expect(page).toContain('<h2 id="toys">Toys</h2>')
  expect(page).toContain('<code>/toy/:service/reverse</code>')
  const metrics = await (await get('/metrics')).text()
  expect(metrics).toMatch(/duration_seconds_count\{method="POST",route="\/toy\/:service\/reverse",status="200"\} 2/)

  const features = await post('/v1/features/next_day', '{"keys":[{"customer_id":"a"}]}', json)
  expect(await features.json()).toMatchObject({ rows: [{ keys: { customer_id: 'a' } }] })
  const problem = await post('/v1/features/next_day', '{"keys":[]}', json)
  expect([problem.headers.get('content-type'), await problem.json()]).toMatchObject([
    'application/problem+json',
    { code: 'KEYS_EMPTY' },
  ])
  const method = await post('/toy/next_day/width', '{}', json)
  expect([method.status, method.headers.get('allow')]).toEqual([405, 'GET'])
})

test('an API key is asked for on the routes of a new protocol, too', async () => {
  const { post } = await served(house, {
    keys: [{ name: 'scraper', sha256: 'a'.repeat(64), scopes: ['metrics:read'] }],
  })
  const refused = await post('/toy/next_day/reverse', bytes, binary)
  expect([refused.status, await refused.json()]).toMatchObject([401, { error: { code: 'KEY_REQUIRED' } }])
})

test('a route that another protocol already has is refused when the server is made', async () => {
  using twice = withAddition('serving', { ...toy, source: toy.source.replace("'toyWidth'", "'readFeatures'") })
  await expect(served(twice, 'none')).rejects.toMatchObject({
    code: 'ROUTE_TAKEN',
    message: 'Protocol martlet has the route readFeatures, but protocol toy already has it. Rename one.',
  })
})

test('the types of the package hold with a new protocol', async () => {
  expect(await house.typeErrors()).toBe('')
})
