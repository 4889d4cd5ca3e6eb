import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { MartletError } from '@martlet/warehouse'
import type * as Lmdb from 'lmdb'
import type { RootDatabase } from 'lmdb'
import { makePrivateFile } from '../../private-file.ts'
import { needSpace } from './need-space.ts'

/** Loaded with the first store that is opened: most commands open none, and its native modules take long to load. */
const loadLmdb = (): typeof Lmdb => createRequire(import.meta.url)('lmdb') as typeof Lmdb

/** Tables in one store. */
export const MAX_TABLES = 1024

/**
 * Opens a folder of LMDB; made when missing, for this user only.
 * @throws MartletError ONLINE_STORE_OPEN_FAILED
 */
export function openRoot(path: string, mapSize: number | undefined): RootDatabase<Uint8Array, Uint8Array> {
  const { open } = loadLmdb()
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    for (const file of ['data.mdb', 'lock.mdb']) makePrivateFile(join(path, file))
    needSpace(path)
    return open<Uint8Array, Uint8Array>({
      path,
      noSubdir: false,
      maxDbs: MAX_TABLES,
      encoding: 'binary',
      keyEncoding: 'binary',
      // A write resolves only when it is on disk, with LMDB's own commit order.
      overlappingSync: false,
      ...(mapSize === undefined ? {} : { mapSize }),
    })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MartletError(
      'ONLINE_STORE_OPEN_FAILED',
      `The online store ${path} cannot be opened: ${reason}. Is it a folder that this user may write, on a disk with space?`,
      { data: { path }, cause },
    )
  }
}
