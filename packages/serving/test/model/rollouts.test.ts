import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { MartletError } from '@martlet/warehouse'
import { entityShare, keyTextOf } from '../../src/desk/model/rollout/entity-share.ts'
import { shadowQueue } from '../../src/desk/model/rollout/shadow-queue.ts'
import { sideCounts } from '../../src/desk/model/rollout/side-counts.ts'
import type { Failure, PredictAnswer, ServingApp } from '../../src/index.ts'
import { temporaryFolder } from '../support/backing.ts'
import { metered, usageOnly } from '../support/energy.ts'
import { post, serveEnergy } from '../support/serve.ts'
import { trialSource, type TrialSource } from '../support/trial-source.ts'

const path = '/v1/models/sum/predict'

async function serveTrial(trial: TrialSource, options: Parameters<typeof serveEnergy>[0] = {}): Promise<ServingApp> {
  const app = await serveEnergy({ registry: trial.source, ...options })
  onTestFinished(() => app.close())
  await app.start()
  return app
}

async function ask(app: ServingApp, keys: readonly string[], more: object = {}): Promise<PredictAnswer> {
  const response = await post(app, path, { keys: keys.map((customer_id) => ({ customer_id })), ...more })
  expect(response.status).toBe(200)
  const answer: PredictAnswer = JSON.parse(await response.text())
  // Each answer is by exactly the version that it names.
  for (const { keys, prediction } of answer.rows)
    if (keys['customer_id'] === 'a') expect(prediction['sum']).toBe(1.5 + 1000 * answer.version)
  return answer
}

/** The thread has time for shadow work, however busy this machine is. */
function withTime(): void {
  const load = vi.spyOn(performance, 'eventLoopUtilization').mockReturnValue({ idle: 1, active: 0, utilization: 0 })
  onTestFinished(() => load.mockRestore())
}

const metric = async (app: ServingApp, name: string): Promise<readonly string[]> =>
  (await (await app.request('/metrics')).text()).split('\n').filter((line) => line.startsWith(name))

test('at every weight the share of entities is within three standard errors of it', () => {
  const keys = 20_000
  for (const salt of ['churn/1', 'churn/2']) {
    const places = Array.from({ length: keys }, (_, index) => entityShare(salt, `customer-${index}`))
    for (let weight = 1; weight <= 99; weight++) {
      const share = places.filter((place) => place < weight).length / keys
      const error = Math.sqrt(((weight / 100) * (1 - weight / 100)) / keys)
      expect(Math.abs(share - weight / 100) / error, `${salt} at ${weight}`).toBeLessThan(3)
    }
    expect(Math.min(...places)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...places)).toBeLessThan(100)
  }
  // Another roll-out chooses other entities.
  const both = Array.from({ length: keys }, (_, index) => `customer-${index}`).filter(
    (key) => entityShare('churn/1', key) < 10 && entityShare('churn/2', key) < 10,
  )
  expect(Math.abs(both.length - keys * 0.01)).toBeLessThan(3 * Math.sqrt(keys * 0.01 * 0.99))
})

test('an entity is the same however its key is written, and columns do not run together', () => {
  const one = keyTextOf(usageOnly.plan)
  const two = keyTextOf(metered.plan)
  expect(one?.({ customer_id: 'a' })).toBe('a')
  expect(two?.({ meter_id: 7n, customer_id: 'a' })).toBe(two?.({ meter_id: 7, customer_id: 'a' }))
  expect(two?.({ meter_id: 7n, customer_id: '1' })).not.toBe(two?.({ meter_id: 71n, customer_id: '' }))
})

test('requests are shared by entity, and an entity stays with the candidate as the weight grows', async () => {
  const trial = trialSource()
  const app = await serveTrial(trial)
  const keys = Array.from({ length: 300 }, (_, index) => `customer-${index}`)
  let chosen = new Set<string>()
  for (const [index, weight] of [5, 20, 60, 100].entries()) {
    trial.step({ weight }, index)
    await app.refresh()
    const now = new Set<string>()
    for (const key of keys) if ((await ask(app, [key])).version === 2) now.add(key)
    expect([...chosen].filter((key) => !now.has(key))).toEqual([])
    expect(Math.abs(now.size - keys.length * (weight / 100))).toBeLessThanOrEqual(
      3 * Math.sqrt((keys.length * weight * (100 - weight)) / 10_000),
    )
    chosen = now
    for (const key of keys.slice(0, 5)) expect((await ask(app, [key])).version).toBe(now.has(key) ? 2 : 1)
  }
  trial.rollout = undefined
  await app.refresh()
  for (const key of keys.slice(0, 20)) expect((await ask(app, [key])).version).toBe(1)
})

