import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { attempt } from './check.ts'
import { localPath } from './local-path.ts'
import type { CatalogPlace } from './place.ts'
import { prepareFolder } from './prepare-folder.ts'
import { schemaVersions } from './schema-versions.ts'
import { sizeText } from './size-text.ts'

/** A SQLite file, which several processes of one machine may open. */
export const sqlite: CatalogPlace<{ readonly sqlite: string }> = {
  form: '{ sqlite: <file> }',
  schema: () => z.strictObject({ sqlite: localPath }),
  path: (config, at) => at(config.sqlite),
  async open(config, { at }) {
    const { openCatalog } = await import('@martlet/feature-store')
    const path = at(config.sqlite)
    prepareFolder(dirname(path), 'catalog.sqlite')
    return openCatalog({ path })
  },
  async check(config, { path, open }) {
    const file = path ?? config.sqlite
    const fix =
      'Check catalog.sqlite and the permissions of that folder; a catalog of a newer martlet needs that martlet.'
    const check = await attempt('catalog', fix, async () => {
      const versions = await schemaVersions(await open())
      accessSync(file, constants.W_OK)
      return `${file}${sizeText(file)}, ${versions}`
    })
    return [check]
  },
  checkModule: () =>
    attempt('sqlite', 'Build it for this Node: npm rebuild better-sqlite3 --ignore-scripts=false', async () => {
      const { openSqlite } = await import('@martlet/feature-store')
      const { sql } = await import('@martlet/warehouse')
      const db = openSqlite<Record<string, never>>(':memory:')
      const { rows } = await sql<{ version: string }>`SELECT sqlite_version() AS version`.execute(db)
      await db.destroy()
      return rows[0]?.version ?? 'loads'
    }),
}
