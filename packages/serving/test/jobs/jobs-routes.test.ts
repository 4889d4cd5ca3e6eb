import { claimJob, listJobs } from '@martlet/feature-store'
import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  createJobsClient,
  fixedCatalog,
  hashApiKey,
  serving,
  type ApiKey,
  type Job,
  type JobsClient,
  type ServingApp,
} from '../../src/index.ts'
import { jobSchemas } from '../../src/protocol/jobs/job-answers.ts'
import { backing, trustedRuntime, type Backing } from '../support/backing.ts'
import { post } from '../support/serve.ts'

const key = (name: string, more: Partial<ApiKey> = {}): ApiKey => ({
  name,
  sha256: hashApiKey(`key of ${name}`),
  scopes: ['jobs:run'],
  ...more,
})
const auth = {
  keys: [
    key('ann'),
    key('bob'),
    key('reader', { scopes: ['features:read', 'catalog:read'] }),
    key('narrow', { services: ['usage_only'], models: ['other_*'] }),
  ],
}
const known = {
  trainingSets: [
    { name: 'next_day_set', service: 'next_day' },
    { name: 'usage_set', service: 'usage_only' },
  ],
  monitors: [
    { name: 'next_day_drift', service: 'next_day' },
    { name: 'usage_drift', view: 'customer_usage' },
    { name: 'model_drift', model: 'usage_model' },
    { name: 'table_drift' },
  ],
}

let place: Backing
let app: ServingApp
let now = Date.parse('2026-06-01T00:00:00Z')
beforeEach(async () => {
  place = await backing('memory', await trustedRuntime())
  await place.register(0)
  app = place.serve({ auth, jobs: { ...known, limits: { perCaller: 4, inAll: 6 }, now: () => now } })
  await app.start()
})

const as = (name: string): Record<string, string> => ({ authorization: `Bearer key of ${name}` })
const ask = (name: string, body: unknown): Promise<Response> => post(app, '/v1/jobs', body, as(name))
const client = (name: string): JobsClient =>
  createJobsClient({
    url: 'http://localhost',
    apiKey: `key of ${name}`,
    fetch: (url, init) => app.request(url, init),
  })

interface Refused {
  readonly code: string
  readonly path?: string
  readonly detail: string
  readonly suggestion?: string
}

async function refused(name: string, body: unknown): Promise<Refused & { readonly status: number }> {
  const response = await ask(name, body)
  const problem: Refused = JSON.parse(await response.text())
  return { ...problem, status: response.status }
}

const score = { model: 'usage_model', every: '1d', of: 'customer_usage', start: '2026-05-01', end: '2026-06-01' }

