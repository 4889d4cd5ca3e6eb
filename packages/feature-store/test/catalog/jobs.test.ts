import { hostname } from 'node:os'
import process from 'node:process'
import { expect, test } from 'vitest'
import { cancelJob } from '../../src/catalog/jobs/cancel-job.ts'
import { claimJob } from '../../src/catalog/jobs/claim-job.ts'
import type { AttemptEnd, HeldJob } from '../../src/catalog/jobs/held-job.ts'
import { isJobId, newJobId } from '../../src/catalog/jobs/job-id.ts'
import { jobInstant } from '../../src/catalog/jobs/job-times.ts'
import { changedJobs, listAttempts, listJobs, readJob } from '../../src/catalog/jobs/read-jobs.ts'
import { removeEndedJobs } from '../../src/catalog/jobs/remove-ended-jobs.ts'
import { submitJob, type JobSubmission, type Submitted } from '../../src/catalog/jobs/submit-job.ts'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { failure, openCatalogAt, withCatalog } from './scratch.ts'

const start = Date.parse('2026-06-01T00:00:00Z')
const minute = 60_000
const kinds = ['materialize', 'drift']
const well: AttemptEnd = { error_code: null, error: null, exit_code: 0, result: '{"rows":3}' }
const badly: AttemptEnd = { error_code: 'LEASE_HELD', error: 'LEASE_HELD: somebody else', exit_code: 1 }

const submit = (catalog: Catalog, change: Partial<JobSubmission> = {}, now = start): Promise<Submitted> =>
  submitJob(
    catalog,
    { kind: 'materialize', arguments: { views: ['a'] }, by: 'ann', maxFailures: 2, timeLimit: 60, ...change },
    { perCaller: 3, inAll: 5 },
    now,
  )

async function claim(catalog: Catalog, now = start): Promise<HeldJob> {
  const held = await claimJob(catalog, { kinds, now })
  if (held === undefined) throw new Error('there is nothing to claim')
  return held
}

/** As if the worker of all running jobs was another one. */
const elsewhere = ({ db }: Catalog, worker: { host: string; pid: number }): Promise<unknown> =>
  db
    .updateTable('jobs')
    .set({ worker_host: worker.host, worker_pid: worker.pid })
    .where('state', '=', 'running')
    .execute()

test('ids are UUIDs that sort by time', () => {
  const ids = [0, 1, 255, 256, start, start + 1, 2 ** 47].map(newJobId)
  expect(ids.every(isJobId)).toBe(true)
  expect(ids.toSorted()).toEqual(ids)
  expect(newJobId(start)).not.toBe(newJobId(start))
  expect(isJobId('0197250d-6f00-4aaa-8aaa-aaaaaaaaaaaa')).toBe(false)
})

test('a job waits, runs and ends, each of them once', () =>
  withCatalog(async (catalog) => {
    const { job, created } = await submit(catalog)
    expect(created).toBe(true)
    expect(job).toMatchObject({ state: 'queued', attempts: 0, arguments: '{"views":["a"]}', requested_by: 'ann' })
    expect(await claimJob(catalog, { kinds: ['drift'], now: start })).toBeUndefined()
    const held = await claim(catalog, start + minute)
    expect(held.job).toMatchObject({ id: job.id, state: 'running', attempts: 1, losses: 0 })
    expect(held.earlier).toBeNull()
    expect(await claimJob(catalog, { kinds, now: start + minute })).toBeUndefined()
    expect(await held.begun(17)).toBe(true)
    expect(await held.renew({ progress: '{"rows":1}', log_tail: 'one' }, start + minute)).toBe('held')
    expect(await readJob(catalog, job.id)).toMatchObject({ child_pid: 17, progress: '{"rows":1}', log_tail: 'one' })
    expect(await held.end('succeeded', well, start + 2 * minute)).toBe(true)
    const ended = {
      state: 'succeeded',
      result: '{"rows":3}',
      log_tail: 'one',
      child_pid: null,
      lease_token: null,
      started_at: jobInstant(start + minute),
      ended_at: jobInstant(start + 2 * minute),
    }
    expect(await readJob(catalog, job.id)).toMatchObject(ended)
    // Nothing comes after the end.
    expect(await held.end('failed', badly, start)).toBe(false)
    expect(await held.retry(badly, start, start)).toBe(false)
    expect(await cancelJob(catalog, job.id, 'ann', start)).toMatchObject({ state: 'succeeded', cancelled_by: null })
    expect(await readJob(catalog, job.id)).toMatchObject(ended)
    expect(await claimJob(catalog, { kinds, now: start + 99 * minute })).toBeUndefined()
  }))