test('a request with several keys goes by the first, and one that names a version or another alias is left alone', async () => {
  const trial = trialSource()
  trial.step({ weight: 50 })
  const app = await serveTrial(trial)
  const versions = new Map<string, number>()
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) versions.set(key, (await ask(app, [key])).version)
  expect(new Set(versions.values())).toEqual(new Set([1, 2]))
  for (const [key, version] of versions) {
    expect((await ask(app, [key, 'a', 'b'])).version).toBe(version)
    expect((await ask(app, [key], { alias: 'champion' })).version).toBe(version)
    expect((await ask(app, [key], { alias: 'challenger' })).version).toBe(2)
    expect((await ask(app, [key], { version: 1 })).version).toBe(1)
  }
})

test('what is seen of both versions is stored for the guards', async () => {
  const trial = trialSource({ 2: { missing: 'refused' } })
  trial.step({ weight: 50 })
  const app = await serveTrial(trial)
  let refused = 0
  for (let index = 0; index < 40; index++) {
    const response = await post(app, path, { keys: [{ customer_id: index % 2 === 0 ? 'a' : `nobody-${index}` }] })
    if (response.status === 422) refused++
  }
  expect(refused).toBeGreaterThan(3)
  await app.refresh()
  const [stable, candidate] = [trial.seen('stable'), trial.seen('candidate')]
  expect((stable?.requests ?? 0) + (candidate?.requests ?? 0)).toBe(40)
  expect([stable?.errors, candidate?.errors]).toEqual([0, refused])
  for (const side of [stable, candidate]) {
    const answered = (side?.requests ?? 0) - (side?.errors ?? 0)
    expect(side).toMatchObject({ rows: answered, values: 3 * answered, scores: answered })
    expect(Object.values(side?.latency ?? {}).reduce((sum, count) => sum + count, 0)).toBe(answered)
    expect(side?.sample.length).toBe(answered - (side?.nullScores ?? 0))
  }
  // Nobody is known but a, and what is not known has no score.
  expect(stable?.missing).toBe(3 * (stable?.nullScores ?? 0))
  expect(await metric(app, 'martlet_model_errors_total')).toEqual([
    `martlet_model_errors_total{model="sum",version="2",code="FEATURE_MISSING"} ${refused}`,
  ])
  const before = trial.stored.length
  await app.refresh()
  expect(trial.stored.length).toBe(before)
  // A mistake of the caller is nobody's failure.
  expect((await post(app, path, { keys: [{ customer: 'a' }] })).status).toBe(400)
  await app.refresh()
  expect(trial.seen('candidate')?.errors).toBe(refused)
})

test('evidence that cannot be stored is kept, reported once, and stored later', async () => {
  const trial = trialSource()
  trial.step({ weight: 100 })
  const failures: Failure[] = []
  let broken = true
  const { writeEvidence } = trial.source
  trial.source.writeEvidence = (records) =>
    broken ? Promise.reject(new Error('locked')) : (writeEvidence?.(records) ?? Promise.resolve())
  const app = await serveTrial(trial, { onError: (failure) => failures.push(failure) })
  for (let round = 0; round < 3; round++) {
    await ask(app, ['a'])
    await app.refresh()
  }
  expect(failures).toHaveLength(1)
  broken = false
  await app.refresh()
  expect(trial.seen('candidate')?.requests).toBe(3)
})

test.for([
  [
    'cannot be loaded',
    {
      load: () => {
        throw new MartletError('ARTIFACT_MISSING', 'gone')
      },
    },
    'Version 2 could not be loaded (ARTIFACT_MISSING), so version 1 answers all requests.',
  ],
  [
    'has other keys',
    { service: 'metered' },
    'Versions 1 and 2 need other keys or other values of a request, so version 1 answers all requests.',
  ],
] as const)(
  'a candidate that %s gets no requests, and readiness, model and metrics say why',
  async ([, second, why]) => {
    const trial = trialSource({ 2: second })
    trial.step({ weight: 100 })
    const app = await serveTrial(trial, { onError: () => undefined })
    for (let index = 0; index < 10; index++) expect((await ask(app, [`c${index}`])).version).toBe(1)
    const ready = await app.ready()
    expect(ready).toMatchObject({
      ready: true,
      checks: { 'model:sum': { ok: true, detail: expect.stringContaining(`Roll-out 3 has no effect now. ${why}`) } },
    })
    const shown: unknown = await (await app.request('/v1/models/sum')).json()
    expect(shown).toMatchObject({ rollout: { rollout: 3, candidate: { version: 2 }, step: 0, obstacle: why } })
    expect(await metric(app, 'martlet_rollout_weight')).toEqual([
      'martlet_rollout_weight{model="sum",version="2",mode="answers"} 0',
    ])
  },
)

test('a version other than the pinned ones is not mixed in', async () => {
  const trial = trialSource()
  trial.step({ weight: 100 })
  const rollout = trial.rollout
  trial.rollout = rollout === undefined ? rollout : { ...rollout, stable: { alias: 'champion', version: 7 } }
  const app = await serveTrial(trial)
  expect((await ask(app, ['a'])).version).toBe(1)
  expect((await app.ready()).checks['model:sum']?.detail).toContain('Version 7 does not answer for champion.')
})

