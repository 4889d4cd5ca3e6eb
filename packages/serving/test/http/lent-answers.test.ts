import { once as event } from 'node:events'
import { connect, type Socket } from 'node:net'
import { entity, featureService, featureView, openMemoryStore, precomputed, publishRows } from '@martlet/feature-store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { fixedCatalog, listen, serving, type Listening, type ServingApp } from '../../src/index.ts'
import { batch, once } from '../support/batch.ts'
import { post } from '../support/serve.ts'

const now = 1_767_225_600_000_000n
const note = featureView('notes', {
  of: entity('customer', { customer_id: z.string() }),
  from: precomputed('mart.notes', {
    columns: { customer_id: z.string(), at: z.date(), note: z.string() },
    entity: entity('customer', { customer_id: z.string() }),
    time: 'at',
  }),
  every: '1d',
  features: (f) => ({ note: f.column('note') }),
})
const service = featureService('notes', [note])

const ids = Array.from({ length: 12 }, (_, index) => `customer-${10 + index}`)
/** About a megabyte for one customer asked for a hundred times, and no two answers alike. */
const textOf = (id: string): string => `${id} `.repeat(800)
const bodyOf = (id: string): string =>
  JSON.stringify({ keys: Array.from({ length: 100 }, () => ({ customer_id: id })) })
const requestOf = (id: string): string =>
  `POST /v1/features/notes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
  `content-length: ${bodyOf(id).length}\r\n\r\n${bodyOf(id)}`

let app: ServingApp
let server: Listening
const expected = new Map<string, string>()
/** Of each answer, without its head. */
let answerBytes = 0

beforeAll(async () => {
  const online = openMemoryStore()
  const rows = batch({
    customer_id: ['text', ids],
    feature_time: ['timestamp', ids.map(() => now)],
    note: ['text', ids.map(textOf)],
  })
  await publishRows(online, note.plan, once(rows))
  app = serving({ catalog: fixedCatalog({ services: [service.plan] }), online, auth: 'none', now: () => now })
  server = await listen(app, { port: 0, signals: false })
  for (const id of ids) expected.set(id, await (await post(app, '/v1/features/notes', bodyOf(id))).text())
  answerBytes = expected.get(ids[0] ?? '')?.length ?? 0
})
afterAll(() => server.close())

/** So many answers of their whole length, read from a socket that stays open. */
function answersOf(socket: Socket, count: number): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const done = (): void => {
      const answers = split(Buffer.concat(chunks).toString())
      if (answers.length < count && !socket.destroyed) return
      socket.off('data', take)
      socket.off('close', done)
      socket.off('error', reject)
      resolve(answers)
    }
    const take = (chunk: Buffer): void => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= count * answerBytes) done()
    }
    socket.on('data', take)
    socket.on('close', done)
    socket.on('error', reject)
  })
}

function split(text: string): readonly string[] {
  const answers: string[] = []
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\r\n\r\n', from)
    if (end === -1) break
    const head = end + 4
    const length = Number(/content-length: (\d+)/i.exec(text.slice(from, head))?.[1])
    from = head + length
    if (from <= text.length) answers.push(text.slice(head, from))
  }
  return answers
}

async function opened(): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  await event(socket, 'connect')
  return socket
}

test('an answer keeps its bytes until it has left, whatever is answered in between', async () => {
  const slow = await opened()
  // Answers that nobody reads wait in the server, more of them than the buffers of a connection hold.
  slow.write(ids.map(requestOf).join(''))
  const fast = await opened()
  for (const id of ids.toReversed()) {
    fast.write(requestOf(id))
    expect((await answersOf(fast, 1))[0] === expected.get(id)).toBe(true)
  }
  fast.destroy()
  const answers = await answersOf(slow, ids.length)
  slow.destroy()
  expect(answers.map((text, index) => text === expected.get(ids[index] ?? ''))).toEqual(ids.map(() => true))
})

test('memory of an answer whose connection has ended is used for other answers, which are right', async () => {
  for (const id of ids) {
    const gone = await opened()
    gone.write(requestOf(id))
    await event(gone, 'readable')
    gone.destroy()
    const socket = await opened()
    socket.write(requestOf(id))
    const [answer] = await answersOf(socket, 1)
    socket.destroy()
    expect(answer === expected.get(id)).toBe(true)
  }
})

test('an answer that went through the app keeps its bytes for as long as somebody reads it', async () => {
  const first = await post(app, '/v1/features/notes', bodyOf('customer-10'))
  for (const id of ids.slice(1)) await post(app, '/v1/features/notes', bodyOf(id))
  expect((await first.text()) === expected.get('customer-10')).toBe(true)
})
