import { openCatalog } from '@martlet/feature-store'
import { catalogJobs } from '@martlet/serving'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { seededProject, type TestProject } from '../run-martlet.ts'

// Each step starts processes.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

// Each step stands on the ones before it.
describe('the jobs of a project', () => {
  let project: TestProject
  beforeAll(async () => {
    project = await seededProject()
    await project.json(0, 'apply', '--yes')
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('are asked for by names that there are', async () => {
    const asked = ['jobs', 'run', 'materialize', '--key', 'first', '--arguments']
    expect(await project.json(64, ...asked, '{"views": ["customer_usag"]}')).toMatchObject({
      error: { code: 'VIEW_UNKNOWN', message: expect.stringContaining('Did you mean customer_usage?') },
    })
    expect(await project.json(0, ...asked, '{"views": ["customer_usage"]}')).toMatchObject({
      created: true,
      job: { kind: 'materialize', state: 'queued', idempotencyKey: 'first' },
    })
  })

  it('are finished by another worker when one is killed in the middle; those that fail say why', async () => {
    await using catalog = await openCatalog({ path: project.path('.martlet', 'catalog.sqlite') })
    const jobs = catalogJobs(catalog)
    const worker = project.start('worker', '--poll', '50ms', '--events')
    await worker.printed('"type":"job"', 'stderr')
    worker.child.kill('SIGKILL')
    await worker.ended
    // Nothing has a profile yet, so there is nothing to compare with.
    const { job: drift } = await jobs.submit({ kind: 'drift', arguments: {}, by: 'ann' })
    expect(await project.json(1, 'worker', '--once', '--poll', '50ms')).toMatchObject({
      jobs: { succeeded: 1, failed: 1, retried: 0 },
    })
    const [, { id } = { id: '' }] = await jobs.list({})
    const job = await jobs.get(id)
    expect(job).toMatchObject({
      kind: 'materialize',
      state: 'succeeded',
      attempts: 2,
      failures: 0,
      error: null,
      result: { exitCode: 0, views: [{ view: 'customer_usage', published: 20 }] },
    })
    expect(job?.log).toContain('"type":"plan"')
    expect(JSON.stringify(job)).not.toContain(project.folder)
    expect(await jobs.get(drift.id)).toMatchObject({
      state: 'failed',
      failures: 1,
      error: { code: 'PROFILE_NOT_FOUND', exitCode: 3 },
    })
    const { rows } = await catalog.db
      .selectFrom('runs')
      .select(({ fn }) => fn.sum<number>('rows').as('rows'))
      .executeTakeFirstOrThrow()
    expect(rows).toBeGreaterThanOrEqual(1200)
  })

  it('are listed', async () => {
    const { stdout } = await project.martlet('jobs', 'list')
    expect(stdout).toMatch(/drift +failed +2\d{3}-\S+ \S+ +ann\s+PROFILE_NOT_FOUND/)
    expect(stdout).toMatch(/materialize +succeeded /)
  })
})
