import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { openConnection, requestText, type RequestParts } from './support/connection.ts'
import { readBody } from './support/load.ts'
import { startServer, type ServingProcess } from './support/serving-process.ts'

const read = '/v1/features/small'
const predict = '/v1/models/scorer/predict'
const small = readBody(1)

const everyRoute: readonly (readonly [method: string, path: string, body: string | null])[] = [
  ['POST', read, small],
  ['GET', `${read}?customer_id=c1`, null],
  ['POST', predict, small],
  ['GET', '/v1/catalog', null],
  ['GET', '/v1/catalog/views/narrow', null],
  ['GET', '/v1/catalog/services/small', null],
  ['GET', '/v1/models', null],
  ['GET', '/v1/models/scorer', null],
  ['GET', '/v1/models/scorer/versions/1', null],
  ['GET', '/v1/models/scorer/aliases/champion/history', null],
  ['GET', '/health/live', null],
  ['GET', '/health/ready', null],
  ['GET', '/openapi.json', null],
  ['GET', '/docs', null],
  ['POST', '/v1/nothing', small],
  ['GET', '/nothing', null],
  ['GET', predict, null],
]

/** What differs between two answers to the same question: ids and ages. */
function lasting(text: string): string {
  return text.replace(/"requestId":"[^"]*"/, '').replaceAll(/"ageSeconds":[\d.]+/g, '')
}

describe.each(['plain', 'routed', 'mounted', 'wrapped'] as const)('%s', (mode) => {
  let server: ServingProcess
  beforeAll(async () => {
    server = await startServer({ mode, limits: { bodyBytes: 300_000, deadlineMs: 1000 } })
    return () => server[Symbol.asyncDispose]()
  })

  test.each<[size: number, how: string, cuts: readonly number[]]>(
    [0, 200_000].flatMap((padding) => [
      [padding, 'at once', [1]],
      [padding, 'after its headers', [0, 1]],
      [padding, 'in three pieces', [0, 0.3, 0.6, 1]],
    ]),
  )('a POST with %d bytes of space whose body comes %s is answered 200', async (padding, _, cuts) => {
    const body = small + ' '.repeat(padding)
    for (const path of [read, predict]) {
      const head = requestText('POST', server.prefix + path, {
        key: 'other',
        headers: { 'content-type': 'application/json', 'content-length': String(body.length) },
      })
      const connection = openConnection(server.port)
      for (const [index, cut] of cuts.entries()) {
        const from = index === 0 ? 0 : head.length + body.length * (cuts[index - 1] ?? 0)
        connection.write((head + body).slice(from, head.length + body.length * cut))
        await sleep(30)
      }
      const answer = await connection.answer()
      connection.socket.destroy()
      expect(answer?.status, answer?.body).toBe(200)
    }
  })

  test.each(everyRoute)('HTTP/1.0 without Host is answered as HTTP/1.1 is: %s %s', async (method, path, sent) => {
    const parts: RequestParts = { key: 'other', ...(sent === null ? {} : { body: sent }) }
    const newer = await server.ask(method, path, parts)
    const older = await server.ask(method, path, { ...parts, version: '1.0' })
    expect([older.status, lasting(older.body)]).toEqual([newer.status, lasting(newer.body)])
    expect(older.headers['content-type']).toBe(newer.headers['content-type'])
  })

  test.each([
    ['GET', '/nothing', 404],
    ['GET', '/v1/features', 404],
    ['POST', `${read}/more`, 404],
    ['GET', predict, 405],
    ['POST', '/health/live', 405],
    ['PUT', read, 405],
    ['DELETE', '/v1/catalog', 405],
  ])('%s %s carries the id of the request and is counted without its path', async (method, path, status) => {
    const counted = async (): Promise<number> => {
      let sum = 0
      for (const [series, value] of await server.metrics()) {
        if (
          series.startsWith('http_server_request_duration_seconds_count') &&
          series.includes('route="unmatched"') &&
          series.includes(`status="${status}"`)
        )
          sum += value
      }
      return sum
    }
    const before = await counted()
    const answer = await server.ask(method, path, { headers: { 'x-request-id': 'order-7' } })
    expect(answer).toMatchObject({ status, headers: { 'x-request-id': 'order-7' } })
    expect(JSON.parse(answer.body).requestId).toBe('order-7')
    const made = (await server.ask(method, path)).headers['x-request-id']
    expect(made).toMatch(/^[0-9a-f]{12}-\w+$/)
    expect(await counted()).toBe(before + 2)
  })

  const head = (path: string, headers: Readonly<Record<string, string>>, key: string | undefined = 'other') =>
    requestText('POST', server.prefix + path, {
      ...(key === '' ? {} : { key }),
      headers: { 'content-type': 'application/json', ...headers },
    })

  // An app that is handed the request alone does not see the connection that it came on.
  test.skipIf(mode === 'wrapped').each<[name: string, status: number, text: () => string]>([
    ['a body announced beyond the limit', 413, () => head(read, { 'content-length': '400000' })],
    [
      'a chunked body that grows beyond the limit',
      413,
      () => `${head(read, { 'transfer-encoding': 'chunked' })}4e200\r\n${' '.repeat(320_000)}\r\n`,
    ],
    ['no key', 401, () => head(read, { 'content-length': '5000' }, '')],
    ['an unknown key', 401, () => head(predict, { 'content-length': '5000' }, 'nobody')],
    ['a key without the scope', 403, () => head(read, { 'content-length': '5000' }, 'scraper')],
    ['a name the key may not use', 403, () => head('/v1/features/medium', { 'content-length': '5000' }, 'greedy')],
    ['an unknown service', 404, () => head('/v1/features/medium', { 'content-length': '5000' })],
    ['a body in an unknown encoding', 415, () => head(read, { 'content-length': '5000', 'content-encoding': 'br' })],
    ['an unknown path', 404, () => head('/nothing', { 'content-length': '5000' })],
    ['a method that is not there', 405, () => head('/v1/catalog', { 'content-length': '5000' })],
    ['a body that does not come in time', 504, () => head(read, { 'content-length': '5000' })],
    ['a percent sign that is none', 404, () => head('/v1/features/%zz', { 'content-length': '5000' })],
  ])('%s is refused before the whole body has come, and the connection ends', async (_, status, text) => {
    const connection = openConnection(server.port)
    connection.write(text())
    const answer = await connection.answer()
    expect(answer?.status).toBe(status)
    expect(answer?.headers['connection']).toBe('close')
    expect(await Promise.race([connection.closed.then(() => 'closed'), sleep(5000, 'still open')])).toBe('closed')
  })

  test('nothing above was taken for a failure of the server', () => {
    expect(server.complaints()).toBe('')
  })
})
