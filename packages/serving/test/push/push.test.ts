import { gzipSync } from 'node:zlib'
import { openMemoryStore, type OnlineStore } from '@martlet/feature-store'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import {
  createPushClient,
  fixedCatalog,
  hashApiKey,
  serving,
  type GivenScope,
  type ServingApp,
} from '../../src/index.ts'
import { pushAnswer } from '../../src/protocol/push/push-answer.ts'
import { post } from '../support/serve.ts'
import { payments, refunds } from './payments.ts'

const key = (name: string, ...scopes: readonly GivenScope[]) => ({ name, sha256: hashApiKey(name), scopes })
const keys = [
  key('till', 'events:push'),
  key('narrow', 'events:push:source/pay*'),
  key('reader', 'features:read', 'metrics:read'),
]
const NOW = 1_800_000_000_000_000n

let online: OnlineStore
let app: ServingApp
beforeEach(() => {
  online = openMemoryStore()
  app = serving({
    catalog: fixedCatalog({ services: [] }),
    online,
    sources: [payments, refunds],
    auth: { keys },
    limits: { eventsPerRequest: 300 },
    now: () => NOW,
  })
  onTestFinished(() => app.close())
})

const as = (name: string): Record<string, string> => ({ authorization: `Bearer ${name}` })
const event = (id: string, more: object = {}) => ({
  payment_id: id,
  account_id: 'a1',
  amount: 12.5,
  ts: '2026-11-30T10:00:00Z',
  ...more,
})
const answerOf = async (response: Response) =>
  z
    .looseObject({
      code: z.string().optional(),
      rejected: z
        .array(z.object({ index: z.number(), reasons: z.array(z.object({ path: z.string(), message: z.string() })) }))
        .optional(),
    })
    .parse(await response.json())
const push = async (body: unknown, headers: Record<string, string> = {}, source = 'payments') => {
  const response = await post(app, `/v1/push/${source}`, body, { ...as('till'), ...headers })
  return { status: response.status, answer: await answerOf(response) }
}
const lines = { 'content-type': 'application/x-ndjson' }
const journal = async () =>
  ((await online.events?.read('payments', 0n, 1000)) ?? []).map(({ id, body }) => [
    Buffer.from(id).toString(),
    Buffer.from(body).toString(),
  ])

