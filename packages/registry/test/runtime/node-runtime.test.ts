import { expect, test, vi } from 'vitest'
import { failure } from '../support/failure.ts'
import { linear, temporaryRegistry } from '../support/registries.ts'

test('without onnxruntime-node everything but running models works, and the error of a run names the package to install', async () => {
  const { registry: complete, db } = await temporaryRegistry()
  await complete.register(linear(1))
  vi.doMock('onnxruntime-node', () => {
    throw new Error('no binary for this platform')
  })
  const { loadModel, openRegistry } = await import('../../src/index.ts')
  const registry = await openRegistry({ db, artifacts: complete.artifacts })
  await registry.setAlias('next_day', 'champion', 1, { expect: null, reason: 'x', actor: 'me' })
  expect((await registry.resolve('next_day', 'champion')).version).toBe(1)
  for (const work of [
    () => registry.register(linear(2)),
    () => loadModel(registry, { model: 'next_day', version: 1 }),
  ]) {
    const error = await failure(work)
    expect([error.code, error.message]).toEqual([
      'RUNTIME_MISSING',
      expect.stringContaining('npm install onnxruntime-node'),
    ])
  }
})
