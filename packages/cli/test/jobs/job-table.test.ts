import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claimJob, listJobs, type HeldJob } from '@martlet/feature-store'
import { MartletError, rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { defineConfig, jobKind, openProject, type Project } from '../../src/index.ts'
import { askerOf, takeRows } from '../../src/jobs/table/take-rows.ts'
import { syncInto, type SyncedJobs } from '../../src/jobs/table/sync-jobs.ts'
import { jobsOf } from '../../src/jobs/project-jobs.ts'

const config = defineConfig({
  warehouse: { duckdb: 'warehouse.duckdb' },
  catalog: { sqlite: 'catalog.sqlite' },
  online: 'memory',
  artifacts: { folder: 'artifacts' },
  definitions: {},
  jobs: {
    schema: 'ops',
    inAll: 4,
    perCaller: 4,
    kinds: {
      greet: jobKind({
        input: z.strictObject({ name: z.string() }),
        priority: 3,
        run: async ({ input }) => ({ hello: input.name }),
      }),
    },
  },
})

let folder: string
let project: Project
let warehouse: Warehouse
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-job-table-'))
  project = openProject(config, { folder })
  warehouse = await openTestWarehouse()
  await sync()
})
afterEach(async () => {
  await warehouse.close()
  await project.close()
  await rm(folder, { recursive: true })
})

const sync = (): Promise<SyncedJobs> => syncInto(project, warehouse, 'ops')

async function ask(
  ...rows: readonly (readonly [id: string, type: string, input: string | null, priority?: number])[]
): Promise<void> {
  for (const [id, type, input, priority] of rows)
    await warehouse.run(
      sql`INSERT INTO ops.jobs (id, type, input, priority, created_by) VALUES (${id}, ${type}, ${input}, ${priority ?? null}, 'ann')`,
    )
}

type Row = Readonly<Record<string, unknown>>
const rowsIn = async (table: string, order: string): Promise<readonly Row[]> =>
  rowsOf(await warehouse.read(sql`SELECT * FROM ${sql.ref(`ops.${table}`)} AS t ORDER BY ${sql.id(order)}`))

async function claim(): Promise<HeldJob> {
  const held = await claimJob(await project.catalog(), { kinds: ['greet', 'drift'], now: Date.now() })
  if (held === undefined) throw new Error('there is nothing to claim')
  return held
}

const well = { error_code: null, error: null, exit_code: 0 }

it('a row that asks for a job becomes one, once, and shows how it goes', async () => {
  await ask(['r1', 'greet', '{"name":"Eve"}'], ['r2', 'drift', null, 9])
  expect(await sync()).toEqual({ taken: 2, refused: 0, written: 2 })
  expect(await sync()).toEqual({ taken: 0, refused: 0, written: 0 })
  const catalog = await project.catalog()
  expect(
    (await listJobs(catalog)).map((job) => [job.kind, job.requested_by, job.idempotency_key, job.priority]),
  ).toEqual(
    expect.arrayContaining([
      ['greet', 'table:ops.jobs', 'r1', 3],
      ['drift', 'table:ops.jobs', 'r2', 9],
    ]),
  )
  expect(await rowsIn('jobs', 'id')).toMatchObject([
    { id: 'r1', type: 'greet', state: 'queued', created_by: 'ann', priority: 3, attempts: 0, input: '{"name":"Eve"}' },
    { id: 'r2', type: 'drift', state: 'queued', created_by: 'ann', priority: 9, attempts: 0 },
  ])
  await (await claim()).end('failed', { error_code: 'OOPS', error: 'it broke', exit_code: 1 }, Date.now())
  const held = await claim()
  await sync()
  expect(await rowsIn('jobs', 'id')).toMatchObject([
    { id: 'r1', state: 'running', attempts: 1, lease_until: expect.any(Date) },
    { id: 'r2', state: 'failed', error: 'OOPS: it broke', ended_at: expect.any(Date), lease_until: null },
  ])
  const artifacts = [{ name: 'hello.txt', mediaType: 'text/plain', sha256: 'a'.repeat(64), bytes: 5 }]
  const result = JSON.stringify({ output: { hello: 'Eve' }, artifacts, measures: { rows: 2.5 } })
  await held.end('succeeded', { ...well, result }, Date.now())
  expect(await sync()).toMatchObject({ written: 1 })
  const [first] = await rowsIn('jobs', 'id')
  expect(first).toMatchObject({ id: 'r1', state: 'succeeded', output: '{"hello":"Eve"}', error: null })
  const of = { job_id: held.job.id }
  expect(await rowsIn('job_artifacts', 'job_id')).toEqual([
    { ...of, name: 'hello.txt', media_type: 'text/plain', sha256: 'a'.repeat(64), bytes: 5 },
  ])
  expect(await rowsIn('job_measures', 'job_id')).toEqual([{ ...of, name: 'rows', value: 2.5 }])
  expect(await rowsIn('job_runs', 'outcome')).toMatchObject([
    { outcome: 'failed', attempt: 1, error_code: 'OOPS', exit_code: 1 },
    { outcome: 'succeeded', attempt: 1, error_code: null },
  ])
  expect(await sync()).toEqual({ taken: 0, refused: 0, written: 0 })
})

