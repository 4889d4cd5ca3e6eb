import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { erasedKeys, keyMentions } from '@martlet/feature-store'
import {
  folderArtifacts,
  mergedEvidence,
  nodeRuntime,
  noEvidence,
  openRegistry,
  type PromotionPolicy,
  type RegistryOptions,
} from '../../src/index.ts'
import { failure } from '../support/failure.ts'
import { openPlace } from '../support/places.ts'
import { linear, temporaryRegistry } from '../support/registries.ts'

const because = (reason: string) => ({ reason, actor: 'ann' })
const steps = [{ weight: 10 }, { weight: 50, holdMinutes: 0, minRequests: 20 }]

/** Versions 1 (champion), 2 and so on. */
async function withChampion(
  options: Partial<RegistryOptions<unknown>> = {},
  versions = 2,
): ReturnType<typeof temporaryRegistry> {
  // Models run in this process: nothing here is about their limits.
  const { name, open } = await nodeRuntime()
  const opened = await temporaryRegistry({ runtime: { name, open }, ...options })
  for (let bias = 1; bias <= versions; bias++) await opened.registry.register(linear(bias))
  await opened.registry.setAlias('next_day', 'champion', 1, { ...because('first'), expect: null, approver: 'bob' })
  return opened
}

const live = async ({
  aliases,
}: {
  aliases(): Promise<readonly { readonly alias: string; readonly version: number }[]>
}) => Object.fromEntries((await aliases()).map(({ alias, version }) => [alias, version]))

