import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { listen, serving, type Auth } from '../../src/index.ts'
import { backing } from '../support/backing.ts'
import { serveEnergy } from '../support/serve.ts'

const body = JSON.stringify({ keys: [{ customer_id: 'a' }] })
const json = { 'content-type': 'application/json' }

async function ask(headers: Record<string, string>, auth: Auth = 'none') {
  const app = await serveEnergy({ auth })
  const response = await app.request('/v1/features/next_day', { method: 'POST', body, headers })
  await app.close()
  return { status: response.status, code: response.status === 200 ? undefined : JSON.parse(await response.text()).code }
}

test.each([
  ['localhost', { ...json, host: 'localhost' }],
  ['a port', { ...json, host: 'LOCALHOST:8080' }],
  ['an address', { ...json, host: '127.0.0.1:1' }],
  ['an address of six', { ...json, host: '[::1]:1' }],
  ['a page of this machine', { ...json, origin: 'http://localhost:3000' }],
  ['a charset', { 'content-type': 'application/json; charset=utf-8' }],
])('without keys, %s is answered', async (_, headers) => expect(await ask(headers)).toEqual({ status: 200 }))

test.each([
  ['a name that points here', { ...json, host: 'evil.example' }, 403, 'HOST_NOT_ALLOWED'],
  ['a name that begins like ours', { ...json, host: 'localhost.evil.example' }, 403, 'HOST_NOT_ALLOWED'],
  ['an address of the network', { ...json, host: '10.0.0.7:8080' }, 403, 'HOST_NOT_ALLOWED'],
  ['a page of another site', { ...json, origin: 'https://evil.example' }, 403, 'ORIGIN_NOT_ALLOWED'],
  ['a page without an origin', { ...json, origin: 'null' }, 403, 'ORIGIN_NOT_ALLOWED'],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'CONTENT_TYPE'],
  ['text', { 'content-type': 'text/plain' }, 415, 'CONTENT_TYPE'],
  ['something that only begins with JSON', { 'content-type': 'application/jsonp' }, 415, 'CONTENT_TYPE'],
])('without keys, %s is refused', async (_, headers, status, code) =>
  expect(await ask(headers)).toEqual({ status, code }),
)

test('routes that are open to everyone are closed to other names, too', async () => {
  const app = await serveEnergy()
  for (const path of ['/health/live', '/health/ready', '/docs', '/openapi.json', '/metrics', '/nothing']) {
    expect([path, (await app.request(path, { headers: { host: 'evil.example' } })).status]).toEqual([path, 403])
  }
  await app.close()
})

test('a gateway is answered for the hosts that it is configured with', async () => {
  const auth: Auth = { gateway: { hosts: ['ml.internal'] } }
  expect(await ask({ ...json, host: 'ml.internal:8080' }, auth)).toEqual({ status: 200 })
  expect(await ask({ ...json, host: 'localhost' }, auth)).toEqual({ status: 403, code: 'HOST_NOT_ALLOWED' })
  expect(await ask({ ...json, host: 'anything.example' }, { gateway: { hosts: ['*'] } })).toEqual({ status: 200 })
})

test('with keys, any host and content type are accepted', async () => {
  const { hashApiKey } = await import('../../src/index.ts')
  const auth: Auth = { keys: [{ name: 'reader', sha256: hashApiKey('k'), scopes: ['features:read'] }] }
  expect(await ask({ host: 'ml.example.com', 'x-api-key': 'k', 'content-type': 'text/plain' }, auth)).toEqual({
    status: 200,
  })
})

test('a server without keys listens on this machine only, mounted or not', async () => {
  const app = await serveEnergy()
  for (const host of ['0.0.0.0', '::', '192.168.0.1', 'ml.internal']) {
    await expect(listen(app, { port: 0, host, signals: false })).rejects.toMatchObject({
      code: 'LISTEN_REFUSED',
      message: expect.stringContaining(host),
    })
  }
  await expect(
    listen(new Hono().route('/ml', app), { port: 0, host: '0.0.0.0', parts: [app], signals: false }),
  ).rejects.toMatchObject({ code: 'LISTEN_REFUSED' })
  await app.close()
})

test('a gateway without hosts is refused', async () => {
  const { catalog, online } = await backing()
  expect(() => serving({ catalog, online, auth: { gateway: { hosts: [] } } })).toThrow(
    /Name the hosts that the gateway asks for/,
  )
})
