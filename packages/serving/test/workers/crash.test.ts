import { readdir, readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { ServingWorkers } from '../../src/index.ts'
import { openConnection, requestText } from '../abuse/support/connection.ts'
import { backing, trustedRuntime } from '../support/backing.ts'
import { startLanes, type Lanes } from './support/lanes.ts'
import { startWorkers } from './support/start.ts'

const path = '/v1/models/usage_model/predict'
const body = JSON.stringify({ keys: [{ customer_id: 'a' }] })
const request = () => ({ path, body })

/** Everything that starts takes long on a busy machine. */
const patient = { timeout: 60_000, interval: 20 }

test('replacing workers under load fails no request, and killing one only those on its own connections', async () => {
  const { folder, register, promote } = await backing('lmdb', await trustedRuntime())
  await promote(await register(0))
  const workers = await startWorkers('worker.ts', { folder })
  const port = Number(new URL(workers.url).port)
  const lanes = startLanes({ port, lanes: 8, request })
  const sent = (): number => lanes.statuses.get(200) ?? 0
  await expect.poll(sent, patient).toBeGreaterThan(50)

  // One is told to end, then all are replaced.
  const before = workers.workers.map(({ pid }) => pid)
  process.kill(before[0] ?? 0, 'SIGTERM')
  await expect.poll(() => workers.workers.filter(({ pid }) => pid !== before[0]).length, patient).toBe(2)
  await workers.restart()
  expect(workers.workers.map(({ pid }) => pid).filter((pid) => before.includes(pid))).toEqual([])
  expect(lanes.broken.size).toBe(0)

  // Then one is killed.
  await expect.poll(() => fewest(workers), patient).toBeGreaterThan(1)
  const [killed] = workers.workers
  if (killed === undefined) throw new Error('there is no worker')
  process.kill(killed.pid, 'SIGKILL')
  await expect.poll(() => workers.events.some(({ type }) => type === 'worker-ended'), patient).toBe(true)
  const [event] = workers.events.filter(({ type }) => type === 'worker-ended')
  expect(event).toMatchObject({ worker: killed.worker, pid: killed.pid, signal: 'SIGKILL', exitCode: null })
  const lost = event !== undefined && 'connections' in event ? event.connections : 0
  expect(lost).toBeGreaterThan(0)
  await expect.poll(() => workers.workers.length, patient).toBe(2)
  // The new one gets its share by answers after which clients connect anew.
  await expect.poll(() => fewest(workers), patient).toBeGreaterThan(1)
  await lanes.stop()
  expect([...lanes.statuses.keys()]).toEqual([200])
  expect(lanes.broken.size).toBe(lost)

  const metrics = await workers.metrics()
  expect(metrics.get('martlet_serving_connections_lost_total')).toBe(lost)
  expect(metrics.get('martlet_serving_worker_restarts_total{reason="ended"}')).toBe(2)
  expect(metrics.get('martlet_serving_worker_restarts_total{reason="asked"}')).toBe(2)
  expect(metrics.get('martlet_serving_workers{state="ready"}')).toBe(2)
  await workers.close()
  await expectWholeLog(join(folder, 'log'), lanes)
})

function fewest({ workers }: ServingWorkers): number {
  return Math.min(...workers.map(({ connections }) => connections))
}

/** No half lines, nothing twice, and nothing missing of the callers who noticed nothing. */
async function expectWholeLog(folder: string, { broken }: Lanes): Promise<void> {
  const files = await readdir(folder, { recursive: true })
  expect(files.filter((name) => name.endsWith('.open'))).toEqual([])
  const logs = files.filter((name) => name.endsWith('.jsonl'))
  expect(new Set(logs.map((name) => /-w(\d)\.jsonl$/.exec(name)?.[1]))).toEqual(new Set(['1', '2']))
  const counts = new Map<number, number[]>()
  for (const name of logs) {
    const text = await readFile(join(folder, name), 'utf8')
    expect(text.endsWith('\n')).toBe(true)
    for (const line of text.trimEnd().split('\n')) {
      const [, lane = '', count] = /^lane(\d+)-(\d+)$/.exec(JSON.parse(line).requestId) ?? []
      counts.set(Number(lane), [...(counts.get(Number(lane)) ?? []), Number(count)])
    }
  }
  expect(counts.size).toBe(8)
  for (const [lane, logged] of counts) {
    const ordered = logged.toSorted((one, two) => one - two)
    expect(new Set(ordered).size).toBe(ordered.length)
    // What waited in the memory of the killed worker is lost.
    if (!broken.has(lane)) expect(ordered).toEqual(ordered.map((_, index) => index))
  }
}

test('connections that a killed worker had not taken yet go to the other one', async () => {
  const workers = await startWorkers('light-worker.ts', {})
  const [stuck] = workers.workers
  if (stuck === undefined) throw new Error('there is no worker')
  process.kill(stuck.pid, 'SIGSTOP')
  const answers = Array.from({ length: 40 }, async () => {
    const connection = openConnection(workers.port)
    connection.write(requestText('GET', '/', { headers: { connection: 'close' } }))
    return (await connection.answer())?.body
  })
  const settled = Promise.all(answers)
  // A few wait with the one that is stuck.
  expect(await Promise.race([settled, sleep(300)])).toBeUndefined()
  process.kill(stuck.pid, 'SIGKILL')
  const numbers = await settled
  expect(numbers).toHaveLength(40)
  expect(new Set(numbers)).toEqual(new Set([String(3 - stuck.worker)]))
})

test('a request whose headers do not arrive ends in a worker, too', async () => {
  const { port } = await startWorkers('light-worker.ts', { headersTimeoutMs: 100 }, { workers: 1 })
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.on('data', (chunk) => (text += String(chunk)))
  socket.write('GET / HTTP/1.1\r\nhost: local')
  await new Promise((closed) => socket.once('close', closed))
  expect(text).toMatch(/^HTTP\/1\.1 408 /)
})
