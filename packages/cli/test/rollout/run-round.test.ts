import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { noEvidence, type Registry } from '@martlet/registry'
import { runRound } from '../../src/rollout/run-round.ts'
import { start } from '../run-martlet.ts'
import { withChampion } from './with-champion.ts'

const because = (reason: string) => ({ reason, actor: 'ann' })
const quick = { holdMinutes: 0, minRequests: 0 }

const round = (registry: Registry, models: readonly string[] = []) =>
  runRound(registry, { models, actor: 'watch', now: Date.now() })

it('goes on, and back with the numbers in the log of the alias', async () => {
  const { registry } = await withChampion()
  const steps = [
    { weight: 1, ...quick },
    { weight: 50, ...quick, minRequests: 1000 },
  ]
  await registry.rollouts.start('next_day', { ...because('try'), version: 2, steps })
  expect(await round(registry, ['another'])).toEqual([])
  expect(await round(registry)).toMatchObject([{ decision: 'advance', refused: null, rollout: { step: 1 } }])
  expect(await round(registry)).toMatchObject([{ decision: 'wait' }])
  const seen = (side: 'stable' | 'candidate', errors: number) =>
    ({
      model: 'next_day',
      rollout: 1,
      step: 1,
      side,
      writer: 'a',
      evidence: { ...noEvidence, requests: 1204, errors },
    }) as const
  await registry.rollouts.writeEvidence([seen('stable', 0), seen('candidate', 61)])
  expect(await round(registry)).toMatchObject([{ decision: 'back', rollout: { state: 'rolled back' } }])
  expect((await registry.history('next_day', 'challenger')).moves.at(-1)?.reason).toMatch(
    new RegExp(
      String.raw`^roll-out 1: 50 % → 0 %, rolled back: errors 5\.1 % \(61 of 1,204 requests\) against 0\.0 %, ` +
        'more than 1 percentage points above it; 1,204 requests in ',
    ),
  )
  expect((await registry.resolve('next_day', 'champion')).version).toBe(1)
  expect(await round(registry)).toEqual([])
})

it('leaves the last step running when the policy refuses the promotion, and says so', async () => {
  let closed = false
  const { registry } = await withChampion(
    ({ kind, alias }) => kind !== 'set' || alias !== 'champion' || !closed || 'no changes at night',
  )
  await registry.rollouts.start('next_day', { ...because('try'), version: 2, steps: [{ weight: 100, ...quick }] })
  closed = true
  expect(await round(registry)).toMatchObject([
    { decision: 'advance', refused: expect.stringContaining('no changes at night'), rollout: { state: 'running' } },
  ])
  closed = false
  expect(await round(registry)).toMatchObject([{ refused: null, rollout: { state: 'done' } }])
  expect((await registry.resolve('next_day', 'champion')).version).toBe(2)
})

/** So many that the processes are in the middle of them when they are killed. */
const STEPS = 72

it('killed at any moment, and run twice at once, makes every change exactly once', { timeout: 60_000 }, async () => {
  const { registry, folder } = await withChampion()
  const steps = Array.from({ length: STEPS }, (_, index) => ({ weight: index + 1, ...quick }))
  await registry.rollouts.start('next_day', { ...because('try'), version: 2, steps })
  const watching = join(import.meta.dirname, 'watching-child.ts')
  const children = [0, 1].map(() => start([watching, folder], { cwd: folder }))
  await Promise.all(children.map((child) => child.printed('begun', 'stdout')))
  while (((await registry.rollouts.list())[0]?.step ?? 0) < 3) await sleep(2)
  for (const { child } of children) child.kill('SIGKILL')
  await Promise.all(children.map(({ ended }) => ended))
  const [between] = await registry.rollouts.list()
  expect(between?.state).toBe('running')
  while ((await registry.rollouts.list({ running: true })).length > 0) await round(registry)
  expect(await registry.rollouts.list()).toMatchObject([{ state: 'done', step: STEPS - 1, revision: STEPS + 1 }])
  const { moves } = await registry.history('next_day', 'challenger')
  const shares = moves.slice(2).map(({ reason }) => /(\d+) % → (\d+|promoted)/.exec(reason)?.slice(1).join(' '))
  expect(shares).toEqual(
    Array.from({ length: STEPS }, (_, index) => `${index + 1} ${index === STEPS - 1 ? 'promoted' : index + 2}`),
  )
  expect((await registry.history('next_day', 'champion')).moves.map(({ to }) => to)).toEqual([1, 2])
})
