import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { audit, auditLog } from '../../src/catalog/audit.ts'
import { openCatalog } from '../../src/catalog/catalog.ts'
import { migrate } from '../../src/catalog/migrate.ts'
import { openSqlite } from '../../src/catalog/sqlite.ts'
import { sqliteSchema } from '../../src/catalog/sqlite-schema.ts'
import type { CatalogTables } from '../../src/catalog/tables.ts'
import { failure, withCatalog, withPlace } from './scratch.ts'

test('a step that fails leaves the tables as they were', () =>
  withCatalog(async (_, path) => {
    const db = openSqlite<CatalogTables>(path)
    const half = { tables: [{ name: 'half', columns: { x: 'integer' } }] } as const
    const steps = [half, { tables: [], change: async () => Promise.reject(new Error('no')) }]
    await expect(migrate(db, sqliteSchema, 'other', steps)).rejects.toThrow('no')
    expect(await db.introspection.getTables()).not.toContainEqual(expect.objectContaining({ name: 'half' }))
    await migrate(db, sqliteSchema, 'other', [half])
    await migrate(db, sqliteSchema, 'other', [half])
    expect(await db.introspection.getTables()).toContainEqual(expect.objectContaining({ name: 'half' }))
    await db.destroy()
  }))

test('a path that cannot be opened is named', async () => {
  expect(await failure(openCatalog({ path: '/nowhere/at/all.db' }))).toMatchObject({
    code: 'CATALOG_OPEN_FAILED',
    message: expect.stringContaining('/nowhere/at/all.db'),
  })
})

test('a new file that another connection has just locked is opened when the lock is gone', () =>
  withPlace(async (path) => {
    const script = new URL('write-lock-worker.ts', import.meta.url)
    const worker = new Worker(script, { workerData: { path, ms: 300 }, stdout: true })
    const ended = once(worker, 'exit')
    await once(worker.stdout, 'data')
    await using catalog = await openCatalog({ path })
    expect(await auditLog(catalog.db)).toEqual([])
    await ended
  }))

test('a file that stays locked is busy, not broken', () =>
  withPlace(async (path) => {
    const other = new Database(path)
    other.exec('begin immediate')
    const found = await failure(openCatalog({ path }))
    other.close()
    expect(found).toMatchObject({ code: 'CATALOG_BUSY', message: expect.stringContaining(path) })
  }))

test('definitions and the audit log can only grow', () =>
  withCatalog(async ({ db }) => {
    await audit(db, { actor: 'a', action: 'first', subject: 'x', detail: {} })
    await expect(db.updateTable('audit_log').set({ actor: 'somebody else' }).execute()).rejects.toThrow('append-only')
    await expect(db.deleteFrom('audit_log').execute()).rejects.toThrow('append-only')
    const row = {
      kind: 'view',
      name: 'v',
      revision: 1,
      state: 'applied',
      hash: '',
      plan: '{}',
      description: null,
      owner: null,
      tags: '[]',
      applied_at: '',
      applied_by: '',
    } as const
    await db.insertInto('definitions').values(row).execute()
    await expect(db.updateTable('definitions').set({ hash: 'x' }).execute()).rejects.toThrow('append-only')
    await expect(db.deleteFrom('definitions').execute()).rejects.toThrow('append-only')
  }))
