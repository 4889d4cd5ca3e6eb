import { openMemoryStore } from '@martlet/feature-store'
import { Hono } from 'hono'
import { beforeAll, describe, expect, test } from 'vitest'
import { fixedCatalog, listen, serving, type ServingApp } from '../../src/index.ts'
import { readBody } from './support/load.ts'
import { startServer, type ServingProcess } from './support/serving-process.ts'
import { small } from './support/sizes.ts'

const read = '/v1/features/small'
const predict = '/v1/models/scorer/predict'
const body = readBody(1)
/** Every route that reveals something about features, models or traffic. */
const routes: readonly (readonly [method: string, path: string])[] = [
  ['POST', read],
  ['GET', `${read}?customer_id=c1`],
  ['POST', predict],
  ['GET', '/v1/catalog'],
  ['GET', '/v1/models'],
  ['GET', '/metrics'],
]

describe.each(['plain', 'routed', 'mounted'] as const)("auth: 'none', %s", (mode) => {
  let server: ServingProcess
  beforeAll(async () => {
    server = await startServer({ mode, auth: 'none' })
    return () => server[Symbol.asyncDispose]()
  })
  const send = async (method: string, path: string, headers: Readonly<Record<string, string>>) => {
    const answer = await server.ask(method, path, { ...(method === 'POST' ? { body } : {}), headers })
    const { code }: { readonly code?: string } =
      answer.headers['content-type']?.includes('json') === true ? JSON.parse(answer.body) : {}
    return [answer.status, code]
  }
  const toEveryRoute = async (headers: Readonly<Record<string, string>>): Promise<readonly unknown[]> => {
    const seen = await Promise.all(routes.map(([method, path]) => send(method, path, headers)))
    return [...new Map(seen.map((one) => [JSON.stringify(one), one])).values()]
  }

  test.each(['localhost', 'localhost:8080', 'LOCALHOST', '127.0.0.1', '127.0.0.1:9', '[::1]', '[::1]:1'])(
    'the host %s is answered',
    async (host) => {
      expect(await toEveryRoute({ host })).toEqual([[200, undefined]])
    },
  )

  test.each([
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil-localhost',
    '10.0.0.7',
    '[2001:db8::1]:80',
  ])('the host %s, which a page of another site can be reached under, is refused', async (host) => {
    expect(await toEveryRoute({ host })).toEqual([[403, 'HOST_NOT_ALLOWED']])
  })

  test.each(['evil.example#localhost', 'evil.example/localhost', 'user@localhost'])(
    'the host %s, which is none, is not answered',
    async (host) => {
      for (const [method, path] of routes) expect([400, 403]).toContain((await send(method, path, { host }))[0])
    },
  )

  test.each([
    'http://evil.example',
    'https://localhost.evil.example',
    'null',
    'file://',
    'http://127.0.0.1.evil.example:80',
  ])('pages of %s are refused', async (origin) => {
    expect(await toEveryRoute({ origin })).toEqual([[403, 'ORIGIN_NOT_ALLOWED']])
  })

  test('a page from the server itself is answered', async () => {
    expect(await toEveryRoute({ origin: `http://127.0.0.1:${server.port}`, host: `127.0.0.1:${server.port}` })).toEqual(
      [[200, undefined]],
    )
  })

  test.each([
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'TEXT/PLAIN',
    'text/plain; application/json',
  ])('a POST of %s, which any page may send without being asked, is refused', async (type) => {
    for (const path of [read, predict])
      expect(await send('POST', path, { 'content-type': type })).toEqual([415, 'CONTENT_TYPE'])
  })

  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])(
    'a POST of %s is answered',
    async (type) => {
      for (const path of [read, predict])
        expect(await send('POST', path, { 'content-type': type })).toEqual([200, undefined])
    },
  )
})

const open = (): ServingApp =>
  serving({ catalog: fixedCatalog({ services: [small.plan] }), online: openMemoryStore(), auth: 'none' })

describe.each(['0.0.0.0', '::'])("auth: 'none' on %s", (host) => {
  test.each([
    ['alone', (app: ServingApp) => app],
    ['in another app by route', (app: ServingApp) => new Hono().route('/ml', app)],
    ['in another app by mount', (app: ServingApp) => new Hono().mount('/ml', app.fetch)],
  ])('listening to the world %s is refused', async (_, carrier) => {
    await using app = open()
    const listening = listen(carrier(app), { port: 0, host, signals: false, parts: [app] })
    // If it did listen after all, it must not stay open.
    const outcome = await listening.then(
      async (server) => server.close().then(() => 'listens'),
      (error: unknown) => error,
    )
    expect(outcome).toMatchObject({ code: 'LISTEN_REFUSED' })
  })
})

test.each(['127.0.0.1', 'localhost'])("auth: 'none' listens on %s", async (host) => {
  await using app = open()
  await using server = await listen(app, { port: 0, host, signals: false })
  expect(server.port).toBeGreaterThan(0)
})
