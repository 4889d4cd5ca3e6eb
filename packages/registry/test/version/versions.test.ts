import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { failure } from '../support/failure.ts'
import { linear, temporaryRegistry } from '../support/registries.ts'

const me = { actor: 'me' }

test('versions are listed newest first, by model, service, tag and lifecycle', async () => {
  const { registry } = await temporaryRegistry()
  await registry.register(linear(1, { tags: { stage: 'old' } }))
  await registry.register(linear(2, { tags: { stage: 'new', by: 'x' } }))
  await registry.register(linear(3, { model: 'other', tags: { stage: 'new' } }))
  await registry.archive('next_day', 1, me)
  const names = async (...filter: Parameters<typeof registry.versions>): Promise<string[]> =>
    (await registry.versions(...filter)).map(({ model, version }) => `${model} ${version}`)
  expect(await names()).toEqual(['next_day 2', 'next_day 1', 'other 1'])
  expect(await names({ model: 'next_day', lifecycle: ['active'] })).toEqual(['next_day 2'])
  expect(await names({ tags: { stage: 'new' } })).toEqual(['next_day 2', 'other 1'])
  expect(await names({ tags: { stage: 'new', by: 'x' } })).toEqual(['next_day 2'])
  expect(await names({ service: 'next_day' })).toHaveLength(3)
  expect(await names({ service: 'nobody' })).toEqual([])
  expect((await registry.models()).map(({ name, latest }) => [name, latest])).toEqual([
    ['next_day', 2],
    ['other', 1],
  ])
})

test('tags and descriptions of versions and of models change alone', async () => {
  const { registry } = await temporaryRegistry()
  await registry.register(linear(1))
  await registry.register(linear(2))
  await registry.setTag('next_day', 1, 'reviewed', 'no')
  await registry.setTag('next_day', 1, 'reviewed', 'yes')
  await registry.setTag('next_day', null, 'owner', 'energy')
  await registry.describe('next_day', 1, 'the first')
  await registry.describe('next_day', null, 'kWh of tomorrow')
  expect(await registry.version('next_day', 1)).toMatchObject({ tags: { reviewed: 'yes' }, description: 'the first' })
  expect(await registry.version('next_day', 2)).toMatchObject({ tags: {}, description: '' })
  expect(await registry.models()).toMatchObject([{ tags: { owner: 'energy' }, description: 'kWh of tomorrow' }])
  await registry.removeTag('next_day', 1, 'reviewed')
  await registry.removeTag('next_day', 1, 'never there')
  expect((await registry.version('next_day', 1)).tags).toEqual({})
})

describe('a version that an alias points at', () => {
  test('is neither archived nor deleted', async () => {
    const { registry } = await temporaryRegistry()
    await registry.register(linear(1))
    await registry.setAlias('next_day', 'champion', 1, { expect: null, reason: 'first', actor: 'me' })
    for (const change of [registry.archive, registry.delete]) {
      const error = await failure(() => change('next_day', 1, me))
      expect([error.code, error.data['aliases']]).toEqual(['VERSION_IN_USE', ['champion']])
    }
    await registry.unsetAlias('next_day', 'champion', { expect: 1, reason: 'retired', actor: 'me' })
    await registry.delete('next_day', 1, me)
    expect((await failure(() => registry.resolve('next_day', 1))).message).toContain('was deleted')
  })
})

test('archived versions come back, deleted ones only as a memory', async () => {
  const { registry } = await temporaryRegistry()
  const { version } = await registry.register(linear(1))
  await registry.archive('next_day', 1, me)
  expect(
    (await failure(() => registry.setAlias('next_day', 'champion', 1, { expect: null, reason: 'x', actor: 'me' })))
      .code,
  ).toBe('VERSION_NOT_PROMOTABLE')
  await registry.restore('next_day', 1, me)
  expect((await registry.version('next_day', 1)).lifecycle).toBe('active')
  await registry.delete('next_day', 1, me)
  expect((await failure(() => registry.restore('next_day', 1, me))).code).toBe('VERSION_NOT_FOUND')
  expect(await registry.version('next_day', 1)).toMatchObject({
    lifecycle: 'deleted',
    signature: version.signature,
    trial: version.trial,
  })
  expect(await registry.versions()).toEqual([])
  expect(await registry.models()).toMatchObject([{ name: 'next_day', latest: null }])
})

test('a check that fails takes the version out of the running until it passes again', async () => {
  const { registry, folder } = await temporaryRegistry()
  const { version } = await registry.register(linear(1))
  const { sha256 } = version.artifact
  await writeFile(join(folder, 'artifacts/sha256', sha256.slice(0, 2), sha256), 'damaged')
  expect(await registry.check('next_day', 1)).toMatchObject({
    status: 'FAILED',
    statusMessage: expect.stringContaining('quarantine'),
  })
  const move = { expect: null, reason: 'x', actor: 'me' }
  const error = await failure(() => registry.setAlias('next_day', 'champion', 1, move))
  expect([error.code, error.message]).toEqual([
    'VERSION_NOT_PROMOTABLE',
    expect.stringContaining('failed its last check'),
  ])
  await registry.artifacts.put(linear(1).onnx)
  expect(await registry.check('next_day', 1)).toMatchObject({ status: 'READY', statusMessage: '' })
  expect((await registry.setAlias('next_day', 'champion', 1, move)).to).toBe(1)
})

test('what does not exist is named in the error', async () => {
  const { registry } = await temporaryRegistry()
  await registry.register(linear(1))
  const code = async (work: () => Promise<unknown>): Promise<string> => (await failure(work)).code
  expect(await code(() => registry.version('nope', 1))).toBe('MODEL_NOT_FOUND')
  expect(await code(() => registry.version('next_day', 2))).toBe('VERSION_NOT_FOUND')
  expect(await code(() => registry.setTag('next_day', 2, 'a', 'b'))).toBe('VERSION_NOT_FOUND')
  expect(await code(() => registry.describe('nope', null, ''))).toBe('MODEL_NOT_FOUND')
  expect(await code(() => registry.archive('next_day', 9, me))).toBe('VERSION_NOT_FOUND')
  expect(await code(() => registry.resolve('next_day', 'champion'))).toBe('ALIAS_NOT_FOUND')
  expect(await code(() => registry.resolve('next_day', '17'))).toBe('VERSION_NOT_FOUND')
  expect(await code(() => registry.setTag('next_day', 1, '', 'b'))).toBe('NAME_INVALID')
})
