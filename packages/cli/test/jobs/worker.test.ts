import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { seededProject, type TestProject } from '../run-martlet.ts'

// Each step starts processes.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

interface Shown {
  readonly job: { readonly id: string; readonly state: string; readonly result: object | null; readonly log: string }
  readonly created?: boolean
}

// Each step stands on the ones before it.
describe('the jobs of a project', () => {
  let project: TestProject
  const shop = async (code: number, ...args: string[]): Promise<Shown> =>
    JSON.parse(JSON.stringify(await project.json(code, ...args)))
  beforeAll(async () => {
    project = await seededProject()
    await project.json(0, 'apply', '--yes')
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('are asked for by name, and mistakes are refused at once', async () => {
    for (const [args, code] of [
      [['run', 'materialize', '--arguments', '{"views": ["customer_usag"]}'], 'VIEW_UNKNOWN'],
      [['run', 'materialize', '--arguments', '{"view": "customer_usage"}'], 'FIELD_UNKNOWN'],
      [['run', 'materialise'], 'USAGE'],
      [['show', 'nope'], 'JOB_UNKNOWN'],
    ] as const)
      expect([args, await project.json(64, 'jobs', ...args)]).toMatchObject([args, { error: { code } }])
  })

  it('are finished by another worker when one is killed in the middle, and have done the same', async () => {
    const asked = ['jobs', 'run', 'materialize', '--arguments', '{"views": ["customer_usage"]}', '--key', 'first']
    const { job, created } = await shop(0, ...asked)
    expect([job.state, created]).toEqual(['queued', true])
    const worker = project.start('worker', '--poll', '50ms', '--events')
    await worker.printed('"type":"job"', 'stderr')
    worker.child.kill('SIGKILL')
    await worker.ended
    expect(await shop(0, 'worker', '--once', '--poll', '50ms')).toMatchObject({ jobs: { succeeded: 1, failed: 0 } })
    const shown = await shop(0, 'jobs', 'show', job.id)
    expect(shown.job).toMatchObject({
      state: 'succeeded',
      attempts: 2,
      failures: 0,
      error: null,
      result: { exitCode: 0, views: [{ view: 'customer_usage', published: 20 }] },
    })
    expect(shown.job.log).toContain('"type":"plan"')
    expect(JSON.stringify(shown)).not.toContain(project.folder)
    expect(await shop(0, ...asked)).toMatchObject({ created: false, job: { id: job.id, state: 'succeeded' } })
    expect(await project.json(0, 'materialize', '--dry-run')).toMatchObject({
      views: [{ view: 'customer_usage', action: 'nothing' }],
    })
    const list = await project.martlet('jobs', 'list', '--state', 'succeeded')
    expect(list.stdout).toMatch(new RegExp(`${job.id} +materialize +succeeded`))
  })

  it('that fail say why, and are not repeated when they are wrong', async () => {
    const [{ job }, waiting] = [await shop(0, 'jobs', 'run', 'drift'), await shop(0, 'jobs', 'run', 'drift')]
    expect(await shop(0, 'jobs', 'cancel', waiting.job.id)).toMatchObject({ job: { state: 'cancelled' } })
    // Nothing has a profile yet.
    const worker = project.start('worker', '--poll', '50ms')
    await worker.printed('failed', 'stderr')
    worker.child.kill('SIGTERM')
    const [code] = await once(worker.child, 'close')
    expect([code, (await worker.ended).stdout]).toEqual([0, 'jobs: 1 failed\n'])
    expect(await shop(0, 'jobs', 'show', job.id)).toMatchObject({
      job: { state: 'failed', failures: 1, error: { code: expect.stringMatching(/^[A-Z_]+$/), exitCode: 3 } },
    })
  })
})
