import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCatalog } from '@martlet/feature-store'
import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { chosenSchedules, givenNow } from '../../src/command/run-due.ts'
import { seededProject, type TestProject } from '../run-martlet.ts'

const WEBHOOK = 'MARTLET_TEST_SCHEDULE_WEBHOOK'
const SECRET = 'MARTLET_TEST_SCHEDULE_SECRET'

describe('what is asked of run-due', () => {
  it('is a schedule that there is, and a moment that has come', () => {
    const config = { schedules: [{ name: 'nightly', every: '1d' as const, run: ['drift'] }] }
    const chosen = (schedules: object, ...names: string[]): readonly { readonly name: string }[] =>
      chosenSchedules({ config: { ...place, ...schedules } }, names)
    expect(chosen(config).map(({ name }) => name)).toEqual(['nightly'])
    expect(() => chosen(config, 'nightyl')).toThrow(
      expect.objectContaining({ code: 'SCHEDULE_UNKNOWN', message: expect.stringContaining('Did you mean nightly?') }),
    )
    expect(() => chosen({})).toThrow(expect.objectContaining({ code: 'SCHEDULE_UNKNOWN' }))
    expect(() => givenNow('2999-01-01')).toThrow(expect.objectContaining({ code: 'USAGE' }))
    expect(givenNow('2026-06-01T02:00:00Z')).toBe(Date.parse('2026-06-01T02:00:00Z'))
  })
})

const place = {
  warehouse: { duckdb: ':memory:' },
  catalog: { sqlite: 'c.sqlite' },
  online: 'memory',
  artifacts: { folder: 'a' },
  definitions: {},
} as const

// Each step starts processes.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