it('a process that dies between the catalog and the warehouse leaves one job', async () => {
  await ask(['r1', 'greet', '{"name":"Eve"}'])
  const queue = await jobsOf(project)
  const asked = { kind: 'greet', arguments: { name: 'Eve' }, by: askerOf('ops'), idempotencyKey: 'r1' }
  const { job } = await queue.submit(asked)
  const held = await claim()
  await held.end('succeeded', well, Date.now())
  expect(await sync()).toEqual({ taken: 0, refused: 0, written: 1 })
  expect(await rowsIn('jobs', 'id')).toMatchObject([{ id: 'r1', job_id: job.id, state: 'succeeded' }])
  expect(await listJobs(await project.catalog())).toHaveLength(1)
})

it('jobs that are asked for elsewhere have rows too, and a caller cannot take the row of another', async () => {
  await ask(['r1', 'greet', '{"name":"Eve"}'])
  const queue = await jobsOf(project)
  const { job } = await queue.submit({ kind: 'greet', arguments: { name: 'Al' }, by: 'bob', idempotencyKey: 'r1' })
  expect(await sync()).toEqual({ taken: 1, refused: 0, written: 2 })
  const rows = await rowsIn('jobs', 'created_by')
  expect(rows.map((row) => [row['id'], row['created_by'], row['input']])).toEqual([
    ['r1', 'ann', '{"name":"Eve"}'],
    [job.id, 'bob', '{"name":"Al"}'],
  ])
})

it('rows that cannot be jobs are refused with the reason, and the others go on', async () => {
  await ask(
    ['kind', 'greeet', '{}'],
    ['input', 'greet', '{"name":1}'],
    ['json', 'greet', '{name}'],
    ['monitor', 'drift', '{"monitor":"none"}'],
    ['priority', 'greet', '{"name":"a"}', 1000],
    ['twice', 'greet', '{"name":"a"}'],
    ['twice', 'greet', '{"name":"b"}'],
    ['good', 'greet', '{"name":"c"}'],
  )
  expect(await sync()).toEqual({ taken: 1, refused: 7, written: 1 })
  const rows = await rowsIn('jobs', 'id')
  const reasons = new Map(rows.map((row) => [row['id'], row['error']]))
  expect(Object.fromEntries(reasons)).toMatchObject({
    good: null,
    input: 'JOB_ARGUMENT_INVALID: arguments.name must be a string.',
    json: expect.stringContaining('JOB_ROW_INVALID: Its input is not JSON'),
    kind: expect.stringContaining('JOB_KIND_UNKNOWN: kind must be one of'),
    monitor: expect.stringContaining('MONITOR_UNKNOWN'),
    priority: 'JOB_ROW_INVALID: Its priority is 1000; it may be from -100 to 100.',
    twice: 'JOB_ROW_INVALID: There are several rows with its id.',
  })
  expect(rows.filter((row) => row['state'] === 'refused')).toHaveLength(7)
  expect(await sync()).toEqual({ taken: 0, refused: 0, written: 0 })
})

