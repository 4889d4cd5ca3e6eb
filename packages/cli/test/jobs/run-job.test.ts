import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { claimJob, cancelJob, readJob, submitJob, type Catalog, type JobsTable } from '@martlet/feature-store'
import { expect, it } from 'vitest'
import { runJob, type JobEnd, type RunJobOptions } from '../../src/jobs/run-job.ts'
import { work, type WorkEvent, type WorkOptions } from '../../src/jobs/work.ts'
import type { StepEnd, StepRunner, StepStart } from '../../src/schedule/step-process.ts'
import { withCatalog } from '../schedule/with-catalog.ts'

const start = Date.parse('2026-06-01T00:00:00Z')
const kinds = ['materialize', 'drift', 'nonsense']

async function submit(catalog: Catalog, kind = 'materialize', given: object = {}): Promise<string> {
  const wanted = { kind, arguments: given, by: 'ann', maxFailures: 3, timeLimit: 60 }
  return (await submitJob(catalog, wanted, { perCaller: 99, inAll: 99 }, start)).job.id
}

async function run(
  catalog: Catalog,
  step: (start: StepStart) => Promise<Partial<StepEnd>>,
  more: Partial<RunJobOptions> & { readonly at?: number } = {},
): Promise<JobEnd> {
  const { at = start } = more
  const held = await claimJob(catalog, { kinds, now: at })
  if (held === undefined) throw new Error('there is nothing to claim')
  const runStep: StepRunner = async (given) => {
    await given.onStart(process.pid)
    return { exitCode: 0, error: null, tail: '', stopped: false, late: false, ...(await step(given)) }
  }
  return runJob(held, {
    config: 'martlet.config.ts',
    folder: '.',
    runStep,
    redact: (text) => text.replaceAll('secret', '[redacted]'),
    wait: '5m',
    pollMs: 5,
    signal: new AbortController().signal,
    now: () => at,
    random: () => 1,
    onLine: () => undefined,
    ...more,
  })
}

const answer = (document: object): string =>
  JSON.stringify({ ok: true, command: 'materialize', exitCode: 0, ...document })
const refusal = (code: string, message = 'no'): string => answer({ ok: false, exitCode: 1, error: { code, message } })
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())))
async function job(catalog: Catalog, id: string): Promise<JobsTable> {
  const row = await readJob(catalog, id)
  if (row === undefined) throw new Error(`there is no job ${id}`)
  return row
}

it('runs the command of a job for whoever asked, and keeps what it answered', () =>
  withCatalog(async (catalog) => {
    const id = await submit(catalog, 'materialize', { views: ['a'] })
    const end = await run(catalog, async ({ words, env, timeout, onLine }) => {
      expect(words).toEqual(['materialize', 'a', '--wait', '5m', '--json'])
      expect([env, timeout]).toEqual([{ MARTLET_ACTOR: 'ann' }, 60_000])
      onLine('{"type":"chunk","rows":3,"by":"secret"}', 'stderr')
      onLine(answer({ views: [{ rows: 3 }] }), 'stdout')
      return { exitCode: 2 }
    })
    expect(end).toEqual({ outcome: 'succeeded', error: null })
    expect(await job(catalog, id)).toMatchObject({
      state: 'succeeded',
      exit_code: 2,
      result: '{"exitCode":0,"views":[{"rows":3}]}',
      progress: '{"type":"chunk","rows":3,"by":"[redacted]"}',
      log_tail: '{"type":"chunk","rows":3,"by":"[redacted]"}\n',
      lease_token: null,
    })
  }))

it('writes progress while it runs', () =>
  withCatalog(async (catalog) => {
    const id = await submit(catalog)
    await run(catalog, async ({ onLine }) => {
      onLine('{"type":"chunk","rows":3}', 'stderr')
      for (let waited = 0; (await job(catalog, id)).progress === null && waited < 400; waited++) await sleep(10)
      expect(await job(catalog, id)).toMatchObject({ state: 'running', progress: '{"type":"chunk","rows":3}' })
      return {}
    })
  }))

