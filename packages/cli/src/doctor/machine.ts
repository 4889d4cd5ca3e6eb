import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { openLmdbStore, openSqlite } from '@martlet/feature-store'
import { nodeRuntime } from '@martlet/registry'
import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { attempt, type Check } from './check.ts'

/** Node and the modules that are compiled for the machine. */
export async function checkMachine(): Promise<readonly Check[]> {
  const onnx = await attempt('onnxruntime', '', async () => (await nodeRuntime()).name)
  return [
    { name: 'node', state: 'ok', found: `${process.version} on ${process.platform} ${process.arch}` },
    await attempt('duckdb', 'Install the packages again on this machine: npm ci', async () => {
      await using warehouse = await openDuckDb()
      const [row] = rowsOf<{ version: string }>(await warehouse.read(sql`SELECT version() AS version`))
      return row?.version ?? 'loads'
    }),
    await attempt('sqlite', 'Build it for this Node: npm rebuild better-sqlite3 --ignore-scripts=false', async () => {
      const db = openSqlite<Record<string, never>>(':memory:')
      const { rows } = await sql<{ version: string }>`SELECT sqlite_version() AS version`.execute(db)
      await db.destroy()
      return rows[0]?.version ?? 'loads'
    }),
    await attempt('lmdb', 'Build it for this Node: npm rebuild lmdb --ignore-scripts=false', async () => {
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
    onnx.state === 'ok' ? onnx : { ...onnx, state: 'warn', fix: 'Only models need it: npm install onnxruntime-node' },
  ]
}