test('in shadow the champion answers, and the candidate is run, logged, compared and counted afterwards', async () => {
  withTime()
  const folder = await temporaryFolder()
  const trial = trialSource({ 2: { score: (kwh) => kwh + 1000.25 } })
  trial.step({ weight: 100, shadow: true })
  const app = await serveTrial(trial, { log: { folder } })
  for (const key of ['a', 'b', 'nobody']) {
    const response = await post(app, path, { keys: [{ customer_id: key }] }, { 'x-request-id': `for-${key}` })
    expect(await response.json()).toMatchObject({ version: 1 })
  }
  await expect
    .poll(() => metric(app, 'martlet_shadow'), { timeout: 20_000 })
    .toEqual([
      'martlet_shadow_rows_total{model="sum",version="2"} 3',
      'martlet_shadow_compared_total{model="sum",version="2"} 2',
      'martlet_shadow_distance_total{model="sum",version="2"} 0.5',
      'martlet_shadow_disagreements_total{model="sum",version="2"} 0',
    ])
  await app.refresh()
  expect(trial.seen('candidate')).toMatchObject({ requests: 3, errors: 0, compared: 2, distance: 0.5, nullScores: 1 })
  expect(trial.seen('stable')).toMatchObject({ requests: 3, errors: 0, compared: 0 })
  await app.close()
  const [file = ''] = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.jsonl'))
  const lines = (await readFile(join(folder, file), 'utf8'))
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line))
  const of = (role: string): readonly unknown[] =>
    lines
      .filter((line) => line['role'] === role)
      .map(({ requestId, version, rollout, prediction }) => [requestId, version, rollout, prediction])
  expect(of('stable')).toEqual([
    ['for-a', 1, 3, { sum: 1001.5 }],
    ['for-b', 1, 3, { sum: 1002.5 }],
    ['for-nobody', 1, 3, { sum: null }],
  ])
  expect(of('shadow')).toEqual([
    ['for-a', 2, 3, { sum: 1001.75 }],
    ['for-b', 2, 3, { sum: 1002.75 }],
    ['for-nobody', 2, 3, { sum: null }],
  ])
})

test('a candidate that fails in shadow fails no request', async () => {
  withTime()
  const failing = { before: () => Promise.reject(new MartletError('MODEL_RUN_FAILED', 'no')) }
  const trial = trialSource({ 2: failing })
  trial.step({ weight: 100, shadow: true })
  const app = await serveTrial(trial)
  for (let index = 0; index < 10; index++) expect((await ask(app, ['a'])).version).toBe(1)
  await expect
    .poll(() => metric(app, 'martlet_model_errors_total'), { timeout: 20_000 })
    .toEqual(['martlet_model_errors_total{model="sum",version="2",code="MODEL_RUN_FAILED"} 10'])
  await app.refresh()
  expect(trial.seen('candidate')).toMatchObject({ requests: 10, errors: 10 })
  expect(trial.seen('stable')).toMatchObject({ requests: 10, errors: 0 })
})

test('a candidate that never ends in shadow holds up no request: what does not fit is dropped and counted', async () => {
  withTime()
  const { promise, resolve } = Promise.withResolvers<void>()
  const trial = trialSource({ 2: { before: () => promise } })
  trial.step({ weight: 100, shadow: true })
  const app = await serveTrial(trial)
  for (let index = 0; index < 80; index++) expect((await ask(app, ['a'])).version).toBe(1)
  const dropped = (await metric(app, 'martlet_shadow_dropped_total')).map((line) => Number(line.split(' ').at(-1)))
  // One is under way, 64 wait.
  expect(dropped.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(15)
  resolve()
})

test('shadow work is dropped first when the thread is busy', async () => {
  let load = 0.5
  const queue = shadowQueue(() => load)
  const done: number[] = []
  expect(queue.offer(async () => void done.push(1))).toBe(undefined)
  load = 0.95
  expect(queue.offer(async () => void done.push(2))).toBe('busy')
  await queue.close()
  expect(done).toEqual([1])
  expect(queue.offer(async () => void done.push(3))).toBe('queue')
})

test('of more scores than a sample holds, those with the smallest numbers are kept', () => {
  let drawn = 0
  // 0, 0.7391, 0.4782 …: each number once, in no order.
  const counts = sideCounts(() => ((drawn++ * 7391) % 10_000) / 10_000)
  for (let request = 0; request < 100; request++)
    counts.scores(
      { y: { element: 'float32', dims: [100, 1], data: Float32Array.from({ length: 100 }, (_, row) => row) } },
      100,
    )
  const { scores, sample } = counts.evidence()
  expect(scores).toBe(10_000)
  expect(sample.map(([tag]) => tag)).toEqual(Array.from({ length: 1000 }, (_, index) => index / 10_000))
})
