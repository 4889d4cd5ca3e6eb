import { deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limitsOf } from '../../src/desk/limits.ts'
import { heldBytes } from '../../src/http/body/held-bytes.ts'
import { inflated } from '../../src/http/body/inflated-body.ts'
import { Problem } from '../../src/desk/problem.ts'
import { listen, type Listening, type ServingApp } from '../../src/index.ts'
import { serveEnergy } from '../support/serve.ts'

const path = '/v1/features/next_day'
/** Compresses to a thousandth. */
const zeros = Buffer.alloc(20_000_000)
const plain = JSON.stringify({ keys: [{ customer_id: 'a' }] })
const limits = limitsOf({ bodyBytes: 100_000, arrivingBytes: 300_000 })

let app: ServingApp
let server: Listening
beforeAll(async () => {
  app = await serveEnergy({ limits })
  server = await listen(app, { port: 0, signals: false })
})
afterAll(() => server.close())

/** The way through Hono, and the one straight from Node's server. */
const ways = {
  hono: (init: RequestInit) => Promise.resolve(app.request(path, init)),
  node: (init: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init),
}

async function ask(way: keyof typeof ways, body: Uint8Array, encoding: string) {
  const response = await ways[way]({
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': encoding },
    body: Uint8Array.from(body),
  })
  return { status: response.status, body: await response.json() }
}

describe.each(['hono', 'node'] as const)('through %s', (way) => {
  test.each([
    ['gzip', gzipSync(plain)],
    ['GZIP', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['identity', Buffer.from(plain)],
    ['gzip', Buffer.concat([gzipSync(plain.slice(0, 9)), gzipSync(plain.slice(9))])],
  ])('a body in %s is read as the plain one', async (encoding, body) => {
    const response = await ways[way]({ method: 'POST', headers: { 'content-type': 'application/json' }, body: plain })
    expect(await ask(way, body, encoding)).toEqual({ status: 200, body: await response.json() })
  })

  test.each([
    ['an unknown encoding', 'br', gzipSync(plain), 415, 'BODY_ENCODED', /Content-Encoding br/],
    ['two encodings', 'gzip, gzip', gzipSync(gzipSync(plain)), 415, 'BODY_ENCODED', /gzip, gzip/],
    ['data that is not gzip', 'gzip', Buffer.from(plain), 400, 'BODY_NOT_INFLATED', /not gzip data \(incorrect header/],
    ['gzip in place of deflate', 'deflate', gzipSync(plain), 400, 'BODY_NOT_INFLATED', /not deflate data/],
    ['gzip that is cut off', 'gzip', gzipSync(plain).subarray(0, 20), 400, 'BODY_NOT_INFLATED', /ends before its gzip/],
    ['no bytes', 'gzip', Buffer.alloc(0), 400, 'BODY_NOT_INFLATED', /ends before its gzip/],
    ['a wrong checksum', 'gzip', damaged(), 400, 'BODY_NOT_INFLATED', /incorrect data check/],
    ['a bomb', 'gzip', gzipSync(zeros), 413, 'BODY_TOO_LARGE', /more than 100000 bytes/],
    ['a bomb in deflate', 'deflate', deflateSync(zeros), 413, 'BODY_TOO_LARGE', /more than 100000/],
    ['a body that is too large compressed', 'gzip', Buffer.alloc(100_001), 413, 'BODY_TOO_LARGE', /limit is 100000/],
    ['deep nesting inside', 'gzip', gzipSync('['.repeat(50_000)), 400, 'BODY_TOO_DEEP', /deeper than 8/],
  ] as const)('%s is refused', async (_, encoding, body, status, code, says) => {
    const answer = await ask(way, body, encoding)
    expect(answer).toMatchObject({ status, body: { code, detail: expect.stringMatching(says) } })
  })
})

function damaged(): Buffer {
  const body = gzipSync(plain)
  body.writeUInt32LE(0, body.length - 8)
  return body
}

/** A compressed body that has arrived. */
function arrived(bytes: Buffer<ArrayBuffer>, most = limits) {
  const all = heldBytes('Request bodies', most.arrivingBytes, () => false)
  const held = all.of('one')
  const body = { bytes: Promise.resolve(bytes), abort: () => false, release: () => undefined }
  return { held: all, body: inflated(body, 'gzip', most, held) }
}

test('a bomb stops at the limit, and what it held is free again', async () => {
  const { held, body } = arrived(gzipSync(zeros))
  await expect(body.bytes).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' })
  expect(held.bytes).toBeLessThanOrEqual(limits.bodyBytes)
  body.release()
  body.release()
  expect(held.bytes).toBe(0)
})

test('bombs together keep within what all bodies may hold', async () => {
  const held = heldBytes('Request bodies', 300_000, () => false)
  const bodies = Array.from({ length: 20 }, () =>
    inflated(
      { bytes: Promise.resolve(gzipSync(Buffer.alloc(99_000))), abort: () => false, release: () => undefined },
      'gzip',
      limits,
      held.of('one'),
    ),
  )
  const ends = await Promise.allSettled(bodies.map(({ bytes }) => bytes))
  expect(held.bytes).toBeLessThanOrEqual(300_000)
  const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason.code] : []))
  expect(new Set(refused)).toEqual(new Set(['OVERLOADED']))
  expect(refused.length).toBeGreaterThanOrEqual(17)
  for (const body of bodies) body.release()
  expect(held.bytes).toBe(0)
})

test('decompressing ends when the request does', async () => {
  const large = limitsOf({ bodyBytes: 50_000_000, arrivingBytes: 100_000_000 })
  const { body } = arrived(gzipSync(zeros), large)
  await new Promise(setImmediate)
  const late = new Problem(504, 'DEADLINE', 'too late')
  expect(body.abort(late)).toBe(true)
  expect(body.abort(late)).toBe(false)
  await expect(body.bytes).rejects.toBe(late)
})
