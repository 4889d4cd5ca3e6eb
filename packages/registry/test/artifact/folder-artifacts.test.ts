import { chmod, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { folderArtifacts, type ArtifactStore } from '../../src/index.ts'
import { failure } from '../support/failure.ts'
import { collect, temporaryFolder } from '../support/registries.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const names = async (store: ArtifactStore): Promise<string[]> => (await collect(store.list())).toSorted()

test('bytes come back under their SHA-256, whatever they are', async () => {
  const store = folderArtifacts(await temporaryFolder())
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 4096 }), async (content) => {
      const name = await store.put(content)
      expect(Buffer.from(await store.get(name)).equals(Buffer.from(content))).toBe(true)
      expect(await store.has(name)).toBe(true)
    }),
  )
  expect(await store.put(bytes('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('the same bytes put by several at once are one artifact and leave no temporary files', async () => {
  const folder = await temporaryFolder()
  const stores = [folderArtifacts(folder), folderArtifacts(folder)]
  await Promise.all(Array.from({ length: 20 }, (_, index) => stores[index % 2]!.put(bytes('same'))))
  expect(await names(stores[0]!)).toHaveLength(1)
  expect(await readdir(join(folder, 'temporary'))).toEqual([])
})

test('an artifact whose bytes changed is quarantined, reported, and can be put again', async () => {
  const folder = await temporaryFolder()
  const store = folderArtifacts(folder)
  const name = await store.put(bytes('the model'))
  const path = join(folder, 'sha256', name.slice(0, 2), name)
  await chmod(path, 0o644)
  await writeFile(path, 'the modem')

  const error = await failure(() => store.get(name))
  expect(error.code).toBe('ARTIFACT_CORRUPT')
  expect(await readFile(String(error.data['movedTo']), 'utf8')).toBe('the modem')
  expect((await failure(() => store.get(name))).code).toBe('ARTIFACT_MISSING')

  await store.put(bytes('the model'))
  expect(Buffer.from(await store.get(name)).toString()).toBe('the model')
})

test('putting over a corrupt copy replaces it', async () => {
  const folder = await temporaryFolder()
  const store = folderArtifacts(folder)
  const name = await store.put(bytes('good'))
  await writeFile(join(folder, 'sha256', name.slice(0, 2), name), 'goo')
  expect(await store.put(bytes('good'))).toBe(name)
  expect(Buffer.from(await store.get(name)).toString()).toBe('good')
})

test('names that are not a SHA-256 never become paths', async () => {
  const store = folderArtifacts(await temporaryFolder())
  for (const name of ['../../etc/passwd', '', 'AB'.repeat(32), 'ab/'.repeat(21)]) {
    expect((await failure(() => store.get(name))).code).toBe('ARTIFACT_NAME_INVALID')
    expect((await failure(() => store.remove(name))).code).toBe('ARTIFACT_NAME_INVALID')
  }
})

test('temporary files that a killed writer left are removed after a day, fresh ones are not', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'temporary'), { recursive: true })
  await writeFile(join(folder, 'temporary', 'old'), 'x')
  await writeFile(join(folder, 'temporary', 'fresh'), 'x')
  const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000)
  await utimes(join(folder, 'temporary', 'old'), longAgo, longAgo)
  await folderArtifacts(folder).put(bytes('x'))
  expect(await readdir(join(folder, 'temporary'))).toEqual(['fresh'])
})

test('what is listed can be removed', async () => {
  const store = folderArtifacts(await temporaryFolder())
  expect(await names(store)).toEqual([])
  const [a, b] = [await store.put(bytes('a')), await store.put(bytes('b'))]
  expect(await names(store)).toEqual([a, b].toSorted())
  await store.remove(a)
  await store.remove(a)
  expect(await names(store)).toEqual([b])
})
