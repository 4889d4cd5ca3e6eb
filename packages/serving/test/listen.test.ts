import { Agent, get, request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import { openMemoryStore, type OnlineStore } from '@martlet/feature-store'
import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'
import { fixedCatalog, listen, serving } from '../src/index.ts'
import { nextDay, now, publishEnergy } from './support/energy.ts'
import { serveEnergy } from './support/serve.ts'

const quiet = { port: 0, signals: false } as const
const body = JSON.stringify({ keys: [{ customer_id: 'a' }] })
const headers = { 'content-type': 'application/json' }

function ask(url: string, agent?: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, ...(agent === undefined ? {} : { agent }) }, resolve)
    sent.on('error', reject)
    sent.end(body)
  })
}

test('answers over a socket as it does in process, chunked or not', async () => {
  const app = await serveEnergy()
  await using server = await listen(app, quiet)
  const direct = await (await app.request('/v1/features/next_day', { method: 'POST', headers, body })).json()
  const whole = await fetch(`${server.url}/v1/features/next_day`, { method: 'POST', headers, body })
  expect(await whole.json()).toEqual(direct)
  const chunks = new ReadableStream({
    start(controller) {
      for (const character of body) controller.enqueue(new TextEncoder().encode(character))
      controller.close()
    },
  })
  const chunked = await fetch(`${server.url}/v1/features/next_day`, {
    method: 'POST',
    headers,
    body: chunks,
    duplex: 'half',
  })
  expect(await chunked.json()).toEqual(direct)
})

test('a chunked body over the limit is cut off while it arrives', async () => {
  await using server = await listen(await serveEnergy({ limits: { bodyBytes: 1000 } }), quiet)
  const endless = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(500).fill(32))
    },
  })
  const answer = await fetch(`${server.url}/v1/features/next_day`, {
    method: 'POST',
    headers,
    body: endless,
    duplex: 'half',
  })
  expect(answer.status).toBe(413)
})

test('bytes that are not UTF-8 are refused over a socket', async () => {
  await using server = await listen(await serveEnergy(), quiet)
  const answer = await fetch(`${server.url}/v1/features/next_day`, {
    method: 'POST',
    headers,
    body: Buffer.from('{"keys":[{"customer_id":"\xff"}]}', 'latin1'),
  })
  expect(await answer.json()).toMatchObject({ status: 400, code: 'BODY_NOT_UTF8' })
})

test('a request keeps its id, or gets one when it has no valid one', async () => {
  await using server = await listen(await serveEnergy(), quiet)
  const ids = await Promise.all(
    ['order-7', 'two words', ''].map(async (id) =>
      (await fetch(`${server.url}/health/live`, { headers: { 'x-request-id': id } })).headers.get('x-request-id'),
    ),
  )
  expect(ids[0]).toBe('order-7')
  expect(ids[1]).toMatch(/^[0-9a-f]{12}-\w+$/)
  expect(ids[2]).not.toBe(ids[1])
})

test('shutting down finishes what is under way, reports not ready, and refuses new requests', async () => {
  const memory = openMemoryStore()
  await publishEnergy(memory)
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const online: OnlineStore = { ...memory, read: (reads) => gate.then(() => memory.read(reads)) }
  const app = serving({ catalog: fixedCatalog({ services: [nextDay.plan] }), online, auth: 'none', now: () => now })
  const server = await listen(app, { ...quiet, drainMs: 20 })
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  const underWay = Array.from({ length: 20 }, () => ask(`${server.url}/v1/features/next_day`, agent))
  await expect.poll(async () => (await app.request('/metrics')).text()).toMatch(/http_server_active_requests 2[01]/)
  const closing = server.close()
  expect((await app.ready()).checks['server']).toEqual({ ok: false, detail: 'The server is shutting down.' })
  await sleep(40)
  await expect(fetch(`${server.url}/health/live`)).rejects.toThrow('fetch failed')
  open()
  for (const answer of await Promise.all(underWay)) {
    expect(answer.statusCode).toBe(200)
    expect(answer.headers.connection).toBe('close')
    expect(JSON.parse(await text(answer))).toMatchObject({ rows: [{ keys: { customer_id: 'a' } }] })
  }
  await closing
  await server.closed
})

test('a request that never ends does not delay the shutdown beyond its time', async () => {
  const server = await listen(await serveEnergy(), { ...quiet, shutdownMs: 50 })
  const socket = connect(server.port, '127.0.0.1')
  const ended = new Promise<string>((resolve) => {
    socket.on('close', () => resolve('closed'))
    socket.on('error', () => undefined)
  })
  socket.write(
    'POST /v1/features/next_day HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
  )
  await sleep(20)
  await server.close()
  expect(await ended).toBe('closed')
})

test('a port in use is an error that says so', async () => {
  const app = await serveEnergy()
  await using server = await listen(app, quiet)
  await expect(listen(app, { port: server.port, signals: false })).rejects.toMatchObject({
    code: 'LISTEN_FAILED',
    message: expect.stringContaining(`:${server.port}`),
  })
})

test('mounted apps are started and closed with the server', async () => {
  const part = await serveEnergy()
  const server = await listen(new Hono().route('/ml', part), { ...quiet, parts: [part] })
  const ready = await fetch(`${server.url}/ml/health/ready`)
  expect(ready.status).toBe(200)
  await server.close()
  expect((await part.ready()).ready).toBe(false)
})

test('HEAD is answered like GET without a body', async () => {
  await using server = await listen(await serveEnergy(), quiet)
  const answer = await new Promise<IncomingMessage>((resolve) =>
    get(`${server.url}/health/live`, { method: 'HEAD' }, resolve),
  )
  expect(answer.statusCode).toBe(200)
  expect(await text(answer)).toBe('')
})
