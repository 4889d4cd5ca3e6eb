import { describe, expect, test } from 'vitest'
import type { Registry } from '../../src/index.ts'
import { failure } from '../support/failure.ts'
import { linear, temporaryRegistry } from '../support/registries.ts'

const because = (expect: number | null, reason = 'better') => ({ expect, reason, actor: 'me' })

async function withVersions(
  count: number,
  options: Parameters<typeof temporaryRegistry>[0] = {},
): ReturnType<typeof temporaryRegistry> {
  const opened = await temporaryRegistry(options)
  for (let bias = 1; bias <= count; bias += 1) await opened.registry.register(linear(bias))
  return opened
}

const live = async (registry: Registry, at?: number): Promise<number | null> =>
  (await registry.history('next_day', 'champion', at === undefined ? {} : { at: new Date(at) })).live

test('an alias moves when it still points where the caller thinks, and only then', async () => {
  const { registry } = await withVersions(3)
  expect(await registry.setAlias('next_day', 'champion', 1, because(null))).toMatchObject({
    sequence: 1,
    kind: 'set',
    from: null,
    to: 1,
    actor: 'me',
    reason: 'better',
  })
  await registry.setAlias('next_day', 'champion', 2, because(1))
  const lost = await failure(() => registry.setAlias('next_day', 'champion', 3, because(1)))
  expect([lost.code, lost.data['actual'], lost.message]).toEqual([
    'ALIAS_MOVED',
    2,
    expect.stringContaining('points to 2, not to 1'),
  ])
  expect((await failure(() => registry.setAlias('next_day', 'champion', 3, because(null)))).code).toBe('ALIAS_MOVED')
  expect((await registry.resolve('next_day', 'champion')).version).toBe(2)
  expect((await registry.history('next_day', 'champion')).moves).toHaveLength(2)
})

test('a version may have several aliases, and references are aliases, numbers or digits', async () => {
  const { registry } = await withVersions(2)
  await registry.setAlias('next_day', 'champion', 1, because(null))
  await registry.setAlias('next_day', 'challenger', 1, because(null))
  expect((await registry.resolve('next_day', 'challenger')).aliases).toEqual(['challenger', 'champion'])
  expect((await registry.resolve('next_day', 2)).version).toBe(2)
  expect((await registry.resolve('next_day', '2')).version).toBe(2)
  expect(await registry.aliases()).toEqual([
    { model: 'next_day', alias: 'challenger', version: 1 },
    { model: 'next_day', alias: 'champion', version: 1 },
  ])
})

test('setting an alias to its own version is not a move', async () => {
  const { registry } = await withVersions(1)
  const first = await registry.setAlias('next_day', 'champion', 1, because(null))
  expect(await registry.setAlias('next_day', 'champion', 1, because(1, 'again'))).toEqual(first)
  expect((await registry.history('next_day', 'champion')).moves).toHaveLength(1)
})

test('history answers what was live at any instant', async () => {
  let clock = 1000
  const { registry } = await withVersions(2, { now: () => clock })
  await registry.setAlias('next_day', 'champion', 1, because(null))
  clock = 2000
  await registry.setAlias('next_day', 'champion', 2, because(1))
  clock = 3000
  await registry.unsetAlias('next_day', 'champion', because(2))
  expect(await Promise.all([999, 1000, 1999, 2000, 2999, 3000, 9999].map((at) => live(registry, at)))).toEqual([
    null,
    1,
    1,
    2,
    2,
    null,
    null,
  ])
  expect((await registry.history('next_day', 'champion', { at: new Date(2500) })).moves.map(({ to }) => to)).toEqual([
    1, 2,
  ])
  expect((await failure(() => registry.history('next_day', 'champion', { at: new Date('no') }))).code).toBe(
    'TIME_INVALID',
  )
  expect((await failure(() => registry.history('nope', 'champion'))).code).toBe('MODEL_NOT_FOUND')
})

