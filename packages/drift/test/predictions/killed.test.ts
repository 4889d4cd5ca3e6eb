import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { openDuckDb, rowsOf, sql, tableRef } from '@martlet/warehouse'
import { expect, it } from 'vitest'
import { loadPredictions, predictionTable } from '../../src/index.ts'
import { logFolder, logLine } from './log-folder.ts'

const child = join(import.meta.dirname, 'load-child.ts')

/** Starts a load, and kills it once it has printed so many lines: at work on the next transaction. */
async function killedAfter(path: string, folder: string, printed: number): Promise<void> {
  const load = spawn(process.execPath, ['--conditions=@martlet/source', child, path, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let lines = 0
  for await (const _ of createInterface({ input: load.stdout })) if (++lines === printed) load.kill('SIGKILL')
  if (load.exitCode === null && load.signalCode === null) await once(load, 'exit')
  expect(load.signalCode).toBe('SIGKILL')
}

it('a load that is killed at work is completed by the next one', async () => {
  const lines = (from: number): readonly string[] =>
    Array.from({ length: 1500 }, (_, i) => logLine({ requestId: `r-${from + i}` }))
  const folder = await logFolder({ 'log/a.jsonl': lines(0), 'log/b.jsonl': [...lines(1500), 'broken'] })
  const [path, log] = [join(folder, 'warehouse.duckdb'), join(folder, 'log')]
  await killedAfter(path, log, 13)
  await using warehouse = await openDuckDb({ path, threads: 1 })
  const before = await warehouse.read(sql`SELECT 1 FROM ${tableRef(predictionTable('killed'))}`)
  expect(before.rows).toBeGreaterThanOrEqual(130)
  expect(before.rows).toBeLessThan(3000)
  const loaded = await loadPredictions({ warehouse, folder: log, model: 'killed' })
  expect(loaded.rows).toBe(3000 - before.rows)
  const [row] = rowsOf(
    await warehouse.read(sql`
      SELECT COUNT(*) AS n, COUNT(DISTINCT request_id) AS requests FROM ${tableRef(predictionTable('killed'))}
    `),
  )
  expect(row).toEqual({ n: 3000, requests: 3000 })
})