test('a repeated key is the same job, of the same caller and with the same arguments', () =>
  withCatalog(async (catalog) => {
    const idempotencyKey = 'nightly-2026-06-01'
    const { job } = await submit(catalog, { idempotencyKey, arguments: { from: 'x', views: ['a'] } })
    expect(await submit(catalog, { idempotencyKey, arguments: { views: ['a'], from: 'x' } })).toEqual({
      job,
      created: false,
    })
    expect(await failure(submit(catalog, { idempotencyKey, arguments: { views: ['b'] } }))).toMatchObject({
      code: 'JOB_KEY_REUSED',
      message: expect.stringContaining(job.id),
    })
    expect(await failure(submit(catalog, { idempotencyKey, kind: 'drift' }))).toMatchObject({ code: 'JOB_KEY_REUSED' })
    expect(await submit(catalog, { idempotencyKey, by: 'bob' })).toMatchObject({ created: true })
  }))

test('many that submit one key at once get one job', () =>
  withCatalog(async (catalog, place) => {
    await using other = await openCatalogAt(place)
    const all = await Promise.all([catalog, other, catalog, other].map((at) => submit(at, { idempotencyKey: 'k' })))
    expect(new Set(all.map(({ job }) => job.id)).size).toBe(1)
    expect(all.filter(({ created }) => created)).toHaveLength(1)
  }))

test('of two workers that claim at once, each gets other jobs', () =>
  withCatalog(async (catalog, place) => {
    await using other = await openCatalogAt(place)
    for (const by of ['ann', 'ann', 'ann', 'bob', 'bob']) await submit(catalog, { by })
    const held = await Promise.all(
      [catalog, other, catalog, other, catalog, other, other].map((at) => claimJob(at, { kinds, now: start })),
    )
    const ids = held.flatMap((one) => (one === undefined ? [] : [one.job.id]))
    expect(new Set(ids).size).toBe(ids.length)
    // One that saw only jobs that others were taking may have got none.
    for (let one = await claimJob(catalog, { kinds, now: start }); one !== undefined;) {
      ids.push(one.job.id)
      one = await claimJob(catalog, { kinds, now: start })
    }
    expect(new Set(ids).size).toBe(5)
    expect(ids).toHaveLength(5)
  }))

test('the queue has bounds, for each caller and for all', () =>
  withCatalog(async (catalog) => {
    const first = await submit(catalog)
    await submit(catalog)
    await submit(catalog)
    expect(await failure(submit(catalog))).toMatchObject({
      code: 'JOB_QUEUE_FULL',
      message: expect.stringContaining('ann has 3 jobs'),
    })
    await submit(catalog, { by: 'bob' })
    await submit(catalog, { by: 'bob' })
    expect(await failure(submit(catalog, { by: 'bob' }))).toMatchObject({ message: expect.stringContaining('5 jobs') })
    await cancelJob(catalog, first.job.id, 'ann', start)
    expect(await submit(catalog, { by: 'bob' })).toMatchObject({ created: true })
  }))

test('a job whose worker died is taken over at once on this machine, and after a minute of silence elsewhere', () =>
  withCatalog(async (catalog) => {
    const { job } = await submit(catalog)
    const first = await claim(catalog)
    await first.begun(4242)
    await elsewhere(catalog, { host: hostname(), pid: 2 ** 30 })
    const second = await claim(catalog, start + 1)
    expect(second.job).toMatchObject({ attempts: 2, losses: 1, failures: 0, worker_pid: process.pid })
    expect(second.earlier).toBe(4242)
    // The first one, if it lives after all, finds out.
    expect(await first.renew({}, start + 2)).toBe('lost')
    expect(await first.asked()).toBe('lost')
    expect(await first.begun(1)).toBe(false)
    expect(await first.end('succeeded', well, start + 2)).toBe(false)
    await second.begun(4343)
    await elsewhere(catalog, { host: 'another-machine', pid: 1 })
    expect(await claimJob(catalog, { kinds, now: start + minute })).toBeUndefined()
    const third = await claim(catalog, start + 1 + minute)
    expect(third.job).toMatchObject({ id: job.id, attempts: 3, losses: 2 })
    expect(third.earlier).toBeNull()
    expect(await third.end('succeeded', well, start + 2 * minute)).toBe(true)
    expect(await readJob(catalog, job.id)).toMatchObject({ state: 'succeeded', failures: 0, losses: 2 })
  }))

