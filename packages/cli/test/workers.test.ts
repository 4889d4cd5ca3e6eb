import { createServer } from 'node:net'
import process from 'node:process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { emptyFolder, type TestProject } from './run-martlet.ts'

let project: TestProject
beforeAll(async () => {
  project = await emptyFolder()
  await project.json(0, 'init')
})
afterAll(() => project[Symbol.asyncDispose]())

const patient = { timeout: 60_000, interval: 20 }
const answer = z.object({
  url: z.string(),
  ready: z.boolean(),
  workers: z.array(z.object({ worker: z.number(), pid: z.number() })),
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

it('serve --workers says which processes answer, replaces one that is killed, and takes all along when it is killed', async () => {
  const server = project.start('serve', '--port', '0', '--workers', '2', '--json')
  const { url, ready, workers } = answer.parse(JSON.parse(await server.printed('\n', 'stdout')))
  expect(ready).toBe(true)
  expect(workers.map(({ worker }) => worker)).toEqual([1, 2])
  expect(new Set([server.child.pid, ...workers.map(({ pid }) => pid)]).size).toBe(3)
  const metrics = async (): Promise<string> =>
    (await fetch(`${url}/metrics`, { headers: { connection: 'close' } })).text()
  expect(await metrics()).toContain('martlet_serving_workers{state="ready"} 2')

  const [first] = workers
  process.kill(first?.pid ?? 0, 'SIGKILL')
  const printed = await server.printed('"worker-ended"', 'stderr')
  const events = printed
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'worker-ended', worker: 1, pid: first?.pid, signal: 'SIGKILL', restartMs: 100 }),
  )
  await expect.poll(metrics, patient).toContain('martlet_serving_worker_restarts_total{reason="ended"} 1')
  const [, replacement = ''] =
    /"worker":1,"pid":(\d+)\}\n*$/.exec(await server.printed('"worker-started","worker":1,"pid":', 'stderr')) ?? []

  server.child.kill('SIGKILL')
  await server.ended
  const pids = [workers[1]?.pid ?? 0, Number(replacement)]
  await expect.poll(() => pids.filter((pid) => pid > 0 && isAlive(pid)), patient).toEqual([])
  await expect(fetch(url)).rejects.toThrow('fetch failed')
})

it('why workers do not start is told once, as without them', async () => {
  const other = createServer()
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening))
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? String(address.port) : ''
  const [taken, open] = await Promise.all([
    project.json(1, 'serve', '--workers', '2', '--port', port),
    // Only the workers know that nobody needs a key.
    project.martlet('serve', '--workers', '2', '--port', '0', '--host', '0.0.0.0'),
  ])
  other.close()
  expect(taken).toMatchObject({ ok: false, error: { code: 'LISTEN_FAILED', data: { port: Number(port) } } })
  expect(open).toMatchObject({ code: 1, stdout: '' })
  expect(open.stderr.match(/^error LISTEN_REFUSED$/gm)).toHaveLength(1)
  expect(open.stderr).not.toContain('worker')
  expect(await project.json(64, 'serve', '--workers', '1e3')).toMatchObject({ error: { code: 'USAGE' } })
})