test('a clock that is set back does not reorder the log', async () => {
  let clock = 5000
  const { registry } = await withVersions(2, { now: () => clock })
  await registry.setAlias('next_day', 'champion', 1, because(null))
  clock = 4000
  await registry.setAlias('next_day', 'champion', 2, because(1))
  expect((await registry.history('next_day', 'champion')).moves.map(({ at }) => at.getTime())).toEqual([5000, 5000])
  expect([await live(registry, 4500), await live(registry, 5000)]).toEqual([null, 2])
})

describe('rollback', () => {
  test('goes back one version at a time and never forward again', async () => {
    const { registry } = await withVersions(3)
    for (const version of [1, 2, 3])
      await registry.setAlias('next_day', 'champion', version, because(version === 1 ? null : version - 1))
    expect(await registry.rollback('next_day', 'champion', { reason: 'errors', actor: 'night shift' })).toMatchObject({
      kind: 'rollback',
      from: 3,
      to: 2,
      sequence: 4,
      actor: 'night shift',
    })
    expect((await registry.rollback('next_day', 'champion', { reason: 'still', actor: 'me' })).to).toBe(1)
    expect((await failure(() => registry.rollback('next_day', 'champion', { reason: 'more', actor: 'me' }))).code).toBe(
      'NO_EARLIER_VERSION',
    )
    await registry.setAlias('next_day', 'champion', 3, because(1, 'fixed'))
    expect((await registry.rollback('next_day', 'champion', { reason: 'not fixed', actor: 'me' })).to).toBe(1)
  })

  test('brings back an alias that was taken away', async () => {
    const { registry } = await withVersions(2)
    await registry.setAlias('next_day', 'champion', 1, because(null))
    await registry.setAlias('next_day', 'champion', 2, because(1))
    await registry.unsetAlias('next_day', 'champion', because(2))
    expect((await failure(() => registry.resolve('next_day', 'champion'))).code).toBe('ALIAS_NOT_FOUND')
    expect(await registry.rollback('next_day', 'champion', { reason: 'needed after all', actor: 'me' })).toMatchObject({
      from: null,
      to: 2,
    })
    expect((await registry.rollback('next_day', 'champion', { reason: 'bad', actor: 'me' })).to).toBe(1)
  })

  test('does not return to a version that is archived or deleted', async () => {
    const { registry } = await withVersions(2)
    await registry.setAlias('next_day', 'champion', 1, because(null))
    await registry.setAlias('next_day', 'champion', 2, because(1))
    await registry.archive('next_day', 1, { actor: 'me' })
    const error = await failure(() => registry.rollback('next_day', 'champion', { reason: 'x', actor: 'me' }))
    expect([error.code, error.message]).toEqual([
      'VERSION_NOT_PROMOTABLE',
      expect.stringContaining('Version 1 of model next_day is archived'),
    ])
    expect((await registry.resolve('next_day', 'champion')).version).toBe(2)
  })

  test('lists the versions that were rolled back when there is no earlier one', async () => {
    const { registry } = await withVersions(3)
    for (const version of [1, 2, 3])
      await registry.setAlias('next_day', 'champion', version, because(version === 1 ? null : version - 1))
    for (let back = 0; back < 2; back += 1)
      await registry.rollback('next_day', 'champion', { reason: 'errors', actor: 'me' })
    const error = await failure(() => registry.rollback('next_day', 'champion', { reason: 'more', actor: 'me' }))
    expect(error.code).toBe('NO_EARLIER_VERSION')
    expect(error.message).toBe(
      'next_day@champion points to version 1, and no earlier version is left. A rollback does not return to a version that was rolled ' +
        'back (2, 3): set the alias if that is what you mean.',
    )
    expect(error.data).toEqual({ model: 'next_day', alias: 'champion', live: 1, rolledBack: [2, 3] })
    expect((await registry.history('next_day', 'champion')).live).toBe(1)
  })

  test('an alias that never moved has nothing to go back to', async () => {
    const { registry } = await withVersions(1)
    const refused = async () => {
      const { code, message } = await failure(() =>
        registry.rollback('next_day', 'champion', { reason: 'x', actor: 'me' }),
      )
      return [code, message]
    }
    expect(await refused()).toEqual([
      'NO_EARLIER_VERSION',
      'next_day@champion never pointed to a version, so there is nothing to roll back to.',
    ])
    await registry.setAlias('next_day', 'champion', 1, because(null))
    expect(await refused()).toEqual([
      'NO_EARLIER_VERSION',
      'next_day@champion never pointed to a version other than 1, so there is nothing to roll back to.',
    ])
  })
})