test('a worker that is heard of keeps its job', () =>
  withCatalog(async (catalog) => {
    await submit(catalog)
    const held = await claim(catalog)
    await elsewhere(catalog, { host: 'another-machine', pid: 1 })
    for (let at = start; at < start + 2 * minute; at += minute / 2) {
      expect(await held.renew({}, at)).toBe('held')
      expect(await claimJob(catalog, { kinds, now: at + minute / 2 })).toBeUndefined()
    }
  }))

test('a job that ends its workers again and again has failed', () =>
  withCatalog(async (catalog) => {
    const { job } = await submit(catalog)
    for (let losses = 0; losses < 10; losses++) {
      expect((await claim(catalog)).job.losses).toBe(losses)
      await elsewhere(catalog, { host: hostname(), pid: 2 ** 30 })
    }
    expect(await claimJob(catalog, { kinds, now: start })).toBeUndefined()
    expect(await readJob(catalog, job.id)).toMatchObject({ state: 'failed', error_code: 'JOB_LOST', losses: 10 })
  }))

test('one that failed is tried again later, and others go first', () =>
  withCatalog(async (catalog) => {
    const { job } = await submit(catalog)
    expect(await (await claim(catalog)).retry(badly, start + 5 * minute, start)).toBe(true)
    expect(await readJob(catalog, job.id)).toMatchObject({ state: 'queued', failures: 1, error_code: 'LEASE_HELD' })
    const { job: later } = await submit(catalog, {}, start + minute)
    expect(await claimJob(catalog, { kinds, now: start })).toBeUndefined()
    expect((await claim(catalog, start + 6 * minute)).job.id).toBe(later.id)
    const again = await claim(catalog, start + 6 * minute)
    expect(again.job).toMatchObject({ id: job.id, attempts: 2, failures: 1 })
    expect(await again.giveBack({ log_tail: 'stopping' }, start + 7 * minute)).toBe(true)
    expect(await readJob(catalog, job.id)).toMatchObject({ state: 'queued', failures: 1, losses: 0, lease_until: null })
  }))

test('jobs of a higher priority go first, and among equals the one that has waited longest', () =>
  withCatalog(async (catalog) => {
    const { job: plain } = await submit(catalog)
    const { job: low } = await submit(catalog, { priority: -5 }, start + 1)
    const { job: high } = await submit(catalog, { priority: 10, by: 'bob' }, start + 2)
    const { job: later } = await submit(catalog, { priority: 10, by: 'bob' }, start + 3)
    // As a job of an earlier version.
    await catalog.db.updateTable('jobs').set({ priority: null }).where('id', '=', plain.id).execute()
    const order: string[] = []
    for (let taken = 0; taken < 4; taken++) order.push((await claim(catalog, start + minute)).job.id)
    expect(order).toEqual([high.id, later.id, plain.id, low.id])
  }))