// Each step stands on the ones before it.
describe('a project that runs by itself', () => {
  let project: TestProject
  const told: unknown[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => (body += part))
    request.on('end', () => {
      told.push(JSON.parse(body))
      response.end()
    })
  })
  const original = { config: '' }
  const schedules = async (text: string): Promise<void> => {
    const alerts = `alerts: { webhook: { urlFrom: '${WEBHOOK}' } }`
    await project.write(
      'martlet.config.ts',
      original.config.replace('  monitors: [', `  schedules: [${text}],\n  ${alerts},\n  monitors: [`),
    )
  }
  beforeAll(async () => {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    vi.stubEnv(WEBHOOK, `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/hunter2`)
    vi.stubEnv(SECRET, 'hunter2 and 24 more characters, at least')
    project = await seededProject()
    await project.json(0, 'apply', '--yes')
    original.config = await readFile(project.path('martlet.config.ts'), 'utf8')
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await new Promise((resolve) => server.close(resolve))
    await project[Symbol.asyncDispose]()
  })

  it('refuses steps that are none, with every mistake', async () => {
    await schedules(
      `{ name: 'nightly', every: '7h', run: ['materialise', 'materialize --too {day}', 'score churn', 'serve', 'run-due', 'drift --json',
        'materialize --to {today}', "score 'a b'"], on: 'monday', zone: 'Mars/Olympus', grace: '1h' }`,
    )
    const { error } = (await project.json(1, 'run-due')) as { error: { code: string; data: { problems: string[] } } }
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.data.problems.map((problem) => problem.replace(/^schedules\[0\]\.?/, ''))).toEqual([
      expect.stringMatching(/^every: must be one of 5m, /),
      'zone: must be a time zone that this machine knows, such as Europe/Zurich',
      `run[0]: "materialise" is no command of martlet: unknown command 'materialise' (Did you mean materialize?)`,
      expect.stringMatching(/^run\[1\]: .* unknown option '--too'/),
      expect.stringMatching(/^run\[2\]: .* required option '--into /),
      'run[3]: "serve" cannot run by itself: serve',
      'run[4]: "run-due" cannot run by itself: run-due',
      'run[5]: "drift --json" has --json, which run-due sets itself',
      expect.stringMatching(/^run\[6\]: .* has \{today\}, which is no placeholder/),
      expect.stringMatching(/^run\[7\]: .* has quotes/),
    ])
  })

  it('shows what would run, runs it once, and tells when and how', async () => {
    await schedules(
      `{ name: 'nightly', every: '1d', at: '02:00', zone: 'Europe/Zurich', since: '2026-06-02T00:00:00Z', missed: 'each',
        run: [['materialize', '--to', '{day}']] }`,
    )
    const now = ['--now', '2026-06-02T12:00:00Z']
    expect(await project.json(0, 'run-due', '--dry-run', ...now)).toMatchObject({
      schedules: [{ schedule: 'nightly', slots: [{ slot: '2026-06-02T00:00:00.000000Z', passed: 0 }] }],
    })
    const both = await Promise.all([project.json(0, 'run-due', ...now), project.json(0, 'run-due', ...now)])
    const ran = both.flatMap((one) =>
      (one as { schedules: { slots: { slot: string; outcome: string }[] }[] }).schedules.flatMap(({ slots }) => slots),
    )
    expect(ran).toMatchObject([
      {
        slot: '2026-06-02T00:00:00.000000Z',
        outcome: 'succeeded',
        steps: [{ command: 'materialize --to 2026-06-01T22:00:00Z', exitCode: 0 }],
      },
    ])
    expect(await project.json(0, 'status')).toMatchObject({
      schedules: [{ last: { outcome: 'succeeded' }, overdue: true }],
    })
    const { stdout } = await project.martlet('runs')
    expect(stdout).toMatch(/^2026-\S+ \S+ +nightly +2026-06-02 +succeeded +\d+\.\d/m)
    const checked = await project.martlet('doctor')
    expect(checked.stdout).toMatch(
      /^fail +schedule nightly +has not run for \d+ d, more than twice its interval; last slot 2026-06-02$/m,
    )
    expect(checked.stdout).toMatch(/^ok +alerts +a webhook, from MARTLET_TEST_SCHEDULE_WEBHOOK$/m)
  })

  it('records why a step failed, without secrets, tells the webhook, and goes on where it failed', async () => {
    // The value of the variable that the third step names is printed by the second.
    vi.stubEnv(SECRET, 'hunter2-hooks')
    await schedules(
      `{ name: 'broken', every: '1h', run: ['plan', 'deploy --yes --folder hunter2-hooks', 'deploy --yes --secret key=${SECRET}'] }`,
    )
    const failed = await project.martlet('run-due')
    expect(failed.code).toBe(1)
    expect(failed.stdout).toMatch(/^broken {2}2026-\S+ \S* ?failed; next /m)
    const all = `${failed.stdout}${failed.stderr}${JSON.stringify(await project.json(0, 'schedules'))}${JSON.stringify(told)}`
    expect(all).toContain('DEPLOY_FOLDER: The folder')
    expect(all.replaceAll(/--folder(?:\\?",\\?"| )hunter2-hooks/g, '')).not.toContain('hunter2')
    expect(told).toMatchObject([
      {
        event: 'failed',
        schedule: 'broken',
        exitCode: 64,
        error: expect.stringMatching(/^DEPLOY_FOLDER: .*\[redacted\]/),
      },
    ])
    await schedules(`{ name: 'broken', every: '1h', run: ['plan', 'status'] }`)
    expect(await project.json(0, 'run-due', '--failed')).toMatchObject({
      schedules: [{ slots: [{ outcome: 'succeeded', resumed: true, steps: [{ command: 'status' }] }] }],
    })
    expect(told).toMatchObject([{ event: 'failed' }, { event: 'recovered', schedule: 'broken', error: null }])
  })

  it('ends a step that takes too long', async () => {
    await schedules(`{ name: 'slow', every: '1h', timeout: '0.01s', run: ['plan'] }`)
    expect(await project.json(1, 'run-due')).toMatchObject({
      schedules: [{ slots: [{ outcome: 'failed', steps: [{ error: 'took longer than 0.01 s and was ended' }] }] }],
    })
  })

  it('keeps watch until it is told to stop', async () => {
    await schedules(`{ name: 'watched', every: '12h', run: ['plan'] }`)
    const watching = project.start('run-due', '--watch')
    await watching.printed('succeeded; next', 'stderr')
    watching.child.kill('SIGTERM')
    expect(await watching.ended).toMatchObject({ code: 0, stdout: 'stopped after 1 round\n' })
  })

  it('killed while it materializes, it ends with the rows of an undisturbed run', async () => {
    const rows = async (): Promise<readonly object[]> => {
      await using warehouse = await openDuckDb({ path: project.path('.martlet/warehouse.duckdb') })
      return rowsOf(
        await warehouse.read(
          sql`SELECT customer_id, feature_time, kwh_1d, kwh_28d, peak_7d FROM features.customer_usage ORDER BY ALL`,
        ),
      )
    }
    await project.martlet('materialize')
    const expected = await rows()
    await schedules(`{ name: 'again', every: '1d', run: ['materialize --from 2026-10-01 --to {day}', 'plan'] }`)
    // The first kill comes before the work can be done, so that the second run has some; the second at any moment.
    for (const withinMs of [400, 1500]) {
      const run = project.start('run-due')
      await run.printed('martlet materialize', 'stderr')
      await sleep(Math.random() * withinMs)
      run.child.kill('SIGKILL')
      await run.ended
    }
    await project.json(0, 'run-due', '--wait', '1m')
    expect(await rows()).toEqual(expected)
    await using catalog = await openCatalog({ path: project.path('.martlet/catalog.sqlite') })
    const slots = await catalog.db
      .selectFrom('schedule_slots')
      .select('outcome')
      .where('schedule', '=', 'again')
      .execute()
    expect(slots).toEqual([{ outcome: 'succeeded' }])
  })
})