it('a full queue leaves rows where they are, the most urgent first', async () => {
  await ask(...Array.from({ length: 6 }, (_, at) => [`r${at}`, 'greet', '{"name":"a"}', at] as const))
  expect(await sync()).toMatchObject({ taken: 4, refused: 0 })
  const waiting = (await rowsIn('jobs', 'id')).filter((row) => row['state'] === null)
  expect(waiting.map((row) => row['id'])).toEqual(['r0', 'r1'])
  for (let left = 4; left > 0; left--) await (await claim()).end('succeeded', well, Date.now())
  expect(await sync()).toMatchObject({ taken: 2 })
})

it('a row whose id another row has already is refused, and the others go on', async () => {
  await ask(['r1', 'greet', '{"name":"Eve"}'], ['no', 'greeet', '{}'])
  const queue = await jobsOf(project)
  const { job } = await queue.submit({ kind: 'greet', arguments: { name: 'Bo' }, by: 'bob' })
  await sync()
  await ask(
    ['r1', 'greet', '{"name":"Eve"}'],
    ['no', 'greet', '{"name":"Eve"}'],
    [job.id, 'greet', '{"name":"Eve"}'],
    ['good', 'greet', '{"name":"Al"}'],
  )
  expect(await sync()).toEqual({ taken: 1, refused: 3, written: 1 })
  expect(await sync()).toEqual({ taken: 0, refused: 0, written: 0 })
  const rows = await rowsIn('jobs', 'id')
  expect(rows.map((row) => [row['id'], row['state']])).toEqual(
    expect.arrayContaining([
      ['good', 'queued'],
      ['r1', 'queued'],
      ['r1', 'refused'],
    ]),
  )
  expect(rows.find((row) => row['id'] === 'r1' && row['state'] === 'refused')?.['error']).toMatch(/another row/)
  expect(rows).toHaveLength(7)
  // The row of the job goes on, and the refused one stays as it is.
  await (await claim()).end('failed', { ...well, exit_code: 1 }, Date.now())
  expect(await sync()).toMatchObject({ written: 1 })
  expect(await rowsIn('jobs', 'id')).toHaveLength(7)
})

it('a process that dies between the catalog and a table whose queue is full leaves one row of each job', async () => {
  await ask(['r1', 'greet', '{"name":"Eve"}'])
  const queue = await jobsOf(project)
  await queue.submit({ kind: 'greet', arguments: { name: 'Eve' }, by: askerOf('ops'), idempotencyKey: 'r1' })
  await ask(...Array.from({ length: 4 }, (_, at) => [`urgent${at}`, 'greet', '{"name":"a"}', 9] as const))
  expect(await sync()).toMatchObject({ taken: 3, refused: 0 })
  expect(await rowsIn('jobs', 'id')).toHaveLength(5)
  for (let left = 4; left > 0; left--) await (await claim()).end('succeeded', well, Date.now())
  expect(await sync()).toMatchObject({ taken: 1, refused: 0 })
  const rows = await rowsIn('jobs', 'id')
  expect(rows.map((row) => [row['id'], row['state']])).toEqual([
    ['r1', 'succeeded'],
    ['urgent0', 'succeeded'],
    ['urgent1', 'succeeded'],
    ['urgent2', 'succeeded'],
    ['urgent3', 'queued'],
  ])
})

it('an input that is nested too deeply to be read is refused, and the others go on', async () => {
  await ask(['deep', 'greet', `{"name":${'['.repeat(12_000)}${']'.repeat(12_000)}}`], ['good', 'greet', '{"name":"a"}'])
  expect(await sync()).toEqual({ taken: 1, refused: 1, written: 1 })
  expect(await rowsIn('jobs', 'id')).toMatchObject([
    { id: 'deep', state: 'refused', error: expect.stringContaining('JOB_ROW_INVALID') },
    { id: 'good', state: 'queued' },
  ])
})

it('a registry that is away refuses no row', async () => {
  await ask(['s1', 'score', '{"model":"churn","spine":"mart.spine","time":"at","into":"scores.churn"}'])
  const away = new MartletError('WAREHOUSE_FAILED', 'the account does not answer')
  const names = { views: () => [], models: () => Promise.reject(away), trainingSets: () => [], monitors: () => [] }
  const taking = takeRows(warehouse, 'ops', await jobsOf(project), () => Promise.resolve(names))
  await expect(taking).rejects.toBe(away)
})
