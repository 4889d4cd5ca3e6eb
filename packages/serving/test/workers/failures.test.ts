import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { expect, onTestFinished, test } from 'vitest'
import { serveWorkers, type ServeWorkersOptions, type WorkerEvent } from '../../src/index.ts'
import { overfull } from '../../src/workers/overfull.ts'
import { temporaryFolder } from '../support/backing.ts'
import { isAlive } from './support/start.ts'

const patient = { timeout: 60_000, interval: 20 }

async function frail(fate: string): Promise<{ readonly fate: string; readonly options: ServeWorkersOptions }> {
  const file = join(await temporaryFolder(), 'fate')
  await writeFile(file, fate)
  const script = join(import.meta.dirname, 'support/frail-worker.js')
  return { fate: file, options: { script, args: [file], execArgv: [], workers: 2, port: 0, signals: false } }
}

test('a worker that ends before it is ready is an error, and nobody is left behind', async () => {
  const { options } = await frail('7')
  const pids: number[] = []
  const started = serveWorkers({ ...options, onSpawn: ({ pid = 0 }) => pids.push(pid) })
  await expect(started).rejects.toMatchObject({
    code: 'WORKER_FAILED',
    message: expect.stringMatching(/^Worker [12] ended with exit code 7 before it was ready\./),
    data: { exitCode: 7, signal: null },
  })
  expect(pids.map(isAlive)).toEqual([false, false])
})

test('a restart that is asked for during another one also replaces those that have just been replaced', async () => {
  const { options } = await frail('stay')
  const started: (number | undefined)[] = []
  let again: Promise<void> | undefined
  const workers = await serveWorkers({
    ...options,
    onEvent(event) {
      if (event.type !== 'worker-started') return
      started.push(event.pid)
      // The first of the two is there, and the second has not been begun.
      if (started.length === 3) again = workers.restart()
    },
  })
  onTestFinished(() => workers.close())
  await workers.restart()
  await again
  expect(started).toHaveLength(5)
  expect(new Set(workers.workers.map(({ pid }) => pid))).toEqual(new Set(started.slice(3)))
  expect(started.slice(0, 3).map((pid = 0) => isAlive(pid))).toEqual([false, false, false])
})

test('a port in use is told once, and the workers end', async () => {
  const { options } = await frail('stay')
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((listening) => other.once('listening', listening))
  onTestFinished(() => void other.close())
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const pids: number[] = []
  await expect(serveWorkers({ ...options, port, onSpawn: ({ pid = 0 }) => pids.push(pid) })).rejects.toMatchObject({
    code: 'LISTEN_FAILED',
    data: { port },
  })
  expect(pids.map(isAlive)).toEqual([false, false])
})

test('workers that cannot be kept alive are tried with growing pauses, and then given up', async () => {
  const { options, fate } = await frail('stay')
  const events: WorkerEvent[] = []
  const workers = await serveWorkers({ ...options, workers: 1, onEvent: (event) => events.push(event) })
  await writeFile(fate, '3')
  for (const { pid } of workers.workers) process.kill(pid, 'SIGKILL')
  await expect(workers.closed).rejects.toMatchObject({ code: 'WORKER_FAILED', data: { exitCode: 3 } })
  const pauses = events.flatMap((event) => ('restartMs' in event ? [event.restartMs] : []))
  expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200])
})

test('a number of workers that makes no sense is refused', async () => {
  const { options } = await frail('stay')
  for (const workers of [0, 1.5, 1000])
    await expect(serveWorkers({ ...options, workers })).rejects.toMatchObject({ code: 'INVALID_WORKERS' })
})

test('a worker that cannot be replaced stays', async () => {
  const { options, fate } = await frail('stay')
  const events: WorkerEvent[] = []
  await using workers = await serveWorkers({ ...options, onEvent: (event) => events.push(event) })
  const before = workers.workers.map(({ pid }) => pid)
  await writeFile(fate, '4')
  await expect(workers.restart()).rejects.toMatchObject({ code: 'WORKER_FAILED', data: { exitCode: 4 } })
  expect(workers.workers.map(({ pid }) => pid)).toEqual(before)
  expect(events.at(-1)).toMatchObject({ type: 'restart-failed', worker: 1, exitCode: 4 })
  await writeFile(fate, 'stay')
  await workers.restart()
  await expect.poll(() => workers.workers.filter(({ pid }) => before.includes(pid)), patient).toEqual([])
})

test('connections move when one worker has clearly more of them', () => {
  const [one, two] = [{ open: 8 }, { open: 0 }]
  expect(overfull([two, one])).toEqual({ worker: one, connections: 4 })
  expect(overfull([{ open: 2 }, { open: 0 }])).toBeUndefined()
  expect(overfull([{ open: 100 }, { open: 80 }])).toBeUndefined()
  expect(overfull([{ open: 100 }, { open: 90 }, { open: 10 }])).toEqual({ worker: { open: 100 }, connections: 45 })
  expect(overfull([])).toBeUndefined()
})
