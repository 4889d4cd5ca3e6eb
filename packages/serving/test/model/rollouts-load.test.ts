import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '../../src/index.ts'
import { backing, trustedRuntime } from '../support/backing.ts'

interface Predicted {
  readonly version: number
  readonly rows: readonly { readonly prediction: { readonly prediction: number } }[]
}

test('roll-outs and roll-backs under load fail no request, and each answer is by one version', async () => {
  const { register, promote, registry, serve } = await backing('memory', await trustedRuntime())
  for (const bias of [0, 1, 2]) await register(bias)
  await promote(1)
  const app = serve({ graceMs: 1, limits: { versionsLoaded: 1 } })
  await using server = await listen(app, { port: 0, signals: false })
  const agent = new Agent({ keepAlive: true, maxSockets: 6 })
  onTestFinished(() => agent.destroy())
  const ask = (): Promise<readonly [number, Predicted]> =>
    new Promise((resolve, reject) => {
      const sent = request(
        `${server.url}/v1/models/usage_model/predict`,
        { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
        (response) => text(response).then((body) => resolve([response.statusCode ?? 0, JSON.parse(body)]), reject),
      )
      sent.on('error', reject)
      // Customer a is the one whose prediction is known; the first key decides.
      const keys = [{ customer_id: `c-${Math.floor(Math.random() * 1000)}` }, { customer_id: 'a' }]
      sent.end(JSON.stringify({ keys }))
    })
  const seen = new Map<number, number>()
  const statuses = new Set<number>()
  const load = { running: true }
  const callers = Array.from({ length: 6 }, async () => {
    while (load.running) {
      const [status, answer] = await ask()
      statuses.add(status)
      if (status !== 200) throw new Error(`${status}: ${JSON.stringify(answer)}`)
      const { version, rows } = answer
      seen.set(version, (seen.get(version) ?? 0) + 1)
      // 1.5 + 2 * 10.25 + 3 * 4, and the bias of exactly this version
      if (rows[1]?.prediction.prediction !== 34 + version - 1)
        throw new Error(`version ${version} predicted ${JSON.stringify(rows)}`)
    }
  })
  /** Lets the server hear of a change, and then answer some requests. */
  async function heard(): Promise<void> {
    await app.refresh()
    const before = answered()
    while (answered() < before + 30) await sleep(1)
  }
  const answered = (): number => [...seen.values()].reduce((sum, count) => sum + count, 0)
  const by = { reason: 'test', actor: 'tester' }
  for (let round = 0; round < 8; round++) {
    const stable = (await registry.resolve('usage_model', 'champion')).version
    const version = (stable % 3) + 1
    await registry.rollouts.start('usage_model', { ...by, version, steps: [{ weight: 30 }, { weight: 70 }] })
    await heard()
    await registry.rollouts.advance('usage_model', by)
    await heard()
    await registry.rollouts[round % 2 === 0 ? 'rollBack' : 'advance']('usage_model', by)
    await heard()
  }
  load.running = false
  await Promise.all(callers)
  expect(statuses).toEqual(new Set([200]))
  expect(new Set(seen.keys())).toEqual(new Set([1, 2, 3]))
  expect((await registry.rollouts.list()).map(({ state }) => state).toReversed()).toEqual(
    Array.from({ length: 8 }, (_, round) => (round % 2 === 0 ? 'rolled back' : 'done')),
  )
  const evidence = await registry.rollouts.evidence({ model: 'usage_model', rollout: 8 })
  expect(new Set(evidence.map(({ side, step }) => `${side} ${step}`))).toEqual(
    new Set(['stable 0', 'candidate 0', 'stable 1', 'candidate 1']),
  )
  expect(evidence.every(({ evidence: { errors } }) => errors === 0)).toBe(true)
}, 60_000)
