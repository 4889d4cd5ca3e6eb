import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCatalog } from '@martlet/feature-store'
import { sql } from '@martlet/warehouse'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TestPlatform } from './platform.ts'

// Each job is a process.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 })

let state: string
let platform: TestPlatform
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'martlet-operations-'))
  platform = new TestPlatform(state)
  await platform.prepare()
})
afterEach(async () => {
  await platform.stop()
  await rm(state, { recursive: true })
})

const ask = (...rows: readonly (readonly [id: string, type: string, input: string])[]): Promise<void> =>
  platform.open(async (warehouse) => {
    for (const [id, type, input] of rows)
      await warehouse.run(
        sql`INSERT INTO ops.jobs (id, type, input, created_by) VALUES (${id}, ${type}, ${input}, 'tester')`,
      )
  })

const reports = [
  ['r1', 'customer-report', '{"customer_id":"C0001"}'],
  ['r2', 'customer-report', '{"customer_id":"C0002"}'],
  ['day', 'daily-usage', '{"day":"2026-03-08"}'],
] as const

test('rows that ask for jobs are run once each by two workers, the most urgent first', async () => {
  await ask(...reports, ['wrong', 'customer-report', '{"customer":"C0001"}'])
  const workers = [platform.start('worker', '--once'), platform.start('worker', '--once')]
  const ends = await Promise.all(workers.map((worker) => platform.ended(worker)))
  expect(ends.map(({ code }) => code)).toEqual([0, 0])
  const done = ends.map(({ stdout }) => JSON.parse(stdout).jobs.succeeded)
  expect(done.reduce((sum, count) => sum + count, 0)).toBe(3)
  expect(await platform.rows('SELECT id, type, state, attempts, created_by FROM ops.jobs ORDER BY id')).toEqual([
    { id: 'day', type: 'daily-usage', state: 'succeeded', attempts: 1, created_by: 'tester' },
    { id: 'r1', type: 'customer-report', state: 'succeeded', attempts: 1, created_by: 'tester' },
    { id: 'r2', type: 'customer-report', state: 'succeeded', attempts: 1, created_by: 'tester' },
    { id: 'wrong', type: 'customer-report', state: 'refused', attempts: null, created_by: 'tester' },
  ])
  const [first] = await platform.rows(
    'SELECT type FROM ops.jobs WHERE started_at IS NOT NULL ORDER BY started_at LIMIT 1',
  )
  expect(first).toEqual({ type: 'daily-usage' })
  expect(await platform.rows('SELECT COUNT(*) AS runs FROM ops.job_runs')).toEqual([{ runs: 3 }])
  expect(await platform.rows('SELECT SUM(customers) AS n FROM mart.daily_usage')).toEqual(
    await platform.rows("SELECT COUNT(*) AS n FROM mart.fact_usage WHERE CAST(used_at AS DATE) = DATE '2026-03-08'"),
  )
  const artifacts = await platform.rows('SELECT name FROM ops.job_artifacts ORDER BY name')
  expect(artifacts.map((row) => row['name'])).toEqual([
    'customer-C0001.html',
    'customer-C0001.json',
    'customer-C0002.html',
    'customer-C0002.json',
  ])
})

test('workers that are killed leave no job undone and no artifact twice', async () => {
  await ask(...reports)
  // One dies when it begins a job, one while the job runs, one wherever it is.
  for (const [pattern, wait] of [
    [/"type":"job"/, 0],
    [/"type":"job"/, 400],
    [/"type":"(?:job-end|note)"/, 0],
  ] as const) {
    const worker = platform.start('worker', '--poll', '50ms', '--table', '50ms')
    await platform.printed(worker, pattern)
    await new Promise((resolve) => setTimeout(resolve, wait * Math.random()))
    const gone = new Promise((resolve) => worker.once('close', resolve))
    worker.kill('SIGKILL')
    await gone
  }
  const { code } = await platform.ended(platform.start('worker', '--once'))
  expect(code).toBe(0)
  const jobs = await platform.rows('SELECT * FROM ops.jobs ORDER BY id')
  expect(jobs.map((row) => [row['id'], row['state']])).toEqual([
    ['day', 'succeeded'],
    ['r1', 'succeeded'],
    ['r2', 'succeeded'],
  ])
  const runs = await platform.rows(`
    SELECT r.job_id, COUNT(*) AS runs, SUM(CASE WHEN r.outcome = 'succeeded' THEN 1 ELSE 0 END) AS succeeded,
      SUM(CASE WHEN r.outcome = 'lost' THEN 1 ELSE 0 END) AS lost
    FROM ops.job_runs AS r GROUP BY r.job_id`)
  expect(runs.map((row) => row['succeeded'])).toEqual([1, 1, 1])
  const attempts = jobs.reduce((sum, row) => sum + Number(row['attempts']), 0)
  expect(runs.reduce((sum, row) => sum + Number(row['runs']), 0)).toBe(attempts)
  expect(runs.reduce((sum, row) => sum + Number(row['lost']), 0)).toBe(attempts - 3)
  expect(attempts).toBeGreaterThan(3)
  const artifacts = await platform.rows('SELECT job_id, name, sha256 FROM ops.job_artifacts ORDER BY name')
  expect(artifacts.map((row) => row['name'])).toEqual([
    'customer-C0001.html',
    'customer-C0001.json',
    'customer-C0002.html',
    'customer-C0002.json',
  ])
  const files = (await readdir(platform.artifacts, { recursive: true })).map((path) => path.split('/').at(-1))
  for (const row of artifacts) expect(files).toContain(row['sha256'])
  // One catalog job for each row, whoever has taken it.
  await using catalog = await openCatalog({ path: join(state, 'catalog.sqlite') })
  const queued = await catalog.db.selectFrom('jobs').select('idempotency_key').execute()
  expect(queued.map((row) => row.idempotency_key).toSorted()).toEqual(['day', 'r1', 'r2'])
  expect(await platform.rows('SELECT COUNT(*) AS days FROM mart.daily_usage')).toEqual(
    await platform.rows(
      `SELECT COUNT(DISTINCT c.segment) AS days
       FROM mart.fact_usage AS u JOIN mart.dim_customer AS c ON c.customer_id = u.customer_id
       WHERE CAST(u.used_at AS DATE) = DATE '2026-03-08'`,
    ),
  )
})
