import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { openConnection, requestText, type Connection, type RawAnswer } from './support/connection.ts'
import { checkEverySlot } from './support/slots.ts'
import { startServer, type ServingProcess } from './support/serving-process.ts'
import type { ServerSettings } from './support/settings.ts'
import { settled, watch } from './support/watch.ts'

const body = JSON.stringify({ keys: [{ customer_id: 'c1' }] })
const listen = { headersTimeoutMs: 2000, requestTimeoutMs: 4000, keepAliveMs: 1000 }
const deadlineMs = 300

/** The head of a POST whose body of 1000 bytes is announced, and whatever else is given. */
function head(
  path: string,
  headers: Readonly<Record<string, string>> = { 'content-length': '1000' },
  key = 'greedy',
): string {
  return requestText('POST', path, { key, headers: { 'content-type': 'application/json', ...headers } })
}

async function statuses(connections: readonly Connection[]): Promise<ReadonlyMap<number, number>> {
  const answers = await Promise.all(
    connections.map(async (connection) => {
      const answer = await connection.answer()
      await connection.closed
      return answer?.status ?? 0
    }),
  )
  return new Map([...new Set(answers)].map((status) => [status, answers.filter((each) => each === status).length]))
}

/** Reads with another key, one after the other, until `stop` is called. */
function readingMeanwhile(server: ServingProcess, key: string): { stop(): Promise<readonly RawAnswer[]> } {
  let running = true
  const answers: RawAnswer[] = []
  const loop = (async () => {
    while (running) {
      answers.push(await server.ask('POST', '/v1/features/small', { key, body }))
      await sleep(20)
    }
  })()
  return {
    async stop() {
      running = false
      await loop
      return answers
    },
  }
}

const modes = ['plain', 'routed', 'mounted'] as const

test.each(modes)(
  'bodies that never come hold the slots of their own key only, and for the deadline only (%s)',
  async (mode) => {
    const deadlineMs = 1000
    await using server = await startServer({ mode, limits: { deadlineMs, sendMs: 500 } })
    const { result, after, settledMs } = await watch(`600 bodies that never come, ${mode}`, server, async () => {
      const connections = Array.from({ length: 600 }, () => openConnection(server.port))
      for (const { write } of connections) write(head(`${server.prefix}/v1/features/small`))
      const others = readingMeanwhile(server, 'other')
      return { stalled: await statuses(connections), others: await others.stop() }
    })
    const { stalled, others } = result
    expect(
      [...stalled.keys()].filter((status) => ![503, 504].includes(status)),
      JSON.stringify([...stalled]),
    ).toEqual([])
    expect(stalled.get(504)).toBeGreaterThanOrEqual(256)
    expect(others.length).toBeGreaterThanOrEqual(2)
    expect(others.map(({ status }) => status).filter((status) => status !== 200)).toEqual([])
    expect(settledMs).toBeLessThan(deadlineMs + 2000)
    expect(after.slots).toBe(0)
    await checkServes(server)
  },
)

test('where the limits admit them, every body that never arrives is answered 504 and its connection closed', async () => {
  await using server = await startServer({ limits: { deadlineMs, sendMs: 500, inFlight: 1000, inFlightPerKey: 1000 } })
  const connections = Array.from({ length: 600 }, () => openConnection(server.port))
  for (const { write } of connections) write(head('/v1/features/small'))
  expect([...(await statuses(connections))]).toEqual([[504, 600]])
  await settled(server, deadlineMs + 2000)
  await checkServes(server)
})

test('one key may use its share of the slots, and is refused beyond it', async () => {
  await using server = await startServer({ limits: { deadlineMs: 2000, inFlight: 20, inFlightPerKey: 5 }, listen })
  const hold = (key: string) => {
    const connection = openConnection(server.port)
    connection.write(head('/v1/features/small', { 'content-length': String(body.length) }, key))
    return connection
  }
  const held = [1, 2, 3, 4, 5].map(() => hold('greedy'))
  await expect.poll(() => server.slots()).toBe(5)
  const refused = await server.ask('POST', '/v1/features/small', { key: 'greedy', body })
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } })
  expect(JSON.parse(refused.body)).toMatchObject({ code: 'OVERLOADED' })
  expect((await server.ask('POST', '/v1/features/small', { key: 'other', body })).status).toBe(200)
  for (const { write } of held) write(body)
  for (const connection of held) expect((await connection.answer())?.status).toBe(200)
})

/** What a client does to one connection; resolves when it is done. */
type Abuse = (connection: Connection, path: string, whole: string) => Promise<void> | void

