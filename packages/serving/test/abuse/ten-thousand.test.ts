import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openConnection, requestText, type Connection } from './support/connection.ts'
import { readBody } from './support/load.ts'
import { checkEverySlot } from './support/slots.ts'
import { hasProc, startServer, type ServingProcess } from './support/serving-process.ts'
import { watch } from './support/watch.ts'

/** Descriptors that a process may have open here, minus some for what else it opens. */
const descriptors = Number(execFileSync('sh', ['-c', 'ulimit -n']).toString().replace('unlimited', '1000000')) - 200
const count = Math.min(10_000, descriptors)
if (count < 10_000) console.log(`only ${count} connections instead of 10,000: ulimit -n allows no more`)

const small = '/v1/features/small'
const stalled = requestText('POST', small, {
  key: 'greedy',
  headers: { 'content-type': 'application/json', 'content-length': '1000' },
})
const large = requestText('POST', '/v1/features/large', { key: 'greedy', body: readBody(2) })

/** Stalls in the headers or the body, aborts, or sends a request and never reads. */
function abuse({ write, socket }: Connection, index: number): void {
  if (index % 3 === 0) write(index % 2 === 0 ? stalled : stalled.slice(0, 40))
  else if (index % 3 === 1) {
    write(index % 2 === 0 ? large : `${stalled}{`)
    setTimeout(() => socket.resetAndDestroy(), index % 100)
  } else write(large.repeat(2))
}

function connected({ socket, closed }: Connection): Promise<unknown> {
  return Promise.race([closed, socket.connecting ? once(socket, 'connect').catch(() => undefined) : undefined])
}

async function medianRead(server: ServingProcess): Promise<number> {
  const times: number[] = []
  for (let reads = 0; reads < 50; reads++) {
    const start = performance.now()
    expect((await server.ask('POST', small, { key: 'other', body: readBody(1) })).status).toBe(200)
    times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)[25] ?? Number.NaN
}

test(`after ${count} connections that stall, abort or never read, the server is as it was`, async () => {
  await using server = await startServer({
    limits: { deadlineMs: 1000, sendMs: 3000 },
    listen: { headersTimeoutMs: 18_000, requestTimeoutMs: 18_000, keepAliveMs: 18_000, maxConnections: count + 100 },
  })
  await medianRead(server)
  const before = await medianRead(server)
  const connections: Connection[] = []
  const watched = await watch(
    `${count} connections`,
    server,
    async () => {
      for (let index = 0; index < count; index++) {
        const connection = openConnection(server.port, { reading: index % 3 !== 2 })
        connections.push(connection)
        abuse(connection, index)
        // In waves, so that the accept queue does not overflow, which would delay connections by seconds.
        if (index % 200 === 199) await Promise.all(connections.slice(-200).map(connected))
      }
      await sleep(500)
    },
    { settleMs: 40_000 },
  )
  for (const { socket } of connections) socket.destroy()
  const after = await medianRead(server)
  console.log(`  median of 50 reads: ${before.toFixed(1)} ms before, ${after.toFixed(1)} ms after`)
  expect(after).toBeLessThan(5 * before + 20)
  if (hasProc) expect(watched.during.connections).toBeGreaterThan(count / 10)
  expect(watched.after.held - watched.before.held).toBeLessThan(40)
  await checkEverySlot(server, 200)
  expect(server.complaints()).toBe('')
}, 240_000)

test('connections beyond maxConnections are refused until there is room again', async () => {
  await using server = await startServer({ listen: { maxConnections: 20 } })
  const connections = Array.from({ length: 60 }, () => openConnection(server.port))
  const connected = connections.map(async ({ closed }) =>
    Promise.race([closed.then(() => 'refused'), sleep(1000, 'kept')]),
  )
  const outcomes = await Promise.all(connected)
  expect(outcomes.filter((outcome) => outcome === 'kept')).toHaveLength(20)
  for (const { socket } of connections) socket.destroy()
  await expect
    .poll(async () => (await server.ask('GET', '/health/live').catch(() => undefined))?.status, { timeout: 5000 })
    .toBe(200)
})
