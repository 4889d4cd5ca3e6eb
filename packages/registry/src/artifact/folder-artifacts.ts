import { randomUUID } from 'node:crypto'
import { access, mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MartletError } from '@martlet/warehouse'
import type { ArtifactStore } from './artifact-store.ts'
import { sha256 } from './sha256.ts'

const PRIVATE_FOLDER = { recursive: true, mode: 0o700 } as const
const STALE_TEMPORARY_MS = 24 * 60 * 60 * 1000

/**
 * Artifacts in a folder: `<root>/sha256/ab/abcd…`. Several processes may use one folder.
 *
 * Files and folders that are made here can be read by their user only. A file appears whole or not at all (temporary file,
 * fsync, rename). A file whose bytes no longer match its name is moved to `<root>/quarantine` when it is read, and the read fails
 * with `ARTIFACT_CORRUPT`.
 */
export function folderArtifacts(root: string): ArtifactStore {
  let prepared: Promise<void> | undefined
  return {
    async put(bytes) {
      const name = sha256(bytes)
      if (await isWhole(root, name)) return name
      prepared ??= prepareTemporary(root)
      await prepared
      await writeArtifact(root, name, bytes)
      return name
    },
    async get(name) {
      const bytes = await readArtifact(root, name)
      if (bytes !== undefined) return bytes
      throw new MartletError(
        'ARTIFACT_MISSING',
        `Artifact ${name} is not in ${root}. Open the registry with the folder that has it, or restore it from a backup.`,
        { data: { sha256: name, root } },
      )
    },
    has: async (name) => access(pathOf(root, name)).then(() => true, absentAs(false)),
    async remove(name) {
      await rm(pathOf(root, name), { force: true })
    },
    async *list() {
      const folders = await readdir(join(root, 'sha256')).catch(absentAs([]))
      for (const folder of folders) yield* await readdir(join(root, 'sha256', folder))
    },
  }
}

function pathOf(root: string, name: string): string {
  return join(root, 'sha256', name.slice(0, 2), checkedName(name))
}

/** Whether an artifact is stored; one with other bytes counts as missing, and is moved out of the way. */
async function isWhole(root: string, name: string): Promise<boolean> {
  const bytes = await readArtifact(root, name).catch((error: unknown) => {
    if (error instanceof MartletError && error.code === 'ARTIFACT_CORRUPT') return undefined
    throw error
  })
  return bytes !== undefined
}

/** Reads and verifies an artifact; undefined when it is not there. */
async function readArtifact(root: string, name: string): Promise<Uint8Array | undefined> {
  const path = pathOf(root, name)
  const bytes = await readFile(path).catch(absentAs(undefined))
  if (bytes === undefined) return undefined
  const found = sha256(bytes)
  if (found === name) return bytes
  const quarantine = join(root, 'quarantine')
  const movedTo = join(quarantine, `${name}.${randomUUID()}`)
  await mkdir(quarantine, PRIVATE_FOLDER)
  await rename(path, movedTo).catch(absentAs(undefined))
  // Another process may have replaced the bad file between the read and the move.
  const moved = await readFile(movedTo).catch(absentAs(undefined))
  if (moved !== undefined && sha256(moved) === name) {
    await rename(movedTo, path)
    return moved
  }
  throw new MartletError(
    'ARTIFACT_CORRUPT',
    `The bytes of artifact ${name} do not match its name (they hash to ${found}), so it was moved to ${movedTo}. ` +
      'Restore the file from a backup or register the model again.',
    { data: { sha256: name, found, movedTo } },
  )
}

async function prepareTemporary(root: string): Promise<void> {
  const folder = join(root, 'temporary')
  await mkdir(folder, PRIVATE_FOLDER)
  await removeStale(folder)
}

async function writeArtifact(root: string, name: string, bytes: Uint8Array): Promise<void> {
  const path = pathOf(root, name)
  const draft = join(root, 'temporary', `${name}.${randomUUID()}`)
  await writeDurably(draft, bytes)
  await mkdir(dirname(path), PRIVATE_FOLDER)
  await rename(draft, path)
  await syncFolder(dirname(path))
}

function checkedName(name: string): string {
  if (/^[0-9a-f]{64}$/.test(name)) return name
  throw new MartletError(
    'ARTIFACT_NAME_INVALID',
    `${JSON.stringify(name)} is not the name of an artifact. Pass a SHA-256 in 64 lower-case hex digits.`,
    { data: { name } },
  )
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  await file.writeFile(bytes)
  await file.sync()
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  await using folder = await open(path, 'r')
  await folder.sync()
}

/** Removes temporary files of writers that were killed: a day later nobody is still writing them. */
async function removeStale(folder: string): Promise<void> {
  const oldest = Date.now() - STALE_TEMPORARY_MS
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const info = await stat(path).catch(absentAs(undefined))
    if (info !== undefined && info.mtimeMs < oldest) await rm(path, { force: true })
  }
}

function absentAs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return value
    throw error
  }
}
