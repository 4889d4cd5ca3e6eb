import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { listen, type Failure, type ModelAnswer } from '../../src/index.ts'
import { backing, trustedRuntime } from '../support/backing.ts'
import { post } from '../support/serve.ts'

const path = '/v1/models/usage_model/predict'
const body = JSON.stringify({ keys: [{ customer_id: 'a' }] })

test('a champion that is replaced 100 times under load never fails a request and answers with one version at a time', async () => {
  const { register, promote, serve } = await backing('memory', await trustedRuntime())
  const versions: number[] = []
  for (const bias of [0, 1, 2, 3]) versions.push(await register(bias))
  await promote(1)
  const app = serve({ graceMs: 1, limits: { versionsLoaded: 1 } })
  await using server = await listen(app, { port: 0, signals: false })
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  onTestFinished(() => agent.destroy())

  const statuses = new Map<number, number>()
  const seen = new Set<number>()
  const load = { running: true }
  async function caller(): Promise<void> {
    while (load.running) {
      const { status, answer } = await ask(`${server.url}${path}`, agent)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      const { version, rows } = answer
      seen.add(version)
      // 1.5 + 2 * 10.25 + 3 * 4, and the bias of exactly this version
      if (rows[0]?.prediction.prediction !== 34 + version - 1)
        throw new Error(`version ${version} predicted ${JSON.stringify(rows)}`)
    }
  }
  const callers = Array.from({ length: 8 }, caller)
  for (let swap = 1; swap <= 100; swap++) {
    await promote(versions[swap % 4] ?? 1)
    await app.refresh()
  }
  load.running = false
  await Promise.all(callers)
  expect([...statuses.keys()]).toEqual([200])
  expect(statuses.get(200)).toBeGreaterThan(100)
  expect(seen).toEqual(new Set(versions))
  // One answers, one is in its grace period, one is kept as a version requested by number.
  const { loaded }: ModelAnswer = JSON.parse(await (await app.request('/v1/models/usage_model')).text())
  expect(loaded.length).toBeLessThanOrEqual(3)
  expect(loaded.filter(({ aliases }) => aliases.includes('champion'))).toHaveLength(1)
}, 120_000)

interface Predicted {
  readonly version: number
  readonly rows: readonly { readonly prediction: { readonly prediction: number } }[]
}

function ask(url: string, agent: Agent): Promise<{ status: number; answer: Predicted }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
      (response) => {
        text(response).then(
          (answer) => resolve({ status: response.statusCode ?? 0, answer: JSON.parse(answer) }),
          reject,
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

test('when a champion cannot be loaded the old one continues to answer, and readiness and metrics show it', async () => {
  const { register, promote, registry, serve } = await backing()
  const failures: Failure[] = []
  await promote(await register(0))
  const app = serve({ onError: (failure) => failures.push(failure) })
  await app.start()
  await promote(await register(1))
  const { artifact } = await registry.version('usage_model', 2)
  await registry.artifacts.remove(artifact.sha256)
  await app.refresh()
  await app.refresh()
  expect(await (await post(app, path, body)).json()).toMatchObject({ version: 1 })
  const ready = await app.request('/health/ready')
  expect(ready.status).toBe(200)
  expect(await ready.json()).toMatchObject({
    ready: true,
    checks: {
      'model:usage_model': {
        ok: true,
        detail: 'Version 2 could not be loaded (ARTIFACT_MISSING). Version 1 continues to answer.',
      },
    },
  })
  expect(await (await app.request('/metrics')).text()).toMatch(
    /martlet_model_loads_total\{model="usage_model",outcome="failed"\} 1/,
  )
  // Reported once, not at every poll.
  expect(failures).toMatchObject([{ route: 'models', error: { code: 'ARTIFACT_MISSING' } }])

  await promote(await register(2))
  await app.refresh()
  expect(await (await post(app, path, body)).json()).toMatchObject({ version: 3 })
  expect(await (await app.request('/health/ready')).json()).toMatchObject({
    checks: { 'model:usage_model': { ok: true } },
  })
})

test('a champion that never loaded is 503 with Retry-After and not ready, never 500', async () => {
  const { register, promote, registry, serve } = await backing()
  await promote(await register(0))
  await registry.artifacts.remove((await registry.version('usage_model', 1)).artifact.sha256)
  const app = serve({ onError: () => undefined })
  await app.start()
  const refused = await post(app, path, body)
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('5')
  expect(await refused.json()).toMatchObject({ code: 'MODEL_NOT_LOADED' })
  expect((await app.request('/health/ready')).status).toBe(503)
})

test('an alias made a moment ago is found; a removed one is gone after the next refresh', async () => {
  const { register, promote, registry, serve } = await backing()
  const app = serve()
  await app.start()
  await promote(await register(0))
  expect((await post(app, path, body)).status).toBe(200)
  await registry.unsetAlias('usage_model', 'champion', { expect: 1, reason: 'test', actor: 'tester' })
  await app.refresh()
  const gone = await post(app, path, body)
  expect(await gone.json()).toMatchObject({ status: 404, code: 'ALIAS_UNKNOWN' })
})

test('versions requested by number stay loaded up to their limit; the least recently used is released', async () => {
  const { register, promote, serve } = await backing()
  for (const bias of [0, 1, 2, 3]) await register(bias)
  await promote(1)
  const app = serve({ limits: { versionsLoaded: 2 } })
  const ask = async (version: number) => (await post(app, path, { keys: [{ customer_id: 'a' }], version })).json()
  const loaded = async () => {
    const { loaded }: ModelAnswer = JSON.parse(await (await app.request('/v1/models/usage_model')).text())
    return loaded.map(({ version }) => version).sort()
  }
  for (const version of [2, 3, 2, 4]) expect(await ask(version)).toMatchObject({ version })
  expect(await loaded()).toEqual([1, 2, 4])
  expect(await ask(3)).toMatchObject({ version: 3 })
  expect(await loaded()).toEqual([1, 3, 4])
})

test('is not ready before the champions have been loaded', async () => {
  const { register, promote, registry, serve } = await backing()
  await promote(await register(0))
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const app = serve({ registry: { ...registry, aliases: () => gate.then(() => registry.aliases()) } })
  const started = app.start()
  await expect
    .poll(async () => (await app.ready()).checks)
    .toMatchObject({ catalog: { ok: true }, server: { ok: false, detail: 'The server is starting.' } })
  expect((await app.ready()).ready).toBe(false)
  open()
  await started
  expect(await app.ready()).toMatchObject({ ready: true, checks: { 'model:usage_model': { ok: true } } })
})