test('every attempt is kept with how it ended, also one whose worker was lost, until the job is removed', () =>
  withCatalog(async (catalog) => {
    const { job } = await submit(catalog)
    await claim(catalog)
    await elsewhere(catalog, { host: hostname(), pid: 2 ** 30 })
    await (await claim(catalog, start + minute)).retry(badly, start + minute, start + minute)
    await (await claim(catalog, start + 2 * minute)).giveBack({}, start + 2 * minute)
    await (await claim(catalog, start + 3 * minute)).end('succeeded', well, start + 4 * minute)
    const attempts = await listAttempts(catalog, [job.id])
    expect(attempts.map(({ attempt, outcome, error_code: code }) => [attempt, outcome, code])).toEqual([
      [1, 'lost', null],
      [2, 'retried', 'LEASE_HELD'],
      [3, 'given back', null],
      [4, 'succeeded', null],
    ])
    expect(attempts.map((attempt) => [attempt.started_at, attempt.ended_at])).toEqual(
      [
        [0, 1],
        [1, 1],
        [2, 2],
        [3, 4],
      ].map((times) => times.map((at) => jobInstant(start + at * minute))),
    )
    const { job: other } = await submit(catalog, {}, start + 5 * minute)
    await claim(catalog, start + 5 * minute)
    expect((await changedJobs(catalog, undefined)).map(({ id }) => id)).toEqual([job.id, other.id])
    expect((await changedJobs(catalog, start + 4 * minute)).map(({ id }) => id)).toEqual([job.id, other.id])
    expect((await changedJobs(catalog, start + 4 * minute + 1)).map(({ id }) => id)).toEqual([other.id])
    expect((await changedJobs(catalog, start + 5 * minute, [job.id])).map(({ id }) => id)).toEqual([job.id, other.id])
    await removeEndedJobs(catalog, { days: 1, rows: 0 }, start + 6 * minute)
    expect((await listAttempts(catalog, [job.id, other.id])).map((attempt) => attempt.job_id)).toEqual([other.id])
  }))

test('cancelling ends a job that waits, tells one that runs, and ends one whose worker is gone', () =>
  withCatalog(async (catalog) => {
    const waiting = await submit(catalog)
    expect(await cancelJob(catalog, waiting.job.id, 'bob', start)).toMatchObject({
      state: 'cancelled',
      cancelled_by: 'bob',
      ended_at: jobInstant(start),
    })
    const { job } = await submit(catalog)
    const held = await claim(catalog)
    expect(await cancelJob(catalog, job.id, 'bob', start)).toMatchObject({ state: 'running', cancelled_by: 'bob' })
    expect(await held.renew({}, start)).toBe('cancelled')
    // It does not go back to the queue.
    expect(await held.retry(badly, start, start)).toBe(false)
    expect(await held.giveBack({}, start)).toBe(false)
    await elsewhere(catalog, { host: hostname(), pid: 2 ** 30 })
    expect(await cancelJob(catalog, job.id, 'cid', start)).toMatchObject({ state: 'cancelled', cancelled_by: 'bob' })
    expect(await held.asked()).toBe('lost')
    expect(await cancelJob(catalog, newJobId(start), 'bob', start)).toBeUndefined()
  }))

test('jobs are listed newest first, in pages, and ended ones are removed after a while or when there are many', () =>
  withCatalog(async (catalog) => {
    const ids: string[] = []
    for (let at = 0; at < 5; at++) {
      const { job } = await submit(catalog, { kind: at % 2 === 0 ? 'materialize' : 'drift' }, start + at * minute)
      if (at < 4) await cancelJob(catalog, job.id, 'ann', start + at * minute)
      ids.unshift(job.id)
    }
    const listed = async (filter: Parameters<typeof listJobs>[1]): Promise<readonly string[]> =>
      (await listJobs(catalog, filter)).map(({ id }) => id)
    expect(await listed({})).toEqual(ids)
    expect(await listed({ limit: 2 })).toEqual(ids.slice(0, 2))
    expect(await listed({ limit: 2, before: ids[1] ?? '' })).toEqual(ids.slice(2, 4))
    expect(await listed({ kinds: ['drift'] })).toEqual([ids[1], ids[3]])
    expect(await listed({ states: ['queued', 'running'] })).toEqual([ids[0]])
    expect(await removeEndedJobs(catalog, { days: 1, rows: 100 }, start + 4 * minute)).toBe(0)
    expect(await removeEndedJobs(catalog, { days: 1, rows: 3 }, start + 4 * minute)).toBe(1)
    expect(await listed({})).toEqual(ids.slice(0, 4))
    expect(await removeEndedJobs(catalog, { days: 1, rows: 3 }, start + 24 * 60 * minute + 2 * minute)).toBe(1)
    expect(await listed({})).toEqual(ids.slice(0, 3))
  }))
