import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { ask } from '../abuse/support/connection.ts'
import { backing, trustedRuntime } from '../support/backing.ts'
import { startLanes } from './support/lanes.ts'
import { answered, compileCache, startWorkers } from './support/start.ts'

const patient = { timeout: 60_000, interval: 10 }
/** More in `npm run swaps`. */
const swaps = Number(process.env['MARTLET_SWAPS'] ?? '10')
const predicted = z.object({
  version: z.number(),
  rows: z.tuple([z.object({ prediction: z.object({ prediction: z.number() }) })]),
})

test(`${swaps} swaps under load reach both workers, and every answer is by exactly one version`, async () => {
  const { folder, register, promote } = await backing('lmdb', await trustedRuntime())
  const versions: number[] = []
  for (const bias of [0, 1, 2]) versions.push(await register(bias))
  await promote(1)
  const workers = await startWorkers('worker.ts', { folder })
  /** The version that each connection was last answered by; half of them are with each worker. */
  const newest = new Map<number, number>()
  const lanes = startLanes({
    port: workers.port,
    lanes: 8,
    request: () => ({ path: '/v1/models/usage_model/predict', body: '{"keys":[{"customer_id":"a"}]}' }),
    onAnswer({ body }, lane) {
      const { version, rows } = predicted.parse(JSON.parse(body))
      // 1.5 + 2 * 10.25 + 3 * 4, and the bias of exactly this version
      expect(rows[0].prediction.prediction).toBe(33 + version)
      newest.set(lane, version)
    },
  })
  await expect.poll(() => newest.size, patient).toBe(8)
  expect(workers.workers.map(({ connections }) => connections)).toEqual([4, 4])
  for (let swap = 1; swap <= swaps; swap++) {
    const version = versions[swap % 3] ?? 1
    await promote(version)
    await expect.poll(() => [...newest.values()], patient).toEqual(Array.from({ length: 8 }, () => version))
  }
  await lanes.stop()
  expect([...lanes.statuses.keys()]).toEqual([200])
  expect(lanes.broken.size).toBe(0)
  const metrics = await workers.metrics()
  expect(answered(metrics, '/v1/models/:model/predict')).toBe(lanes.statuses.get(200))
  expect(metrics.get(`martlet_model_live{model="usage_model",alias="champion",version="${1 + (swaps % 3)}"}`)).toBe(1)
}, 600_000)

const listed = z.object({ services: z.array(z.object({ name: z.string(), views: z.array(z.string()) })) })

test('definitions whose writer is killed in the middle are there wholly or not at all', async () => {
  const { folder } = await backing('lmdb')
  const workers = await startWorkers('worker.ts', { folder })
  const seen = new Set<string>()
  const lanes = startLanes({
    port: workers.port,
    lanes: 2,
    request: () => ({ path: '/v1/features/next_day', body: '{"keys":[{"customer_id":"a"}]}' }),
  })
  let looking = true
  const looks = (async () => {
    while (looking) {
      const { status, body } = await ask(workers.port, 'GET', '/v1/catalog')
      expect(status).toBe(200)
      const { services } = listed.parse(JSON.parse(body))
      const viewsOf = (name: string): string => String(services.find((service) => service.name === name)?.views.length)
      seen.add(`${viewsOf('next_day')} ${viewsOf('profile')}`)
      await sleep(5)
    }
  })()
  for (let kill = 0; kill < 3; kill++) {
    const script = join(import.meta.dirname, 'support/apply.ts')
    const child = spawn(process.execPath, ['--conditions=@martlet/source', script, folder], {
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    await sleep(100 + 50 * kill)
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  looking = false
  await looks
  await lanes.stop()
  expect([...lanes.statuses.keys()]).toEqual([200])
  expect(lanes.broken.size).toBe(0)
  seen.delete('2 undefined')
  expect(seen).toEqual(new Set(['2 1', '1 2']))
})
