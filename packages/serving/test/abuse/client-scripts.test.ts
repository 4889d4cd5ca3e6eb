import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openConnection, requestText, type Connection } from './support/connection.ts'
import { readBody } from './support/load.ts'
import { checkEverySlot } from './support/slots.ts'
import { startServer, type ServingProcess } from './support/serving-process.ts'
import { settled } from './support/watch.ts'

const runs = Math.max(1, Math.round(6 * Number(process.env['MARTLET_RUNS'])))

type Step =
  | { readonly do: 'send'; readonly request: number; readonly from: number; readonly to: number }
  | { readonly do: 'pipeline'; readonly requests: readonly number[] }
  | { readonly do: 'pause'; readonly ms: number }
  | { readonly do: 'stop reading' | 'read slowly' | 'half-close' | 'reset' | 'garbage' }

interface Script {
  readonly reading: boolean
  readonly steps: readonly Step[]
}

const requestCount = 7
const request = fc.nat(requestCount - 1)
/** Where a request is cut, in percent: mostly at its end, otherwise anywhere. */
const piece = fc.oneof(
  fc.constant([0, 100] as const),
  fc.tuple(fc.constant(0), fc.nat(100)),
  fc.tuple(fc.nat(100), fc.constant(100)),
  fc.tuple(fc.nat(100), fc.nat(100)),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(request, piece)
      .map(([which, [from, to]]) => ({ do: 'send', request: which, from, to }) as const),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(request, { minLength: 2, maxLength: 5 })
      .map((requests) => ({ do: 'pipeline', requests }) as const),
  },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 150 }).map((ms) => ({ do: 'pause', ms }) as const) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('stop reading', 'read slowly', 'half-close', 'reset', 'garbage')
      .map((what) => ({ do: what }) as const),
  },
)
const script: fc.Arbitrary<Script> = fc.record({ reading: fc.boolean(), steps: fc.array(step, { maxLength: 8 }) })

function requestsOf(prefix: string): readonly string[] {
  const path = (name: string): string => `${prefix}/v1/${name}`
  const post = (name: string, body: string): string => requestText('POST', path(name), { key: 'greedy', body })
  const requests = [
    post('features/small', readBody(1)),
    post('features/large', readBody(150)),
    requestText('GET', path('features/small?customer_id=c1'), { key: 'greedy' }),
    post('models/scorer/predict', readBody(3)),
    post('nothing/here', readBody(1)),
    requestText('POST', path('features/large'), {
      key: 'greedy',
      headers: { 'transfer-encoding': 'chunked', expect: '100-continue' },
    }) + '5\r\n{"key\r\n',
    post('features/small', '{'.repeat(2_000_000)),
  ]
  expect(requests).toHaveLength(requestCount)
  return requests
}

async function act({ socket, write }: Connection, steps: readonly Step[], requests: readonly string[]): Promise<void> {
  for (const one of steps) {
    if (socket.destroyed) return
    switch (one.do) {
      case 'send': {
        const text = requests[one.request] ?? ''
        if (socket.writable) write(text.slice((text.length * one.from) / 100, (text.length * one.to) / 100))
        break
      }
      case 'pipeline':
        if (socket.writable) write(one.requests.map((index) => requests[index]).join(''))
        break
      case 'pause':
        await sleep(one.ms)
        break
      case 'stop reading':
        socket.pause()
        break
      case 'read slowly': {
        const timer = setInterval(() => {
          socket.resume()
          setImmediate(() => socket.pause())
        }, 30)
        socket.once('close', () => clearInterval(timer))
        break
      }
      case 'half-close':
        socket.end()
        break
      case 'reset':
        socket.resetAndDestroy()
        break
      case 'garbage':
        if (socket.writable) write('\u0000\u0001GARBAGE /\r\n\r\n')
    }
  }
}

async function valuesOf(server: ServingProcess): Promise<unknown> {
  const { status, body } = await server.ask('POST', '/v1/features/small', { key: 'greedy', body: readBody(1) })
  expect(status, body).toBe(200)
  return JSON.parse(body).rows[0].values
}

const modes = ['plain', 'routed', 'mounted'] as const
test.concurrent.for(modes)('whatever clients do, the server is as it was (%s)', { timeout: 240_000 }, async (mode) => {
  await using server = await startServer({
    mode,
    limits: { deadlineMs: 200, sendMs: 300, inFlight: 64, inFlightPerKey: 32 },
    listen: { headersTimeoutMs: 1500, requestTimeoutMs: 2000, keepAliveMs: 300 },
  })
  const requests = requestsOf(server.prefix)
  const asEver = await valuesOf(server)
  const property = fc.asyncProperty(fc.array(script, { minLength: 20, maxLength: 50 }), async (scripts) => {
    const connections = scripts.map(({ reading }) => openConnection(server.port, { reading }))
    try {
      await Promise.all(scripts.map(({ steps }, index) => act(connections[index]!, steps, requests)))
      // The clients keep their ends open: the server must let go.
      await settled(server, 15_000)
    } finally {
      for (const { socket } of connections) socket.destroy()
    }
    expect((await server.ask('GET', '/health/live')).status).toBe(200)
    expect(await valuesOf(server)).toEqual(asEver)
    await checkEverySlot(server, 32)
    expect(server.complaints()).toBe('')
  })
  // A failing script takes long to run, so it is reported as it is instead of shrunk.
  await fc.assert(property, { numRuns: runs, endOnFailure: true })
})
