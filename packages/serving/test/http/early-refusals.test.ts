import { connect } from 'node:net'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { hashApiKey, listen } from '../../src/index.ts'
import { serveEnergy } from '../support/serve.ts'

const keys = [{ name: 'reader', sha256: hashApiKey('known'), scopes: ['features:read'] as const }]

/** What a client reads that sends its body in pieces, and looks at the answer only then. */
async function lateReader(port: number, path: string, pieces: number): Promise<string> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  socket.on('error', () => undefined)
  let received = ''
  socket.pause()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer other\r\ncontent-type: application/json\r\n` +
      `content-length: ${pieces * 10}\r\n\r\n`,
  )
  for (let piece = 0; piece < pieces; piece++) {
    await sleep(20)
    // However long the machine has paused, the server has read what was sent before.
    for (let turns = 0; turns < 5; turns++) await turn()
    socket.write(' '.repeat(10))
  }
  socket.on('data', (chunk) => (received += chunk.toString()))
  socket.resume()
  await closed
  return received
}

test.each(['past the app', 'through the app'])(
  'a refusal reaches a client that was still sending its body: %s',
  async (way) => {
    const app = await serveEnergy({ auth: { keys } })
    const outer = new Hono().route('/', app)
    await using server = await listen(way === 'past the app' ? app : outer, { port: 0, signals: false, parts: [app] })
    for (const pieces of [1, 4]) {
      const answer = await lateReader(server.port, '/v1/features/next_day', pieces)
      expect(answer).toMatch(/^HTTP\/1\.1 401 /)
      expect(answer).toContain('connection: close')
      expect(answer).toContain('KEY_UNKNOWN')
    }
  },
)

test('a client that never stops sending is cut off', async () => {
  const app = await serveEnergy({ auth: { keys } })
  await using server = await listen(app, { port: 0, signals: false })
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => undefined).resume()
  let closed = false
  socket.once('close', () => (closed = true))
  socket.write(
    'POST /v1/features/next_day HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer other\r\n' +
      'content-type: application/json\r\ncontent-length: 1000000\r\n\r\n',
  )
  const begin = performance.now()
  while (!closed && performance.now() - begin < 10_000) {
    socket.write(' ')
    await sleep(20)
  }
  expect(closed).toBe(true)
})

test('what is no request is answered, also to a caller that is still sending', async () => {
  const app = await serveEnergy({ auth: { keys } })
  await using server = await listen(app, { port: 0, signals: false })
  for (const [broken, status] of [
    ['GET %ff/v1/catalog HTTP/1.1\r\n', 400],
    [`GET /health/live HTTP/1.1\r\nx-long: ${'x'.repeat(40_000)}`, 431],
  ] as const) {
    const socket = connect(server.port, '127.0.0.1').setNoDelay(true)
    socket.on('error', () => undefined).pause()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    let received = ''
    socket.write(broken)
    for (let piece = 0; piece < 5; piece++) {
      await sleep(20)
      socket.write('host: 127.0.0.1\r\n')
    }
    socket.on('data', (chunk) => (received += chunk.toString())).resume()
    await closed
    expect(received).toMatch(
      new RegExp(`^HTTP/1\\.1 ${status} [^\r]*\r\nconnection: close\r\ncontent-length: 0\r\n\r\n$`),
    )
  }
})

test('nothing is written into an answer that is under way when its connection turns out to be broken', async () => {
  const app = new Hono().get('/slow', (c) =>
    c.body(
      new ReadableStream({
        async start(stream) {
          stream.enqueue(Buffer.from('first '))
          await sleep(300)
          stream.enqueue(Buffer.from('last'))
          stream.close()
        },
      }),
    ),
  )
  await using server = await listen(app, { port: 0, signals: false })
  const { socket, closed } = connection(server.port)
  socket.write('GET /slow HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
  await sleep(150)
  socket.write('no request\r\n\r\n')
  const received = await closed
  expect(received).toContain('first ')
  expect(received).not.toContain('400')
})

test('an answer that comes after its connection has turned out to be broken is dropped, and the server goes on', async () => {
  const answered = Promise.withResolvers<void>()
  const app = new Hono()
    .get('/slow', async (c) => {
      await sleep(300)
      answered.resolve()
      return c.text('late')
    })
    .get('/quick', (c) => c.text('quick'))
  await using server = await listen(app, { port: 0, signals: false })
  const { socket, closed } = connection(server.port)
  socket.write('GET /slow HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\nno request\r\n\r\n')
  const [received] = await Promise.all([closed, answered.promise])
  expect(received).toMatch(/^HTTP\/1\.1 400 /)
  expect(received).not.toContain('late')
  expect(await (await fetch(`${server.url}/quick`)).text()).toBe('quick')
})

/** A connection of which all that came is known when it has closed. */
function connection(port: number) {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  let received = ''
  socket.on('data', (chunk) => (received += chunk.toString()))
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(received)))
  return { socket, closed }
}
