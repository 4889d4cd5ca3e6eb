import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'
import { listen, type ServingApp } from '../../src/index.ts'
import { describedRoutes } from '../../src/openapi-document.ts'
import { serveEnergy } from '../support/serve.ts'

const routes = describedRoutes('0.0.0')

const ways = {
  plain: { base: '', carry: (app: ServingApp) => app },
  'app.route': { base: '/ml', carry: (app: ServingApp) => new Hono().route('/ml', app) },
  'app.mount': {
    base: '/ml',
    carry: (app: ServingApp) => new Hono().mount('/ml', (request, ...rest) => app.fetch(request, rest[0])),
  },
} as const

const body = JSON.stringify({ keys: [{ customer_id: 'a' }] })
const json = { 'content-type': 'application/json' }

async function started(way: keyof typeof ways) {
  const app = await serveEnergy({ limits: { bodyBytes: 1000 } })
  const { base, carry } = ways[way]
  const server = await listen(carry(app), { port: 0, signals: false, parts: [app] })
  onTestFinished(() => server.close())
  return { server, url: `${server.url}${base}`, base }
}

/** Sends bytes as they are and returns what comes back until the connection ends. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(bytes)
  return text(socket)
}

test.each(Object.keys(ways) as (keyof typeof ways)[])(
  '%s: requests are answered, refused and counted alike',
  async (way) => {
    const { url } = await started(way)
    const post = (path: string) =>
      fetch(`${url}${path}`, { method: 'POST', headers: { ...json, 'x-request-id': 'order-7' }, body })
    const answer = await post('/v1/features/next_day')
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ rows: [{ keys: { customer_id: 'a' } }] })
    const unknown = await post('/v1/feature/next_day')
    expect([unknown.status, unknown.headers.get('x-request-id')]).toEqual([404, 'order-7'])
    expect(await unknown.json()).toMatchObject({ code: 'ROUTE_UNKNOWN', requestId: 'order-7' })
    const wrong = await post('/health/live')
    expect([wrong.status, wrong.headers.get('allow'), wrong.headers.get('x-request-id')]).toEqual([
      405,
      'GET',
      'order-7',
    ])
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toMatch(/duration_seconds_count\{method="POST",route="unmatched",status="404"\} 1/)
    expect(metrics).toMatch(/duration_seconds_count\{method="POST",route="unmatched",status="405"\} 1/)
    expect(metrics).toMatch(/http_server_active_requests 1\n/)
  },
)

test.each(Object.keys(ways) as (keyof typeof ways)[])(
  '%s: a body that is refused before it has arrived closes its connection, and the answer says so',
  async (way) => {
    const { server, base } = await started(way)
    const answer = await raw(
      server.port,
      `POST ${base}/v1/features/next_day HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toMatch(/\r\nconnection: close\r\n/i)
  },
)

test.each(Object.keys(ways) as (keyof typeof ways)[])(
  '%s: HTTP/1.0 without a host is answered as HTTP/1.1 is, on every route',
  async (way) => {
    const { server, base } = await started(way)
    const status = (answer: string): string | undefined => /^HTTP\/1\.1 (\d+)[^]*\r\nx-request-id: /i.exec(answer)?.[1]
    for (const route of routes) {
      const path =
        base + route.path.replace(':service', 'next_day').replace(':view', 'customer_usage').replace(/:\w+/g, '1')
      const sent = route.method === 'GET' ? '' : body
      const rest = `content-type: application/json\r\ncontent-length: ${sent.length}\r\n\r\n${sent}`
      const old = await raw(server.port, `${route.method} ${path} HTTP/1.0\r\n${rest}`)
      const now = await raw(
        server.port,
        `${route.method} ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${rest}`,
      )
      expect([path, status(old)]).toEqual([path, status(now) ?? 'no answer'])
    }
  },
)

test('the outer app keeps routes that it adds after mounting ours', async () => {
  const app = await serveEnergy()
  const carrier = new Hono().route('/', app).get('/own', (c) => c.text('own'))
  expect(await (await carrier.request('/own')).text()).toBe('own')
  expect((await carrier.request('/other')).status).toBe(404)
  await app.close()
})