describe('a roll-out', () => {
  test('goes step by step to the promotion, and the log of its alias has every change', async () => {
    let clock = 1000
    const { registry } = await withChampion({ now: () => clock })
    const { rollouts } = registry
    const started = await rollouts.start('next_day', { ...because('MAE 0.79 against 0.84'), version: 2, steps })
    expect(started).toEqual({
      model: 'next_day',
      rollout: 1,
      state: 'running',
      stable: { alias: 'champion', version: 1 },
      candidate: { alias: 'challenger', version: 2 },
      steps: [
        { weight: 10, shadow: false, holdMinutes: 10, minRequests: 500 },
        { weight: 50, shadow: false, holdMinutes: 0, minRequests: 20 },
      ],
      guards: { errorRate: 0.01, p99Times: 2, p99Ms: null, nullRate: 0.05, scorePsi: 0.25 },
      step: 0,
      stepSince: new Date(1000),
      revision: 1,
      actor: 'ann',
      approver: null,
      reason: 'MAE 0.79 against 0.84',
      startedAt: new Date(1000),
      changedAt: new Date(1000),
    })
    expect(await rollouts.list({ running: true })).toEqual([started])
    clock = 2000
    const second = await rollouts.advance('next_day', { ...because('512 requests without a breach'), expect: 1 })
    expect(second).toMatchObject({ state: 'running', step: 1, revision: 2, stepSince: new Date(2000) })
    expect(await live(registry)).toEqual({ champion: 1, challenger: 2 })
    const done = await rollouts.advance('next_day', because('done'))
    expect(done).toMatchObject({ state: 'done', step: 1, revision: 3 })
    expect(await live(registry)).toEqual({ champion: 2, challenger: 2 })
    expect(await rollouts.list({ running: true })).toEqual([])
    const { moves } = await registry.history('next_day', 'challenger')
    expect(moves.map(({ kind, from, to, reason }) => [kind, from, to, reason])).toEqual([
      ['set', null, 2, 'MAE 0.79 against 0.84'],
      ['rollout', 2, 2, 'roll-out 1: 0 % → 10 % of champion (step 1 of 2): MAE 0.79 against 0.84'],
      ['rollout', 2, 2, 'roll-out 1: 10 % → 50 % of champion (step 2 of 2): 512 requests without a breach'],
      ['rollout', 2, 2, 'roll-out 1: 50 % → promoted: done'],
    ])
    expect((await registry.history('next_day', 'champion')).moves.at(-1)).toMatchObject({
      kind: 'set',
      from: 1,
      to: 2,
      reason: 'roll-out 1 is through: done',
    })
    expect((await registry.rollback('next_day', 'champion', because('alerts'))).to).toBe(1)
  })

  test('that is rolled back or stopped keeps both aliases, says why, and the next one has the next number', async () => {
    const { registry } = await withChampion({}, 3)
    const { rollouts } = registry
    await rollouts.start('next_day', { ...because('try'), version: 2, steps: [{ shadow: true }, ...steps] })
    const back = await rollouts.rollBack('next_day', { reason: 'p99 41 ms against 12 ms', actor: 'watch' })
    expect(back).toMatchObject({ state: 'rolled back', reason: 'p99 41 ms against 12 ms', revision: 2 })
    expect(await live(registry)).toEqual({ champion: 1, challenger: 2 })
    expect((await registry.history('next_day', 'challenger')).moves.at(-1)?.reason).toBe(
      'roll-out 1: shadow of 100 % → 0 %, rolled back: p99 41 ms against 12 ms',
    )
    const gone = await failure(() => rollouts.advance('next_day', because('again')))
    expect([gone.code, gone.message]).toEqual([
      'ROLLOUT_NOT_RUNNING',
      'Model next_day has no running roll-out. Roll-out 1 is rolled back: p99 41 ms against 12 ms.',
    ])
    const again = await rollouts.start('next_day', { ...because('mended'), version: 3, steps })
    expect(again).toMatchObject({ rollout: 2, candidate: { version: 3 } })
    expect(await rollouts.stop('next_day', because('holidays'))).toMatchObject({ rollout: 2, state: 'stopped' })
    expect((await rollouts.list({ model: 'next_day' })).map(({ rollout }) => rollout)).toEqual([2, 1])
  })

  test('stops by itself when one of its aliases moves, so that nothing stands in the way of a rollback', async () => {
    const { registry } = await withChampion({}, 3)
    for (const [alias, version] of [
      ['champion', 3],
      ['challenger', 3],
    ] as const) {
      await registry.rollouts.start('next_day', { ...because('try'), version: 2, steps })
      const expect1 = (await live(registry))[alias] ?? null
      await registry.setAlias('next_day', alias, version, { ...because('urgent'), expect: expect1 })
      expect((await registry.rollouts.list())[0]).toMatchObject({
        state: 'stopped',
        reason: `${alias} was moved from ${expect1} to 3: urgent`,
      })
      if (alias === 'champion') await registry.rollback('next_day', 'champion', because('back'))
    }
    await registry.rollouts.start('next_day', { ...because('try'), version: 2, steps })
    await registry.unsetAlias('next_day', 'challenger', { ...because('no'), expect: 2 })
    expect((await registry.rollouts.list({ running: true })).length).toBe(0)
  })

  test('of those who decide by the same revision exactly one is heard', { timeout: 60_000 }, async () => {
    const { registry, folder, place } = await withChampion()
    const { db, dialect, close } = await openPlace(place, 20)
    onTestFinished(close)
    const other = await openRegistry({ db, dialect, artifacts: folderArtifacts(join(folder, 'artifacts')) })
    const many = Array.from({ length: 5 }, (_, index) => ({ weight: index + 1 }))
    await registry.rollouts.start('next_day', { ...because('try'), version: 2, steps: many })
    for (let revision = 1; revision <= 3; revision++) {
      const by = { ...because('race'), expect: revision }
      const outcomes = await Promise.allSettled([
        registry.rollouts.advance('next_day', by),
        other.rollouts.advance('next_day', by),
        other.rollouts.advance('next_day', by),
      ])
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'ROLLOUT_CHANGED' })
      expect((await registry.rollouts.list())[0]).toMatchObject({ step: revision, revision: revision + 1 })
    }
  })

  test('asks the policy when it starts and before it promotes, with the approver it began with', async () => {
    const asked: unknown[] = []
    const policy: PromotionPolicy = ({ alias, kind, from, to, actor, approver }) => {
      asked.push([alias, kind, from, to?.version])
      return alias !== 'champion' || (approver !== null && approver !== actor) || 'a champion needs a second person'
    }
    const { registry } = await withChampion({ policy })
    const start = { ...because('try'), version: 2, steps: [{ weight: 100 }] }
    expect((await failure(() => registry.rollouts.start('next_day', start))).code).toBe('PROMOTION_REFUSED')
    expect(await live(registry)).toEqual({ champion: 1 })
    await registry.rollouts.start('next_day', { ...start, approver: 'bob' })
    await registry.rollouts.advance('next_day', { reason: 'through', actor: 'watch' })
    expect(asked.slice(1)).toEqual([
      ['champion', 'rollout', 1, 2],
      ['champion', 'rollout', 1, 2],
      ['challenger', 'set', null, 2],
      ['champion', 'set', 1, 2],
    ])
    expect((await registry.history('next_day', 'champion')).moves.at(-1)).toMatchObject({
      actor: 'watch',
      approver: 'bob',
    })
  })

  test('that makes no sense is refused and changes nothing', async () => {
    const { registry } = await withChampion()
    const refused = async (options: object, model = 'next_day') => {
      const given = { ...because('try'), version: 2, steps, ...options }
      const { code, message } = await failure(() => registry.rollouts.start(model, given))
      return [code, message.replace('The roll-out of next_day cannot start: ', '')]
    }
    expect(await refused({ steps: [] })).toEqual([
      'ROLLOUT_INVALID',
      'steps: there are no steps. Give some, such as [{ weight: 10 }].',
    ])
    expect(await refused({ steps: [{ weight: 50 }, { weight: 20 }] })).toEqual([
      'ROLLOUT_INVALID',
      'steps[1]: its weight 20 is not larger than that of the step before, 50. Let weights grow.',
    ])
    for (const wrong of [
      { steps: [{ weight: 0 }] },
      { steps: [{ weight: 101 }] },
      { steps: [{ weight: 1, holdMinutes: -1 }] },
      { steps: [{ weight: 1, minRequests: 0.5 }] },
      { steps: [{ weight: 1 }, { shadow: true }] },
      { guards: { p99Times: 0.5 } },
      { guards: { p98: 1 } },
      { version: 1 },
      { version: undefined },
      { candidate: 'champion' },
      { stable: 'nobody' },
    ])
      expect((await refused(wrong))[0], JSON.stringify(wrong)).toBe('ROLLOUT_INVALID')
    expect((await refused({ version: 9 }))[0]).toBe('VERSION_NOT_FOUND')
    expect((await refused({}, 'nope'))[0]).toBe('MODEL_NOT_FOUND')
    expect((await refused({ actor: '' }))[0]).toBe('ACTOR_MISSING')
    expect((await failure(() => registry.rollouts.stop('next_day', because('x')))).message).toBe(
      'Model next_day has no running roll-out. It never had one.',
    )
    expect(await registry.rollouts.list()).toEqual([])
    expect(await live(registry)).toEqual({ champion: 1 })
    await registry.rollouts.start('next_day', { ...because('try'), version: 2, steps })
    expect((await refused({}))[0]).toBe('ROLLOUT_RUNNING')
  })

  test('keeps what each process has seen until the next one starts', async () => {
    const { registry } = await withChampion()
    const { rollouts } = registry
    const started = await rollouts.start('next_day', { ...because('asked by ann-7'), version: 2, steps })
    const record = (writer: string, requests: number) => ({
      model: 'next_day',
      rollout: 1,
      step: 0,
      side: 'candidate' as const,
      writer,
      evidence: {
        ...noEvidence,
        requests,
        latency: { 10: requests },
        sample: [[Number(`0.${requests}`), requests] as const],
      },
    })
    await rollouts.writeEvidence([record('a', 3), record('b', 4)])
    await rollouts.writeEvidence([record('a', 5)])
    const stored = await rollouts.evidence(started)
    expect(stored).toEqual([record('a', 5), record('b', 4)])
    expect(mergedEvidence(stored.map(({ evidence }) => evidence))).toMatchObject({
      requests: 9,
      latency: { 10: 9 },
      sample: [
        [0.4, 4],
        [0.5, 5],
      ],
    })
    const mentions = keyMentions(
      erasedKeys({ name: 'customer', keys: [{ name: 'id', type: 'text' }] }, [{ id: 'ann-7' }]),
    )
    expect((await registry.redact({ mentions })).removed).toEqual([
      { kind: 'texts', place: 'model next_day, roll-out 1', rows: 1 },
    ])
    expect((await rollouts.list())[0]?.reason).toBe('asked by [erased]')
    await rollouts.stop('next_day', because('x'))
    await rollouts.start('next_day', { ...because('try'), version: 2, steps })
    expect(await rollouts.evidence(started)).toEqual([])
  })
})