describe('the policy', () => {
  test('sees the move and the evidence, and can refuse it', async () => {
    const seen: unknown[] = []
    const { registry } = await withVersions(1, {
      policy: ({ alias, actor, approver, to, from, kind }) => {
        seen.push({ kind, from, to: to?.version, mae: to?.metrics['mae'] })
        return alias !== 'champion' || (approver !== null && approver !== actor) || 'a champion needs a second person'
      },
    })
    await registry.setAlias('next_day', 'challenger', 1, because(null))
    const error = await failure(() => registry.setAlias('next_day', 'champion', 1, because(null)))
    expect([error.code, error.message]).toEqual([
      'PROMOTION_REFUSED',
      expect.stringContaining('a champion needs a second person'),
    ])
    expect(
      (await failure(() => registry.setAlias('next_day', 'champion', 1, { ...because(null), approver: 'me' }))).code,
    ).toBe('PROMOTION_REFUSED')
    expect(await registry.setAlias('next_day', 'champion', 1, { ...because(null), approver: 'boss' })).toMatchObject({
      approver: 'boss',
    })
    expect((await registry.history('next_day', 'champion')).moves).toMatchObject([{ approver: 'boss' }])
    expect(seen[0]).toEqual({ kind: 'set', from: null, to: 1, mae: undefined })
  })

  test('that fails lets nothing through', async () => {
    const { registry } = await withVersions(1, { policy: () => Promise.reject(new Error('approval service is down')) })
    await expect(registry.setAlias('next_day', 'champion', 1, because(null))).rejects.toThrow(
      'approval service is down',
    )
    expect(await live(registry)).toBe(null)
  })
})

test('a version whose file is gone does not go live', async () => {
  const { registry } = await withVersions(1)
  const { artifact } = await registry.version('next_day', 1)
  await registry.artifacts.remove(artifact.sha256)
  expect((await failure(() => registry.setAlias('next_day', 'champion', 1, because(null)))).code).toBe(
    'ARTIFACT_MISSING',
  )
})

test.for([
  ['a name that reads as a version', 'v3', 'NAME_INVALID'],
  ['latest', 'latest', 'NAME_INVALID'],
  ['a path', '../champion', 'NAME_INVALID'],
] as const)('%s is no alias', async ([, alias, code]) => {
  const { registry } = await withVersions(1)
  expect((await failure(() => registry.setAlias('next_day', alias, 1, because(null)))).code).toBe(code)
})

test('actor and reason are required, and what moves must exist', async () => {
  const { registry } = await withVersions(1)
  expect(
    (await failure(() => registry.setAlias('next_day', 'champion', 1, { expect: null, reason: ' ', actor: 'me' })))
      .code,
  ).toBe('REASON_MISSING')
  expect(
    (await failure(() => registry.setAlias('next_day', 'champion', 1, { expect: null, reason: 'x', actor: '' }))).code,
  ).toBe('ACTOR_MISSING')
  expect((await failure(() => registry.setAlias('next_day', 'champion', 7, because(null)))).code).toBe(
    'VERSION_NOT_FOUND',
  )
  expect((await failure(() => registry.unsetAlias('next_day', 'champion', because(null)))).code).toBe('ALIAS_NOT_FOUND')
  expect((await failure(() => registry.unsetAlias('next_day', 'champion', because(1)))).code).toBe('ALIAS_MOVED')
})
