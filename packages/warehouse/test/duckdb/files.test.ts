import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { columnBatch, openDuckDb, rowsOf } from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'

let folder: string
let path: string
const children: ChildProcess[] = []

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'martlet-duckdb-')))
  path = join(folder, 'marts.duckdb')
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

const node = [process.execPath, '--conditions=@martlet/source'] as const

/** Runs a child until it prints `ready`. */
async function startChild(script: string): Promise<ChildProcess> {
  const child = spawn(node[0], [node[1], join(import.meta.dirname, script), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (data: Buffer) => data.toString().includes('ready') && resolve())
    child.on('exit', (code) => reject(new Error(`${script} ended with ${code} before it was ready`)))
  })
  return child
}

describe('a DuckDB file', () => {
  it('is one database in one process, however often and under whatever name it is opened', async () => {
    const other = join(folder, 'other-name.duckdb')
    await using first = await openDuckDb({ path })
    await symlink(path, other)
    await using second = await openDuckDb({ path: other })
    await first.run(sql`CREATE TABLE t (x INTEGER)`)
    await first.append('t', columnBatch({ x: { type: 'integer', values: [1] } }))
    await second.append('t', columnBatch({ x: { type: 'integer', values: [2] } }))
    await first.append('t', columnBatch({ x: { type: 'integer', values: [3] } }))
    const seen = sql`SELECT x FROM t ORDER BY x`
    expect(rowsOf(await first.read(seen))).toEqual([{ x: 1 }, { x: 2 }, { x: 3 }])
    await first.close()
    expect(rowsOf(await second.read(seen))).toEqual([{ x: 1 }, { x: 2 }, { x: 3 }])
    await second.close()
    await using again = await openDuckDb({ path })
    expect(rowsOf(await again.read(seen))).toEqual([{ x: 1 }, { x: 2 }, { x: 3 }])
  })

  it('opens at the same time from several places', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => openDuckDb({ path })))
    await all[0]!.run(sql`CREATE TABLE t AS SELECT 1 AS x`)
    expect(await Promise.all(all.map(async (warehouse) => (await warehouse.read(sql`SELECT x FROM t`)).rows))).toEqual([
      1, 1, 1, 1, 1,
    ])
    await Promise.all(all.map((warehouse) => warehouse.close()))
  })

  it('refuses other settings while it is open', async () => {
    await using warehouse = await openDuckDb({ path, threads: 1 })
    expect(rowsOf(await warehouse.read(sql`SELECT current_setting('threads') AS threads`))).toEqual([{ threads: 1 }])
    expect(await codeOf(openDuckDb({ path, threads: 2 }))).toMatchObject({
      code: 'WAREHOUSE_SETTINGS_DIFFER',
      data: { settings: ['threads'] },
    })
    await using same = await openDuckDb({ path, threads: 1 })
    expect(same.engine).toBe('duckdb')
  })

  it('says who holds it when another process has it open, and opens when that one ends', async () => {
    const child = await startChild('hold-file.child.ts')
    const failure = await codeOf(openDuckDb({ path }))
    expect(failure.code).toBe('WAREHOUSE_LOCKED')
    expect(failure.message).toContain(path)
    expect(failure.message).toContain(String(child.pid))
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    await using warehouse = await openDuckDb({ path })
    expect(warehouse.engine).toBe('duckdb')
  })

  it('waits for the process that has it open, when it is told to, and says so', async () => {
    const child = await startChild('hold-file.child.ts')
    const told: string[] = []
    const gaveUp = await codeOf(
      openDuckDb({ path, wait: { milliseconds: 400, onWait: ({ error }) => told.push(error.code) } }),
    )
    expect(gaveUp.code).toBe('WAREHOUSE_LOCKED')
    expect(gaveUp.message).toContain('`--wait 10m`')
    expect(told).toEqual(['WAREHOUSE_LOCKED'])
    const stop = new AbortController()
    const stopped = codeOf(
      openDuckDb({ path, wait: { milliseconds: 60_000, signal: stop.signal, onWait: () => stop.abort() } }),
    )
    expect((await stopped).code).toBe('CANCELLED')
    const opening = openDuckDb({ path, wait: { milliseconds: 60_000, onWait: () => child.kill('SIGKILL') } })
    await using warehouse = await opening
    expect(warehouse.engine).toBe('duckdb')
    // Only what another process holds is waited for.
    const wait = { milliseconds: 60_000, onWait: () => told.push('waits') }
    expect((await codeOf(openDuckDb({ path: join(folder, 'missing', 'x.duckdb'), wait }))).code).toBe(
      'WAREHOUSE_OPEN_FAILED',
    )
    expect(told).toEqual(['WAREHOUSE_LOCKED'])
  })

  it('keeps its old state when the process is killed in the middle of a transaction', async () => {
    const child = await startChild('die-in-transaction.child.ts')
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    await using warehouse = await openDuckDb({ path })
    expect(rowsOf(await warehouse.read(sql`SELECT COUNT(*) AS n, SUM(x) AS total FROM t`))).toEqual([
      { n: 1000, total: 499_500 },
    ])
  })

  it('tells plainly what cannot be opened', async () => {
    expect((await codeOf(openDuckDb({ path: join(folder, 'missing', 'x.duckdb') }))).message).toContain(
      'folder does not exist',
    )
    expect((await codeOf(openDuckDb({ path: import.meta.filename }))).code).toBe('WAREHOUSE_OPEN_FAILED')
  })

  it('means the same whatever time zone the process runs in', () => {
    const run = (zone: string) => {
      const child = spawnSync(node[0], [node[1], join(import.meta.dirname, 'print-times.child.ts')], {
        env: { ...process.env, TZ: zone },
        encoding: 'utf8',
      })
      expect(child.stderr).toBe('')
      return child.stdout
    }
    const expected = JSON.stringify({
      zone: 'UTC',
      bound: 1_719_792_000_000_000,
      naive: '2024-07-01T00:00:00.000Z',
      kysely: '2024-07-01T00:00:00.000Z',
      day: '2024-07-01T00:00:00.000Z',
      text: '2024-07-01 00:00:00',
    })
    expect(run('UTC').trim()).toBe(expected)
    expect(run('America/New_York').trim()).toBe(expected)
    expect(run('Asia/Kolkata').trim()).toBe(expected)
  })

  it('streams a result that is larger than what it may take', async () => {
    await using warehouse = await openDuckDb({ path, memoryLimit: '200MB', threads: 2 })
    // 3 million rows of 300 bytes are 900 MB; a batch is 16384 of them, 5 MB.
    const before = process.memoryUsage().rss
    let peak = 0
    let bytes = 0
    for await (const { columns } of warehouse.stream(
      sql`SELECT repeat(md5(i::VARCHAR), 9) || (i % 1000) AS t FROM range(3000000) AS r(i)`,
    )) {
      const [texts] = columns
      if (texts?.type === 'text') for (const value of texts.values) bytes += value.length
      peak = Math.max(peak, process.memoryUsage().rss - before)
    }
    expect(bytes).toBeGreaterThan(850e6)
    expect(peak).toBeLessThan(450e6)
  }, 120_000)

  it('spills to disk instead of failing when memory is short', async () => {
    await using warehouse = await openDuckDb({
      path,
      memoryLimit: '50MB',
      threads: 1,
      tempDirectory: join(folder, 'spill'),
    })
    // Sorting 1 million rows of some 120 bytes takes several times the limit.
    const sorted = sql`SELECT i, md5(i::VARCHAR) || md5((i + 1)::VARCHAR) || md5((i + 2)::VARCHAR) AS t
      FROM range(1000000) AS r(i) ORDER BY t`
    let rows = 0
    let last = ''
    let spilled = 0
    for await (const batch of warehouse.stream(sorted)) {
      const [, texts] = batch.columns
      if (texts?.type !== 'text') throw new Error('expected text')
      expect(texts.values[0]! >= last).toBe(true)
      last = texts.values.at(-1)!
      if (rows === 0)
        spilled = Number(
          rowsOf<{ b: number }>(
            await warehouse.read(sql`SELECT COALESCE(SUM(size), 0) AS b FROM duckdb_temporary_files()`),
          )[0]?.b,
        )
      rows += batch.rows
    }
    expect(rows).toBe(1_000_000)
    expect(spilled).toBeGreaterThan(0)
  }, 120_000)
})
