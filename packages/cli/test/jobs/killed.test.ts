import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCatalog, type Catalog } from '@martlet/feature-store'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { start } from '../run-martlet.ts'

// Each round starts processes.
vi.setConfig({ testTimeout: 480_000 })
const script = (name: string): string => join(import.meta.dirname, name)
const views = ['a', 'b', 'c', 'd']
const [ASKER_KILLS, WORKER_KILLS, JOB_KILLS] = [1, 2, 1]

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-jobs-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = (): Promise<Catalog> => openCatalog({ path: join(folder, 'catalog.sqlite') })
const lines = async (): Promise<readonly string[]> => (await readFile(join(folder, 'log'), 'utf8')).trim().split('\n')

/** Notes every time that a job comes to a final state. */
async function countEnds({ db }: Catalog): Promise<void> {
  await sql`CREATE TABLE ends (id text, state text)`.execute(db)
  await sql`CREATE TRIGGER note_end AFTER UPDATE OF state ON jobs
    WHEN NEW.state IN ('succeeded', 'failed', 'cancelled')
    BEGIN INSERT INTO ends VALUES (NEW.id, NEW.state); END`.execute(db)
}

/** Kills the process of a job that is running, if there is one. */
async function killJob(): Promise<boolean> {
  for (const view of views) {
    const file = join(folder, `running-${view}`)
    const pid = existsSync(file) ? Number(await readFile(file, 'utf8').catch(() => '')) : 0
    if (pid === 0) continue
    try {
      process.kill(pid, 'SIGKILL')
      return true
    } catch {
      // It has ended by itself.
    }
  }
  return false
}

it('whoever is killed, and whenever, every job ends once and has done what it is for', async () => {
  await using catalog = await open()
  await countEnds(catalog)
  for (let kills = 0; ; kills++) {
    const asker = start([script('kill-asker.ts'), ...views], { cwd: folder })
    await asker.printed('open', 'stdout')
    if (kills < ASKER_KILLS) {
      await sleep(Math.random() * 10)
      asker.child.kill('SIGKILL')
    }
    const { code } = await asker.ended
    if (kills < ASKER_KILLS) continue
    expect(code).toBe(0)
    break
  }
  const jobs = catalog.db.selectFrom('jobs')
  expect(await jobs.select('id').execute()).toHaveLength(views.length)

  let [killed, disturbed] = [0, 0]
  for (let round = 0; ; round++) {
    // Nobody waits here for the next attempt.
    await catalog.db
      .updateTable('jobs')
      .set({ not_before: '2000-01-01T00:00:00.000000Z' })
      .where('state', '=', 'queued')
      .execute()
    const worker = start([script('kill-worker.ts')], { cwd: folder })
    await worker.printed('open', 'stdout')
    if (disturbed < JOB_KILLS) {
      for (let waited = 0; waited < 100 && !(await killJob()); waited++) await sleep(5)
      disturbed++
    }
    if (killed < WORKER_KILLS) {
      await sleep(Math.random() * 400)
      if (worker.child.kill('SIGKILL')) killed++
      await worker.ended
      continue
    }
    // Two at once run different jobs.
    const other = start([script('kill-worker.ts')], { cwd: folder })
    for (const { code, stdout, stderr } of await Promise.all([worker.ended, other.ended])) {
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toContain('done ')
    }
    const left = await jobs.select('id').where('ended_at', 'is', null).execute()
    if (left.length === 0) break
    expect(round).toBeLessThan(20)
  }
  const ended = await jobs.selectAll().execute()
  expect(ended.map(({ state }) => state)).toEqual(views.map(() => 'succeeded'))
  for (const { arguments: given, result } of ended)
    expect(JSON.parse(given).views).toEqual([JSON.parse(result ?? '{}').view])
  const { rows: ends } = await sql<{ id: string }>`SELECT id FROM ends`.execute(catalog.db)
  expect(ends.map(({ id }) => id).toSorted()).toEqual(ended.map(({ id }) => id).toSorted())
  expect((await lines()).filter((line) => line.startsWith('beside'))).toEqual([])
  expect((await readdir(folder)).filter((file) => /^made-.$/.test(file)).toSorted()).toEqual(
    views.map((view) => `made-${view}`),
  )
  for (const view of views) expect(await readFile(join(folder, `made-${view}`), 'utf8')).toBe(`what ${view} makes\n`)
})