describe('POST /v1/push/:source', () => {
  test('takes one event, an array, and lines, each event as the bytes that came', async () => {
    expect((await push(event('p1'))).answer).toEqual({ accepted: 1, repeated: 0, rejected: [], position: 1 })
    const two =
      '\n[ {"payment_id":"p2", "account_id":"a", "amount": 1.50, "ts":"2026-11-30T10:00:00Z", "x":[1,{"y":"]}"}]} ,' +
      JSON.stringify(event('p3')) +
      ']'
    expect((await push(two)).answer).toEqual({ accepted: 2, repeated: 0, rejected: [], position: 3 })
    const body = `${JSON.stringify(event('p4'))}\r\n\n${JSON.stringify(event('p5'))}`
    expect((await push(body, lines)).answer).toEqual({ accepted: 2, repeated: 0, rejected: [], position: 5 })
    const kept = await journal()
    expect(kept.map(([id]) => id)).toEqual(['p1', 'p2', 'p3', 'p4', 'p5'])
    expect(kept[1]?.[1]).toBe(
      '{"payment_id":"p2", "account_id":"a", "amount": 1.50, "ts":"2026-11-30T10:00:00Z", "x":[1,{"y":"]}"}]}',
    )
    const [first] = (await online.events?.read('payments', 0n, 1)) ?? []
    expect(first).toMatchObject({ position: 1n, arrived: NOW, origin: 'push' })
  })

  test('takes a gzip body, an empty array and no lines at all', async () => {
    const response = await app.request('/v1/push/payments', {
      method: 'POST',
      body: gzipSync(JSON.stringify([event('p1')])),
      headers: { ...as('till'), 'content-type': 'application/json', 'content-encoding': 'gzip' },
    })
    expect(await response.json()).toMatchObject({ accepted: 1 })
    const nothing = { accepted: 0, repeated: 0, rejected: [], position: 1 }
    expect((await push('[ ]')).answer).toEqual(nothing)
    expect((await push('\n', lines)).answer).toEqual(nothing)
  })

  test('changes nothing for an event that is there, whatever else it says', async () => {
    await push(event('p1'))
    const again = await push([event('p1', { amount: 99 }), event('p2'), event('p2')])
    expect(again.answer).toEqual({ accepted: 1, repeated: 2, rejected: [], position: 2 })
    expect((await push(event('p1'), {}, 'refunds')).answer).toMatchObject({ accepted: 1, position: 1 })
  })

  test('keeps what is not valid with every reason, and takes the rest', async () => {
    const bad = { ...event('p1'), amount: -1, ts: 'yesterday', account_id: undefined }
    const body = [JSON.stringify(bad), '{"payment_id":', JSON.stringify(event('p2')), '7', '[]'].join('\n')
    const { status, answer } = await push(body, lines)
    expect(status).toBe(200)
    expect(pushAnswer.parse(answer)).toMatchObject({ accepted: 1, repeated: 0, position: 5 })
    expect(answer.rejected).toEqual([
      {
        index: 0,
        reasons: [
          { path: 'account_id', message: 'account_id is missing; it must be well-formed text' },
          { path: 'amount', message: 'amount must be a number of at least 0' },
          { path: 'ts', message: 'ts must be an instant such as 2026-01-31T09:30:00Z' },
        ],
      },
      { index: 1, reasons: [{ path: '', message: expect.stringContaining('it is not JSON') }] },
      { index: 3, reasons: [{ path: '', message: 'it must be a JSON object' }] },
      { index: 4, reasons: [{ path: '', message: 'it must be a JSON object' }] },
    ])
    const rejected = ((await online.events?.read('payments', 0n, 10)) ?? []).filter((one) => one.rejected !== undefined)
    expect(rejected.length).toBe(4)
    // Corrected, it comes in; as it was, it is no second time in the quarantine.
    expect((await push([event('p1'), bad])).answer).toMatchObject({ accepted: 1, position: 6 })
  })

  test.each([
    ['text', 'hello'],
    ['nothing', ''],
    ['lines that are not called so', `${JSON.stringify(event('a'))}\n${JSON.stringify(event('b'))}`],
    ['an array without end', '[{"a":1}'],
    ['an array with a hole', '[{"a":1},,{"b":2}]'],
    ['something behind an array', '[{"a":1}] x'],
    ['a text without end', '[{"a":"'],
  ])('refuses %s, and takes nothing of it', async (_, body) => {
    expect(await push(body)).toMatchObject({ status: 400, answer: { code: 'BODY_NOT_JSON' } })
    expect(await online.events?.newest('payments')).toBe(0n)
  })

  test('refuses more events than the limit, and takes as many as that in steps', async () => {
    const many = (count: number): string =>
      Array.from({ length: count }, (_, index) => JSON.stringify(event(`p${index}`))).join('\n')
    expect(await push(many(301), lines)).toMatchObject({ status: 413, answer: { code: 'TOO_MANY_EVENTS' } })
    expect((await push(many(300), lines)).answer).toMatchObject({ accepted: 300, position: 300 })
  })

  test('needs the scope, and the source if that is narrowed', async () => {
    const send = async (name: string, source: string) => {
      const response = await post(app, `/v1/push/${source}`, event('p1'), as(name))
      return [response.status, (await answerOf(response)).code]
    }
    expect(await send('reader', 'payments')).toEqual([403, 'SCOPE_MISSING'])
    expect(await send('narrow', 'payments')).toEqual([200, undefined])
    expect(await send('narrow', 'refunds')).toEqual([403, 'NAME_NOT_ALLOWED'])
    expect(await send('narrow', 'nothing')).toEqual([403, 'NAME_NOT_ALLOWED'])
    expect(await send('till', 'payment')).toEqual([404, 'SOURCE_UNKNOWN'])
    expect((await post(app, '/v1/push/payments', event('p9'))).status).toBe(401)
  })

  test('counts events by what became of them', async () => {
    await push([event('p1'), event('p1'), event('p2', { amount: 'x' })])
    const page = await (await app.request('/metrics', { headers: as('reader') })).text()
    const counted = page.split('\n').filter((line) => line.startsWith('martlet_push_events_total'))
    expect(counted).toEqual([
      'martlet_push_events_total{source="payments",outcome="accepted"} 1',
      'martlet_push_events_total{source="payments",outcome="repeated"} 1',
      'martlet_push_events_total{source="payments",outcome="rejected"} 1',
    ])
    expect(page).toContain('martlet_push_append_duration_seconds_count{source="payments"} 1')
  })

  test('is answered 404 where the online store takes no events', async () => {
    const { events: _, ...without } = openMemoryStore()
    await using other = serving({
      catalog: fixedCatalog({ services: [] }),
      online: without,
      sources: [payments],
      auth: 'none',
    })
    const response = await post(other, '/v1/push/payments', event('p1'))
    expect([response.status, (await answerOf(response)).code]).toEqual([404, 'NO_PUSH'])
  })

  test('keeps every digit of long numbers', async () => {
    const body =
      '{"payment_id":"p1","account_id":"a","amount":1234567890123456.78,"serial":9007199254740993,"ts":"2026-11-30T10:00:00Z"}'
    expect((await push(body)).answer).toMatchObject({ accepted: 1 })
    expect((await push(body.replace('.78', '.789').replace('p1', 'p2'))).answer.rejected?.[0]?.reasons).toMatchObject([
      { path: 'amount' },
    ])
  })
})

