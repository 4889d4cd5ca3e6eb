import { METHODS } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openConnection, requestText } from './support/connection.ts'
import { readBody, sendAll } from './support/load.ts'
import { hasProc, startServer } from './support/serving-process.ts'
import { largeFeatures } from './support/sizes.ts'
import { watch } from './support/watch.ts'

const read = '/v1/features/small'

/** About half of the 200 features: another half for every index. */
function subset(index: number): readonly string[] {
  return largeFeatures.filter((_, feature) => (Math.imul(index + 1, 2_654_435_761 ^ (feature * 40_503)) >>> 16) & 1)
}

const readSubset = (index: number): string =>
  requestText('POST', '/v1/features/large', { key: 'greedy', body: readBody(1, subset(index)) })

test.runIf(hasProc)(
  '2,000 different subsets of features are forgotten again, also when nobody reads the metrics',
  async () => {
    await using server = await startServer()
    // First comes what is kept on purpose, and the heap that this traffic needs.
    await sendAll(server.port, 600, 8, readSubset)
    const { result, before, after } = await watch(
      '2,000 subsets',
      server,
      () => sendAll(server.port, 2000, 8, (index) => readSubset(1000 + index)),
      { scrape: false },
    )
    expect([...result]).toEqual([[200, 2000]])
    // Kept for ever, they would take 400 MB.
    expect(after.held - before.held).toBeLessThan(40)
  },
  120_000,
)

test.runIf(hasProc)(
  '1,000 different subsets of features fit into 128 MB of heap',
  async () => {
    await using server = await startServer({}, ['--max-old-space-size=128'])
    const { result } = await watch(
      '1,000 subsets in 128 MB of heap',
      server,
      () => sendAll(server.port, 1000, 8, readSubset),
      { scrape: false },
    )
    expect([...result]).toEqual([[200, 1000]])
  },
  120_000,
)

test.runIf(hasProc)(
  'answers that nobody reads take bounded memory and end with their connections',
  async () => {
    const sendMs = 1000
    await using server = await startServer({ limits: { sendMs }, listen: { keepAliveMs: 500 } })
    const request = requestText('POST', '/v1/features/large', { key: 'greedy', body: readBody(500) })
    await server.ask('POST', '/v1/features/large', { key: 'greedy', body: readBody(500) })
    const connections = Array.from({ length: 60 }, () => openConnection(server.port, { reading: false }))
    const { before, during, after } = await watch(
      'answers nobody reads',
      server,
      async () => {
        // Two per connection, because one may fit into the buffers of the kernel and then counts as read.
        for (const { write } of connections) write(request.repeat(2))
        await sleep(500)
        const other = await server.ask('POST', read, { key: 'other', body: readBody(1) })
        expect(other.status, other.body).toBe(200)
        await expect.poll(() => server.slots(), { timeout: 15_000 }).toBe(0)
      },
      { settleMs: sendMs + 500 + 1000 + 2000 },
    )
    for (const { socket } of connections) socket.destroy()
    // 64 MiB of answers, once as text and once as bytes, and the same amount of garbage.
    expect(during.peakMemory - before.memory).toBeLessThan(300)
    expect(after.memory - before.memory).toBeLessThan(150)
    expect((await server.ask('POST', read, { key: 'greedy', body: readBody(1) })).status).toBe(200)
  },
  60_000,
)

test('a request for more values than valuesPerRequest is refused before anything is read', async () => {
  await using server = await startServer({ limits: { valuesPerRequest: 100 } })
  const ask = async (method: string, path: string, body?: string) => {
    const answer = await server.ask(method, path, { key: 'greedy', ...(body === undefined ? {} : { body }) })
    return answer.status === 200 ? 200 : [answer.status, JSON.parse(answer.body).code]
  }
  const tooMany = [413, 'TOO_MANY_VALUES']
  expect(await ask('POST', read, readBody(20))).toBe(200)
  expect(await ask('POST', read, readBody(21))).toEqual(tooMany)
  expect(await ask('POST', read, readBody(100, ['narrow__f0']))).toBe(200)
  expect(await ask('POST', read, readBody(101, ['narrow__f0']))).toEqual(tooMany)
  expect(await ask('POST', '/v1/features/large', readBody(1, largeFeatures.slice(0, 100)))).toBe(200)
  expect(await ask('POST', '/v1/features/large', readBody(1, largeFeatures.slice(0, 101)))).toEqual(tooMany)
  expect(await ask('POST', '/v1/models/scorer/predict', readBody(20))).toBe(200)
  expect(await ask('POST', '/v1/models/scorer/predict', readBody(21))).toEqual(tooMany)
  expect(await ask('GET', '/v1/features/large?customer_id=c1')).toEqual(tooMany)
  expect(await ask('GET', `/v1/features/large?customer_id=c1&features=${largeFeatures.slice(0, 100).join(',')}`)).toBe(
    200,
  )
})

