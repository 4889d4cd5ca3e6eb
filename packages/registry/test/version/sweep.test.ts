import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import process from 'node:process'
import { expect, test } from 'vitest'
import { folderArtifacts, linearRegressionOnnx, openRegistry, type Registry } from '../../src/index.ts'
import { newPlace, openPlace } from '../support/places.ts'
import { collect, linear, temporaryFolder, temporaryRegistry } from '../support/registries.ts'
import { startWriter } from '../support/writers.ts'

const stored = (registry: Registry): Promise<string[]> => collect(registry.artifacts.list())

test('files of deleted versions and of killed registrations go, all others stay', async () => {
  const { registry } = await temporaryRegistry()
  const live = (await registry.register(linear(1))).version.artifact.sha256
  const deleted = (await registry.register(linear(2))).version.artifact.sha256
  const shared = (await registry.register(linear(3))).version.artifact.sha256
  await registry.register(linear(3, { model: 'other' }))
  const archived = (await registry.register(linear(4))).version.artifact.sha256
  const orphan = await registry.artifacts.put(linearRegressionOnnx({ features: ['a'], weights: [1], bias: 7 }))
  const because = { actor: 'ann', reason: 'no longer needed' }
  await registry.delete('next_day', 2, because)
  await registry.delete('next_day', 3, because)
  await registry.archive('next_day', 4, because)

  const expected = [
    { sha256: deleted, deleted: [{ model: 'next_day', version: 2 }] },
    { sha256: orphan, deleted: [] },
  ].toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1))
  expect(await registry.sweep({ dryRun: true })).toEqual({ unused: expected, kept: 3 })
  expect(await stored(registry)).toHaveLength(5)
  expect(await registry.sweep()).toEqual({ unused: expected, kept: 3 })
  expect((await stored(registry)).toSorted()).toEqual([live, shared, archived].toSorted())
  expect(await registry.sweep()).toEqual({ unused: [], kept: 3 })
  // the same file is a new version, with its file again
  expect((await registry.register(linear(2))).version).toMatchObject({ version: 5, artifact: { sha256: deleted } })
  expect(await stored(registry)).toHaveLength(4)
})

test('a registration keeps its file when a sweep runs between its file and its version', async () => {
  const folder = await temporaryFolder()
  const { db, dialect, close } = await openPlace(await newPlace(folder))
  const artifacts = folderArtifacts(join(folder, 'artifacts'))
  let swept = 0
  const other = await openRegistry({ db, dialect, artifacts })
  const registry = await openRegistry({
    db,
    dialect,
    artifacts: {
      ...artifacts,
      async put(bytes) {
        const sha256 = await artifacts.put(bytes)
        if (swept === 0) swept += (await other.sweep()).unused.length
        return sha256
      },
    },
  })
  const { version } = await registry.register(linear(1))
  expect(swept).toBe(1)
  expect((await registry.artifact('next_day', 1)).sha256).toBe(version.artifact.sha256)
  expect((await other.sweep()).unused).toEqual([])
  await close()
})

test(
  'processes that register, are killed and are swept meanwhile lose no file',
  { timeout: 120_000 * Math.max(1, Number(process.env['MARTLET_RUNS'])) },
  async () => {
    const folder = await temporaryFolder()
    const place = await newPlace(folder)
    const seed = Number(process.env['MARTLET_SEED'])
    const writers = ['a', 'b'].map((name, index) => startWriter(place, name, seed + index, 1_000_000, 1))
    await Promise.all(writers.map(({ working }) => working))
    const { db, dialect, close } = await openPlace(place)
    const registry = await openRegistry({ db, dialect, artifacts: folderArtifacts(join(folder, 'artifacts')) })
    const end = Date.now() + 1500
    let sweeps = 0
    for (; Date.now() < end; sweeps += 1) {
      await registry.sweep()
      await sleep(1)
    }
    for (const writer of writers) writer.kill()
    await Promise.all(writers.map(({ ended }) => ended))
    await registry.sweep()
    const versions = await registry.versions({ model: 'shared' })
    expect(versions.length).toBeGreaterThan(0)
    for (const { version, artifact } of versions)
      expect((await registry.artifact('shared', version)).sha256).toBe(artifact.sha256)
    expect(await stored(registry)).toHaveLength(new Set(versions.map(({ artifact }) => artifact.sha256)).size)
    console.log(`${sweeps} sweeps while ${versions.length} versions were registered`)
    await close()
  },
)