const abuses: Readonly<
  Record<
    string,
    { readonly expected: readonly number[]; readonly act: Abuse; readonly large?: boolean; readonly aborts?: boolean }
  >
> = {
  'a body that never comes': { expected: [503, 504], act: ({ write }, path) => write(head(path)) },
  'chunks of one byte every 50 ms': {
    expected: [503, 504],
    async act(connection, path) {
      connection.write(head(path, { 'transfer-encoding': 'chunked' }))
      while (!connection.socket.destroyed && connection.socket.writable) {
        connection.write('1\r\n \r\n')
        await sleep(50)
      }
    },
  },
  'half of the headers': { expected: [408], act: ({ write }, path) => write(head(path).slice(0, 60)) },
  'Expect: 100-continue and nothing after it': {
    expected: [503, 504],
    act: ({ write }, path) => write(head(path, { 'content-length': '1000', expect: '100-continue' })),
  },
  'FIN after the headers': {
    expected: [0, 400, 503, 504],
    act({ write, socket }, path) {
      write(head(path))
      socket.end()
    },
  },
  // Node ends its side of a connection together with the other side, unless the answer has been written by then.
  'FIN after a whole request': {
    expected: [0, 200, 503, 504],
    act({ write, socket }, _path, whole) {
      write(whole)
      socket.end()
    },
  },
  'RST in the middle of the body': {
    expected: [0],
    aborts: true,
    async act({ write, socket }, path) {
      write(`${head(path)}{"keys":`)
      await sleep(30)
      socket.resetAndDestroy()
    },
  },
  'pipelined requests and an abort': {
    expected: [0, 200, 503],
    aborts: true,
    async act({ write, socket }, _path, whole) {
      write(whole.repeat(10))
      await sleep(5)
      socket.resetAndDestroy()
    },
  },
  'an abort right after the request': {
    expected: [0, 200, 503],
    aborts: true,
    async act({ write, socket }, _path, whole) {
      write(whole)
      await sleep(2)
      socket.resetAndDestroy()
    },
  },
  'an abort while the answer is being written': {
    expected: [0, 200, 503, 504],
    aborts: true,
    large: true,
    async act({ write, socket }, _path, whole) {
      write(whole)
      await new Promise((resolve) => socket.once('data', resolve).once('close', resolve))
      socket.resetAndDestroy()
    },
  },
  'a request whose body never comes and one behind it': {
    expected: [503, 504],
    act: ({ write }, path, whole) => write(head(path, { 'content-length': '100000' }) + whole),
  },
  'a request and one behind it whose body never comes': {
    expected: [0, 200, 503, 504],
    act: ({ write }, path, whole) => write(whole + head(path)),
  },
}

/** Few slots, so that a single lost one is noticed. */
const tight: ServerSettings = { limits: { deadlineMs, sendMs: 500, inFlight: 64, inFlightPerKey: 32 }, listen }

describe.each(modes)('%s', (mode) => {
  let server: ServingProcess
  beforeAll(async () => {
    server = await startServer({ ...tight, mode, storeMs: 10 })
    return () => server[Symbol.asyncDispose]()
  })

  test.each(Object.entries(abuses))(
    '%s: every slot and connection is given back',
    { timeout: 60_000 },
    async (name, { act, expected, large = false, aborts = false }) => {
      const path = `${server.prefix}/v1/features/${large ? 'large' : 'small'}`
      const many = JSON.stringify({
        keys: Array.from({ length: large ? 100 : 1 }, (_, index) => ({ customer_id: `c${index}` })),
      })
      const whole = requestText('POST', path, { key: 'greedy', body: many })
      const { result, failedProbes } = await watch(`${name}, ${mode}`, server, async () => {
        const connections = Array.from({ length: large ? 40 : 100 }, () => openConnection(server.port))
        const acting = connections.map(async (connection) => act(connection, path, whole))
        const seen = await statuses(connections)
        await Promise.all(acting)
        return seen
      })
      if (!aborts)
        expect(
          [...result.keys()].filter((status) => !expected.includes(status)),
          JSON.stringify([...result]),
        ).toEqual([])
      expect(failedProbes).toBe(0)
      await checkEverySlot(server, 32)
      await checkServes(server)
    },
  )
})

/** Both keys are answered, and nothing went wrong inside. */
async function checkServes(server: ServingProcess): Promise<void> {
  const requests = ['greedy', 'other'].flatMap((key) =>
    Array.from({ length: 10 }, () => server.ask('POST', '/v1/features/small', { key, body })),
  )
  expect((await Promise.all(requests)).map(({ status }) => status)).toEqual(requests.map(() => 200))
  expect(server.complaints()).toBe('')
  expect(server.isAlive()).toBe(true)
}