it('repeats what may pass by itself, later each time, until it has failed', () =>
  withCatalog(async (catalog) => {
    const id = await submit(catalog)
    const fails = async ({ onLine }: StepStart): Promise<Partial<StepEnd>> => {
      onLine(refusal('LEASE_HELD', 'somebody with a secret'), 'stdout')
      return { exitCode: 1, error: 'LEASE_HELD: somebody' }
    }
    const error = 'LEASE_HELD: somebody with a [redacted]'
    expect(await run(catalog, fails)).toEqual({ outcome: 'retried', error })
    expect(await job(catalog, id)).toMatchObject({
      state: 'queued',
      failures: 1,
      not_before: '2026-06-01T00:00:05.000000Z',
      error_code: 'LEASE_HELD',
    })
    expect(await claimJob(catalog, { kinds, now: start + 4_999 })).toBeUndefined()
    expect(await run(catalog, fails, { at: start + 5_000 })).toMatchObject({ outcome: 'retried' })
    expect((await job(catalog, id)).not_before).toBe('2026-06-01T00:00:15.000000Z')
    expect(await run(catalog, fails, { at: start + 15_000 })).toEqual({ outcome: 'failed', error })
    expect(await job(catalog, id)).toMatchObject({ state: 'failed', failures: 3, attempts: 3, exit_code: 1 })
  }))

it.each([
  ['a mistake', 64, refusal('VIEW_UNKNOWN'), false, 'VIEW_UNKNOWN', 'no'],
  ['bad source rows', 1, refusal('QUALITY_FAILED'), false, 'QUALITY_FAILED', 'no'],
  ['what takes too long', null, undefined, true, 'JOB_TIME_LIMIT', 'took longer than 60 s and was ended'],
])('%s is final', (_, exitCode, printed, late, code, error) =>
  withCatalog(async (catalog) => {
    const id = await submit(catalog)
    const end = await run(catalog, async ({ onLine }) => {
      if (printed !== undefined) onLine(printed, 'stdout')
      return { exitCode, late, error }
    })
    expect(end).toEqual({ outcome: 'failed', error: `${code}: ${error}` })
    expect(await job(catalog, id)).toMatchObject({ state: 'failed', failures: 1, error_code: code, error })
  }),
)

it('a process that was killed is started again', () =>
  withCatalog(async (catalog) => {
    await submit(catalog)
    const killed = { exitCode: null, error: 'its process was killed' }
    expect(await run(catalog, async () => killed)).toEqual({ outcome: 'retried', error: 'its process was killed' })
  }))

it('drift that was found is a result', () =>
  withCatalog(async (catalog) => {
    const id = await submit(catalog, 'drift')
    const end = await run(catalog, async ({ onLine }) => {
      onLine(answer({ ok: false, exitCode: 1, monitors: [{ status: 'drift' }] }), 'stdout')
      return { exitCode: 1, error: 'ended with exit code 1' }
    })
    expect(end.outcome).toBe('succeeded')
    expect((await job(catalog, id)).result).toBe('{"exitCode":1,"monitors":[{"status":"drift"}]}')
  }))

it('a job that is cancelled while it runs is stopped, unless it was done before it heard of that', () =>
  withCatalog(async (catalog) => {
    const id = await submit(catalog)
    const end = await run(catalog, async ({ signal }) => {
      await cancelJob(catalog, id, 'bob', start)
      await aborted(signal)
      return { exitCode: 130, stopped: true, error: 'CANCELLED' }
    })
    expect(end).toEqual({ outcome: 'cancelled', error: null })
    expect(await job(catalog, id)).toMatchObject({ state: 'cancelled', cancelled_by: 'bob', failures: 0, error: null })
    const done = await submit(catalog)
    const well = await run(catalog, async ({ signal, onLine }) => {
      await cancelJob(catalog, done, 'bob', start)
      await aborted(signal)
      onLine(answer({ rows: 1 }), 'stdout')
      return {}
    })
    expect(well.outcome).toBe('succeeded')
    expect(await job(catalog, done)).toMatchObject({ state: 'succeeded', cancelled_by: 'bob' })
    // Cancelled in the moment in which it fails: it is not repeated.
    const third = await submit(catalog)
    const failed = await run(catalog, async () => {
      await cancelJob(catalog, third, 'bob', start)
      return { exitCode: 1, error: 'no' }
    })
    expect(failed.outcome).toBe('cancelled')
  }))

it('a worker that stops gives its job back, and another one finishes it', () =>
  withCatalog(async (catalog) => {
    const id = await submit(catalog)
    const stopping = new AbortController()
    const end = await run(
      catalog,
      async ({ signal }) => {
        stopping.abort()
        await aborted(signal)
        return { exitCode: 130, stopped: true }
      },
      { signal: stopping.signal },
    )
    expect(end.outcome).toBe('given back')
    expect(await job(catalog, id)).toMatchObject({ state: 'queued', failures: 0, losses: 0, attempts: 1 })
    expect((await run(catalog, async () => ({}))).outcome).toBe('succeeded')
  }))

