import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { attempt } from './check.ts'
import { localPath } from './local-path.ts'
import type { OnlinePlace } from './place.ts'
import { prepareFolder } from './prepare-folder.ts'

/** A folder that the processes of one machine share. */
export const lmdb: OnlinePlace<{ readonly lmdb: string }> = {
  form: '{ lmdb: <folder> }',
  schema: () => z.strictObject({ lmdb: localPath }),
  path: (config, at) => at(config.lmdb),
  async open(config, { at }) {
    const { openLmdbStore } = await import('@martlet/feature-store')
    const path = at(config.lmdb)
    prepareFolder(path, 'online.lmdb')
    return openLmdbStore({ path })
  },
  async check(config, { path, open }) {
    const fix =
      'Check online.lmdb and the permissions of that folder; if the files are damaged, remove them and run martlet materialize.'
    const check = await attempt('online', fix, async () => {
      await (await open()).count('doctor')
      return path ?? config.lmdb
    })
    return [check]
  },
  checkModule: () =>
    attempt('lmdb', 'Build it for this Node: npm rebuild lmdb --ignore-scripts=false', async () => {
      const { openLmdbStore } = await import('@martlet/feature-store')
      const folder = mkdtempSync(join(tmpdir(), 'martlet-doctor-'))
      try {
        const store = openLmdbStore({ path: folder })
        await store.count('doctor')
        await store.close()
        return 'opens a store'
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }),
}