describe('a job over HTTP', () => {
  test('is taken, shown and listed, and run by nobody here', async () => {
    const response = await ask('ann', { kind: 'materialize', arguments: { views: ['customer_usage'] } })
    expect(response.status).toBe(202)
    const job: Job = JSON.parse(await response.text())
    expect(jobSchemas([]).answer.safeParse(job).error).toBeUndefined()
    expect(new URL(response.headers.get('location') ?? '', 'http://localhost/ml/v1/jobs').pathname).toBe(
      `/ml/v1/jobs/${job.id}`,
    )
    expect(job).toMatchObject({
      kind: 'materialize',
      arguments: { views: ['customer_usage'] },
      state: 'queued',
      requestedBy: 'ann',
      attempts: 0,
      createdAt: '2026-06-01T00:00:00.000000Z',
      error: null,
      result: null,
    })
    expect(await client('bob').get(job.id)).toEqual(job)
    const { jobs, next } = await client('bob').list()
    expect(next).toBeNull()
    expect(jobs.map((one) => Object.keys(one).filter((name) => /log|result|progress/.test(name)))).toEqual([[]])
    expect(jobs[0]).toMatchObject({ id: job.id, state: 'queued' })
  })

  test('says how far it is and how it ended', async () => {
    const { id } = await client('ann').submit({ kind: 'materialize' })
    const held = await claimJob(place.catalog, { kinds: ['materialize'], now })
    await held?.renew({ progress: '{"type":"chunk","rows":5}', log_tail: 'line' }, now)
    expect(await client('ann').get(id)).toMatchObject({
      state: 'running',
      progress: { type: 'chunk', rows: 5 },
      log: 'line',
      startedAt: '2026-06-01T00:00:00.000000Z',
    })
    await held?.end('failed', { error_code: 'SOURCE_MISSING', error: 'no table', exit_code: 1, result: null }, now)
    const job = await client('ann').ended(id)
    expect(job).toMatchObject({
      state: 'failed',
      failures: 1,
      error: { code: 'SOURCE_MISSING', message: 'no table', exitCode: 1 },
    })
    expect(jobSchemas([]).answer.safeParse(job).error).toBeUndefined()
  })

  test('with a key is the same job again; with other arguments it is refused', async () => {
    const body = { kind: 'training-set', arguments: { name: 'usage_set', from: 'facts' }, idempotencyKey: 'k1' }
    const first = await ask('ann', body)
    const again = await ask('ann', { ...body, arguments: { from: 'facts', name: 'usage_set' } })
    expect([first.status, again.status]).toEqual([202, 200])
    expect(await again.json()).toEqual(await first.json())
    expect(again.headers.get('location')).toBeNull()
    expect(await refused('ann', { ...body, arguments: { name: 'next_day_set' } })).toMatchObject({
      status: 409,
      code: 'JOB_KEY_REUSED',
      path: 'idempotencyKey',
    })
    expect((await ask('bob', body)).status).toBe(202)
    expect(await listJobs(place.catalog)).toHaveLength(2)
  })

  test('can be cancelled, by anybody who may see it', async () => {
    const { id } = await client('ann').submit({ kind: 'score', arguments: { ...score, into: 'scores.a' } })
    expect(await client('bob').cancel(id)).toMatchObject({ state: 'cancelled', cancelledBy: 'bob' })
    const running = await client('ann').submit({ kind: 'drift' })
    await claimJob(place.catalog, { kinds: ['drift'], now })
    expect(await client('ann').cancel(running.id)).toMatchObject({ state: 'running', cancelledBy: 'ann' })
  })

  test('comes in pages, and can be looked for', async () => {
    for (const kind of ['materialize', 'drift', 'materialize'] as const) {
      now += 1000
      await client('ann').submit({ kind })
    }
    const all = await client('ann').list()
    const first = await client('ann').list({ limit: 2 })
    expect(first.jobs).toEqual(all.jobs.slice(0, 2))
    const second = await client('ann').list({ limit: 2, after: first.next ?? '' })
    expect(second).toEqual({ jobs: all.jobs.slice(2), next: null })
    expect((await client('ann').list({ kinds: ['drift'] })).jobs).toEqual([all.jobs[1]])
    expect((await client('ann').list({ states: ['succeeded', 'failed'] })).jobs).toEqual([])
    for (const query of ['limit=0', 'limit=201', 'limit=1e1', 'state=done', 'kind=', 'after=2', 'page=2'])
      expect([query, (await app.request(`/v1/jobs?${query}`, { headers: as('ann') })).status]).toEqual([query, 400])
  })
})

describe('a kind that the project declares', () => {
  const kinds = [
    {
      name: 'customer-report',
      description: 'All about one customer',
      input: z.strictObject({ customer_id: z.string() }),
      priority: 7,
    },
  ]
  const asked = { kind: 'customer-report', arguments: { customer_id: 'c1' } }
  let declared: ServingApp
  beforeEach(async () => {
    declared = place.serve({ auth, jobs: { ...known, kinds, now: () => now } })
    await declared.start()
  })
  const jobs = (name: string): JobsClient =>
    createJobsClient({
      url: 'http://localhost',
      apiKey: `key of ${name}`,
      fetch: (url, init) => declared.request(url, init),
    })

  test('is asked for like the others, by the priority of its kind or another', async () => {
    const job = await jobs('ann').submit({ ...asked, idempotencyKey: 'once' })
    expect(job).toMatchObject({ ...asked, state: 'queued', priority: 7 })
    expect(jobSchemas(kinds).answer.safeParse(job).error).toBeUndefined()
    expect((await jobs('ann').submit({ ...asked, idempotencyKey: 'once' })).id).toBe(job.id)
    expect(await jobs('ann').submit({ kind: 'materialize', priority: -3 })).toMatchObject({ priority: -3 })
    const { jobs: found } = await jobs('bob').list({ kinds: ['customer-report'] })
    expect(found.map(({ id }) => id)).toEqual([job.id])
  })

  test('is refused with other arguments, to callers who do not see everything, and by other servers', async () => {
    const refusal = async (work: Promise<Job>): Promise<unknown> => work.catch((error: unknown) => error)
    expect(await refusal(jobs('ann').submit({ kind: 'customer-report', arguments: {} }))).toMatchObject({
      status: 400,
      code: 'JOB_ARGUMENT_INVALID',
    })
    expect(await refusal(jobs('narrow').submit(asked))).toMatchObject({ status: 403, code: 'NAME_NOT_ALLOWED' })
    expect(await refusal(jobs('ann').submit({ ...asked, priority: 101 }))).toMatchObject({ status: 400 })
    expect(await refusal(client('ann').submit(asked))).toMatchObject({ status: 400, code: 'JOB_KIND_UNKNOWN' })
    const { id } = await jobs('ann').submit(asked)
    expect(await refusal(jobs('narrow').get(id))).toMatchObject({ status: 404 })
    // A server that does not know the kind does not show such jobs.
    expect(await refusal(client('ann').get(id))).toMatchObject({ status: 404 })
    expect((await client('ann').list()).jobs).toEqual([])
  })

  test('stands in the description of the interface', async () => {
    const response = await declared.request('/openapi.json', { headers: as('reader') })
    const text = await response.text()
    expect(text).toContain('All about one customer')
    expect(text).toContain('customer_id')
  })
})