test('the typed client pushes dates, long numbers and nulls', async () => {
  const client = createPushClient<typeof payments>({
    url: 'http://ml.test/',
    source: 'payments',
    apiKey: 'till',
    fetch: (url, init) => app.request(url.replace('http://ml.test', ''), init),
  })
  const ts = new Date('2026-11-30T10:00:00Z')
  const answer = await client.push([
    { payment_id: 'p1', account_id: 'a', amount: '12.50', serial: 9_007_199_254_740_993n, ts },
    { payment_id: 'p2', account_id: 'a', amount: 1, serial: null, ts },
  ])
  expect(answer).toEqual({ accepted: 2, repeated: 0, rejected: [], position: 2 })
  // @ts-expect-error -- the source has no such column
  await client.push([{ payment_id: 'p3', account_id: 'a', amount: 1, ts, amuont: 2 }])
  // @ts-expect-error -- the arrival is nothing that an event says
  await client.push([{ payment_id: 'p4', account_id: 'a', amount: 1, ts, arrived_at: ts }])
  // @ts-expect-error -- ts is missing
  expect((await client.push([{ payment_id: 'p5', account_id: 'a', amount: 1 }])).rejected).toHaveLength(1)
})

describe("Feast's /push", () => {
  test('takes the rows of a data frame as events', async () => {
    const df = {
      payment_id: ['p1', 'p2', 'p3'],
      account_id: ['a', 'a', 'b'],
      amount: [1.5, 2, 'x'],
      ts: ['2026-11-30 10:00:00.5', '2026-11-30T11:00:00+01:00', '2026-11-30 10:00:00'],
    }
    const body = { push_source_name: 'payments', df, to: 'online_and_offline' }
    const response = await post(app, '/push', body, as('till'))
    expect([response.status, await response.json()]).toEqual([200, null])
    const events = (await online.events?.read('payments', 0n, 10)) ?? []
    expect(events.map(({ id, rejected }) => [Buffer.from(id).toString(), rejected === undefined])).toEqual([
      ['p1', true],
      ['p2', true],
      [expect.stringMatching(/^rejected:/), false],
    ])
  })

  test('changes no text, only times without a zone, and keeps long numbers as they are', async () => {
    const text = '2026-11-30 10:00:00'
    const df = `{"payment_id":["p1"],"account_id":["${text}"],"amount":[9007199254740993],"serial":[9007199254740993],"ts":["${text}"]}`
    const response = await post(app, '/push', `{"push_source_name":"payments","df":${df}}`, as('till'))
    expect(response.status).toBe(200)
    const [one] = (await online.events?.read('payments', 0n, 1)) ?? []
    expect(Buffer.from(one?.body ?? []).toString()).toBe(
      `{"payment_id":"p1","account_id":"${text}","amount":9007199254740993,"serial":9007199254740993,"ts":"2026-11-30T10:00:00Z"}`,
    )
    expect(one?.rejected).toBeUndefined()
  })

  test('refuses a frame whose rows are far longer than its body, and more rows than the limit', async () => {
    const long = 'x'.repeat(500_000)
    const body = (rows: number) => ({
      push_source_name: 'payments',
      df: { [long]: Array.from({ length: rows }).fill(1) },
    })
    const response = await post(app, '/push', body(300), as('till'))
    expect([response.status, await response.text()]).toEqual([413, expect.stringContaining('Push fewer rows')])
    const many = await post(app, '/push', body(301), as('till'))
    expect([many.status, await many.text()]).toEqual([413, expect.stringContaining('the limit is 300')])
    expect(await online.events?.newest('payments')).toBe(0n)
  })

  test.each([
    ['columns of different lengths', { payment_id: ['a'], ts: [] }],
    ['a column that is no array', { payment_id: 'a' }],
    ['no frame', 7],
  ])('refuses %s', async (_, df) => {
    const response = await post(app, '/push', { push_source_name: 'payments', df }, as('till'))
    expect(response.status).toBe(422)
  })
})