test('a request may ask for 100,000 values by default', async () => {
  await using server = await startServer()
  const ask = (count: number) => server.ask('POST', '/v1/features/large', { key: 'greedy', body: readBody(count) })
  expect((await ask(500)).status).toBe(200)
  const refused = await ask(501)
  expect([refused.status, JSON.parse(refused.body).code]).toEqual([413, 'TOO_MANY_VALUES'])
})

// CONNECT and HEAD have answers of another shape.
const methods = METHODS.filter((method) => method !== 'CONNECT' && method !== 'HEAD')
const predict = '/v1/models/scorer/predict'
const greedy = { key: 'greedy' }
const other = { key: 'other' }
const one = readBody(1)
const chosen = (choice: object): string => JSON.stringify({ keys: [{ customer_id: 'c1' }], ...choice })
const inputs: Readonly<Record<string, readonly [count: number, request: (index: number) => string]>> = {
  'unknown paths': [5000, (index) => requestText('GET', `/none/${index}`, greedy)],
  'unknown paths with every method': [
    500,
    (index) => requestText(methods[index % methods.length] ?? 'GET', `/none/${index}`, greedy),
  ],
  'methods on known paths': [
    500,
    (index) => requestText(methods[index % methods.length] ?? 'GET', predict, { ...greedy, body: one }),
  ],
  'unknown services': [500, (index) => requestText('POST', `/v1/features/none-${index}`, { ...other, body: one })],
  'unknown models': [500, (index) => requestText('POST', `/v1/models/none-${index}/predict`, { ...other, body: one })],
  'unknown views': [500, (index) => requestText('GET', `/v1/catalog/views/none-${index}`, other)],
  'request ids': [
    500,
    (index) => requestText('POST', read, { ...greedy, body: one, headers: { 'x-request-id': `id-${index}` } }),
  ],
  'unknown API keys': [500, (index) => requestText('POST', read, { key: `none-${index}`, body: readBody(1) })],
  aliases: [500, (index) => requestText('POST', predict, { key: 'greedy', body: chosen({ alias: `none-${index}` }) })],
  versions: [500, (index) => requestText('POST', predict, { key: 'greedy', body: chosen({ version: 2 + index }) })],
  'alias histories': [500, (index) => requestText('GET', `/v1/models/scorer/aliases/none-${index}/history`, other)],
  'unknown features': [
    500,
    (index) => requestText('POST', read, { key: 'greedy', body: readBody(1, [`none-${index}`]) }),
  ],
  'unknown customers': [500, (index) => requestText('GET', `${read}?customer_id=none-${index}`, greedy)],
}

test('nothing is kept per distinct name, key, id, alias or method in requests', async () => {
  await using server = await startServer()
  // Once the first hundred of each kind are answered, every possible label has been seen.
  for (const [, request] of Object.values(inputs)) await sendAll(server.port, 100, 8, request)
  await server.ask('GET', '/health/live')
  const before = await server.metrics()
  const watched = await watch('distinct inputs', server, async () => {
    for (const [count, request] of Object.values(inputs))
      await sendAll(server.port, count, 8, (index) => request(100 + index))
  })
  const after = await server.metrics()
  expect([...after.keys()].filter((series) => !before.has(series))).toEqual([])
  expect([...after.keys()].filter((series) => series.includes('none'))).toEqual([])
  expect(watched.after.held - watched.before.held).toBeLessThan(10)
  expect(server.complaints()).toBe('')
}, 120_000)
