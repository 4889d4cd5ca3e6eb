import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { folderArtifacts, openRegistry } from '../../src/index.ts'
import { linear, temporaryFolder } from '../support/registries.ts'

test('a change waits while another process writes, without blocking the event loop', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'catalog.sqlite')
  const database = new Database(path, { timeout: 0 })
  database.pragma('journal_mode = WAL')
  const db = new Kysely({ dialect: new SqliteDialect({ database }) })
  onTestFinished(() => db.destroy())
  const registry = await openRegistry({ db, artifacts: folderArtifacts(join(folder, 'artifacts')) })

  const other = new Database(path)
  onTestFinished(() => void other.close())
  other.exec('begin immediate')
  let finished = false
  const registering = registry.register(linear(1)).then((registered) => {
    finished = true
    return registered
  })
  let ticks = 0
  for (; ticks < 100; ticks += 1) await sleep(2)
  expect(finished).toBe(false)
  expect(await registry.versions()).toEqual([])
  other.exec('commit')
  expect((await registering).version.version).toBe(1)
})