describe('what is refused', () => {
  const cases = [
    [{}, 400, 'JOB_KIND_UNKNOWN', 'kind'],
    [{ kind: 'materialise' }, 400, 'JOB_KIND_UNKNOWN', 'kind'],
    [{ kind: 'materialize', argument: {} }, 400, 'FIELD_UNKNOWN', 'argument'],
    [{ kind: 'materialize', arguments: { view: 'x' } }, 400, 'FIELD_UNKNOWN', 'arguments.view'],
    [{ kind: 'materialize', arguments: [] }, 400, 'JOB_ARGUMENT_INVALID', 'arguments'],
    [{ kind: 'materialize', arguments: { views: [7] } }, 400, 'JOB_ARGUMENT_INVALID', 'arguments.views[0]'],
    [{ kind: 'materialize', arguments: { from: '2026-02-30' } }, 400, 'JOB_ARGUMENT_INVALID', 'arguments.from'],
    [{ kind: 'materialize', arguments: { from: '2026-02-01T00:00' } }, 400, 'JOB_ARGUMENT_INVALID', 'arguments.from'],
    [{ kind: 'materialize', arguments: { to: '0000-01-01' } }, 400, 'JOB_ARGUMENT_INVALID', 'arguments.to'],
    [{ kind: 'materialize', arguments: { views: ['customer_usag'] } }, 404, 'VIEW_UNKNOWN', 'arguments.views[0]'],
    [{ kind: 'materialize', arguments: { views: ['--help'] } }, 404, 'VIEW_UNKNOWN', 'arguments.views[0]'],
    [{ kind: 'materialize', arguments: { views: ['x'.repeat(200).repeat(200)] } }, 413, 'JOB_TOO_LARGE', 'arguments'],
    [{ kind: 'training-set', arguments: { name: 'next_day' } }, 404, 'TRAINING_SET_UNKNOWN', 'arguments.name'],
    [{ kind: 'training-set' }, 400, 'JOB_ARGUMENT_INVALID', 'arguments.name'],
    [
      { kind: 'training-set', arguments: { name: 'usage_set', into: 'mart.x' } },
      400,
      'FIELD_UNKNOWN',
      'arguments.into',
    ],
    [{ kind: 'drift', arguments: { monitor: 'nope' } }, 404, 'MONITOR_UNKNOWN', 'arguments.monitor'],
    [{ kind: 'drift', arguments: { window: '7 days' } }, 400, 'JOB_ARGUMENT_INVALID', 'arguments.window'],
    [
      { kind: 'score', arguments: { ...score, into: 'mart.fact_usage' } },
      400,
      'JOB_ARGUMENT_INVALID',
      'arguments.into',
    ],
    [{ kind: 'score', arguments: { ...score, into: 'scores.parquet' } }, 400, 'JOB_ARGUMENT_INVALID', 'arguments.into'],
    [
      { kind: 'score', arguments: { model: 'usage_model', spine: 'a.sql', time: 't', into: 'scores.a' } },
      400,
      'JOB_ARGUMENT_INVALID',
      'arguments.spine',
    ],
    [
      { kind: 'score', arguments: { ...score, every: '0.001m', into: 'scores.a' } },
      400,
      'JOB_ARGUMENT_INVALID',
      'arguments.every',
    ],
    [{ kind: 'score', arguments: { ...score, model: 'x', into: 'scores.a' } }, 404, 'MODEL_UNKNOWN', 'arguments.model'],
    [{ kind: 'drift', idempotencyKey: '' }, 400, 'JOB_ARGUMENT_INVALID', 'idempotencyKey'],
    [{ kind: 'drift', idempotencyKey: 'a\n' }, 400, 'JOB_ARGUMENT_INVALID', 'idempotencyKey'],
    [{ kind: 'drift', arguments: null }, 400, 'JOB_ARGUMENT_INVALID', 'arguments'],
  ] as const

  test('arguments that are wrong, names that do not exist, and everything else that a command could do', async () => {
    for (const [body, status, code, path] of cases)
      expect([body, await refused('ann', body)]).toMatchObject([body, { status, code, path }])
    expect(await listJobs(place.catalog)).toEqual([])
  })

  test('more jobs than a caller, or all of them, may have', async () => {
    for (let job = 0; job < 4; job++) expect((await ask('ann', { kind: 'drift' })).status).toBe(202)
    const response = await ask('ann', { kind: 'drift' })
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '30'])
    for (let job = 0; job < 2; job++) expect((await ask('bob', { kind: 'drift' })).status).toBe(202)
    expect(await refused('bob', { kind: 'drift' })).toMatchObject({ status: 429, code: 'JOB_QUEUE_FULL' })
  })

  test('callers without the scope, and every job where the server takes none', async () => {
    expect(await refused('reader', { kind: 'drift' })).toMatchObject({ status: 403, code: 'SCOPE_MISSING' })
    expect((await app.request('/v1/jobs', { headers: as('reader') })).status).toBe(403)
    const without = place.serve()
    expect(await (await post(without, '/v1/jobs', { kind: 'drift' })).json()).toMatchObject({ code: 'NO_JOBS' })
    const { online } = place
    const options = { catalog: fixedCatalog({ services: [] }), online, auth: 'none', jobs: {} } as const
    expect(() => serving(options)).toThrow(expect.objectContaining({ code: 'INVALID_JOBS' }))
  })

  test('everything while the catalog cannot be reached, as 503', async () => {
    const failures: unknown[] = []
    const other = place.serve({ jobs: {}, onError: ({ error }) => failures.push(error) })
    await other.start()
    await place.catalog.db.schema.dropTable('jobs').execute()
    const response = await post(other, '/v1/jobs', { kind: 'drift' })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await response.json()).toMatchObject({ code: 'CATALOG_UNAVAILABLE' })
    expect((await other.request('/v1/jobs')).status).toBe(503)
    expect(failures).toEqual([
      expect.objectContaining({ message: expect.stringContaining('no such table: jobs') }),
      expect.anything(),
    ])
  })
})