it('a worker that has lost its job stops the process, writes nothing, and never lets one begin', () =>
  withCatalog(async (catalog) => {
    const id = await submit(catalog)
    const takeOver = { lease_token: 'theirs', worker_host: 'another-machine' }
    const end = await run(catalog, async ({ signal, onLine }) => {
      await catalog.db.updateTable('jobs').set(takeOver).where('id', '=', id).execute()
      await aborted(signal)
      onLine(answer({ rows: 1 }), 'stdout')
      return {}
    })
    expect(end).toEqual({ outcome: 'lost', error: null })
    expect(await job(catalog, id)).toMatchObject({ state: 'running', lease_token: 'theirs', result: null })
    const other = await submit(catalog)
    let begun = false
    const early = await run(catalog, () => Promise.resolve({}), {
      async runStep({ onStart, signal }) {
        await catalog.db.updateTable('jobs').set(takeOver).where('id', '=', other).execute()
        void onStart(process.pid).then(() => (begun = true))
        await aborted(signal)
        return { exitCode: null, error: 'its process was killed', tail: '', stopped: true, late: false }
      },
    })
    expect([early.outcome, begun]).toEqual(['lost', false])
  }))

it('a job of a kind or with arguments that this version does not know has failed', () =>
  withCatalog(async (catalog) => {
    const never: () => Promise<Partial<StepEnd>> = () => Promise.reject(new Error('it ran'))
    await submit(catalog, 'nonsense')
    expect(await run(catalog, never)).toMatchObject({ error: expect.stringMatching(/^JOB_KIND_UNKNOWN: /) })
    const id = await submit(catalog, 'drift', { later: 1 })
    expect(await run(catalog, never)).toMatchObject({ outcome: 'failed' })
    expect(await job(catalog, id)).toMatchObject({ state: 'failed', error_code: 'FIELD_UNKNOWN' })
  }))

it('one worker runs as many jobs at once as it may, and with --once ends when there are none', () =>
  withCatalog(async (catalog, other) => {
    const ids = await Promise.all(Array.from({ length: 9 }, () => submit(catalog)))
    let [atOnce, most] = [0, 0]
    const ran: string[] = []
    const events: WorkEvent[] = []
    const options = (at: Catalog, concurrency: number): WorkOptions => ({
      catalog: at,
      kinds,
      concurrency,
      once: true,
      pollMs: 10,
      retention: { days: 1, rows: 100 },
      signal: new AbortController().signal,
      now: () => start,
      async run(held) {
        most = Math.max(most, ++atOnce)
        ran.push(held.job.id)
        await sleep(5)
        atOnce--
        const outcome = held.job.id === ids[0] ? 'failed' : 'succeeded'
        await held.end(outcome, { error_code: null, error: null, exit_code: 0 }, start)
        return { outcome, error: null }
      },
      onEvent: (event) => events.push(event),
    })
    const done = await Promise.all([work(options(catalog, 2)), work(options(other, 1))])
    expect(ran.toSorted()).toEqual(ids.toSorted())
    expect(most).toBeLessThanOrEqual(3)
    expect(done.map(({ succeeded }) => succeeded).reduce((a, b) => a + b)).toBe(8)
    expect(done.map(({ failed }) => failed).reduce((a, b) => a + b)).toBe(1)
    expect(events.filter(({ type }) => type === 'job-end')).toHaveLength(9)
  }))

it('a worker that stays hears of jobs, and of trouble with the catalog, until it is stopped', () =>
  withCatalog(async (catalog) => {
    const stopping = new AbortController()
    const events: WorkEvent[] = []
    const working = work({
      catalog,
      kinds,
      concurrency: 1,
      once: false,
      pollMs: 5,
      retention: { days: 1, rows: 100 },
      signal: stopping.signal,
      now: () => start,
      run: async (held) => {
        await held.end('succeeded', { error_code: null, error: null, exit_code: 0 }, start)
        throw new Error('the disk is gone')
      },
      onEvent: (event) => events.push(event),
    })
    await sleep(20)
    await submit(catalog)
    while (!events.some(({ type }) => type === 'trouble')) await sleep(5)
    expect(events).toContainEqual({ type: 'trouble', message: 'the disk is gone' })
    stopping.abort()
    expect(await working).toMatchObject({ lost: 1, succeeded: 0 })
  }))