describe('a caller who may use some services and models', () => {
  const narrow = (body: unknown): Promise<Refused & { readonly status: number }> => refused('narrow', body)

  test('names only those, and gets only their jobs', async () => {
    expect(await narrow({ kind: 'materialize', arguments: { views: ['customer_profile'] } })).toMatchObject({
      code: 'VIEW_UNKNOWN',
    })
    expect(await narrow({ kind: 'training-set', arguments: { name: 'next_day_set' } })).toMatchObject({ status: 404 })
    for (const monitor of ['next_day_drift', 'model_drift', 'table_drift'])
      expect(await narrow({ kind: 'drift', arguments: { monitor } })).toMatchObject({ code: 'MONITOR_UNKNOWN' })
    expect(await narrow({ kind: 'score', arguments: { ...score, into: 'scores.a' } })).toMatchObject({ status: 404 })
    expect(await narrow({ kind: 'drift' })).toMatchObject({ status: 403, code: 'NAME_NOT_ALLOWED' })
    const mine = [
      await client('narrow').submit({ kind: 'materialize' }),
      await client('narrow').submit({ kind: 'drift', arguments: { monitor: 'usage_drift' } }),
      await client('narrow').submit({ kind: 'training-set', arguments: { name: 'usage_set' } }),
    ]
    expect(mine[0]?.arguments).toEqual({ views: ['customer_usage'] })
    const others = [
      await client('ann').submit({ kind: 'materialize' }),
      await client('ann').submit({ kind: 'materialize', arguments: { views: ['customer_usage', 'customer_profile'] } }),
    ]
    const { jobs } = await client('narrow').list()
    expect(new Set(jobs.map(({ id }) => id))).toEqual(new Set(mine.map(({ id }) => id)))
    expect((await client('narrow').list({ limit: 3 })).jobs).toHaveLength(3)
    for (const { id } of others) {
      await expect(client('narrow').get(id)).rejects.toMatchObject({ code: 'JOB_UNKNOWN', status: 404 })
      await expect(client('narrow').cancel(id)).rejects.toMatchObject({ code: 'JOB_UNKNOWN' })
    }
    expect((await client('ann').list()).jobs).toHaveLength(5)
  })
})
