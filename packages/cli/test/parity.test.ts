import { mkdir, readFile } from 'node:fs/promises'
import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { seededProject, type TestProject } from './run-martlet.ts'

let project: TestProject
beforeAll(async () => {
  project = await seededProject()
  await project.json(0, 'apply', '--yes')
  await project.json(0, 'training-set', 'next_day_training')
  await project.edit(
    'martlet.config.ts',
    'monitors: [',
    `monitors: [
    { name: 'served', window: '7d', windows: 2, parity: { model: 'next_day_kwh', atLeast: 1 } },
    { name: 'mostly', window: '7d', windows: 2, parity: { model: 'next_day_kwh',
      features: { customer_usage__kwh_1d: { atLeast: 0.5 }, customer_usage__kwh_7d: false } } },
    { name: 'of_nothing', window: '7d', windows: 2, parity: { model: 'next_day_kwh', atLeast: 0.5,
      features: { customer_usage__kwh: false } } },`,
  )
  await writeLog()
  await project.json(0, 'log', 'load')
})
afterAll(() => project[Symbol.asyncDispose]())

/** The vectors of the training set, of which every tenth of the last week has another value of one feature. */
async function writeLog(): Promise<void> {
  await using warehouse = await openDuckDb({ path: project.path('.martlet/warehouse.duckdb') })
  const rows = rowsOf(
    await warehouse.read(sql`
      SELECT *, CAST(predict_at AS VARCHAR) AS at, predict_at >= MAX(predict_at) OVER () - INTERVAL 5 DAY AS is_late
      FROM training.next_day_training ORDER BY predict_at, customer_id
    `),
  )
  const lines = rows.map((row, i) => {
    const values = Object.fromEntries(Object.entries(row).filter(([name]) => name.startsWith('customer_')))
    const { customer_id, ...features } = values
    const kwh = Number(features['customer_usage__kwh_1d'])
    const isOff = row['is_late'] === true && i % 10 === 0
    return JSON.stringify({
      requestId: `r-${i}`,
      time: `${String(row['at']).replace(' ', 'T')}Z`,
      version: 1,
      service: 'next_day',
      keys: { customer_id },
      values: { ...features, customer_usage__kwh_1d: isOff ? kwh + 1 : kwh },
      prediction: { prediction: 1 },
    })
  })
  await mkdir(project.path('.martlet/log/next_day_kwh/2026-01-01'), { recursive: true })
  await project.write('.martlet/log/next_day_kwh/2026-01-01/a.jsonl', `${lines.join('\n')}\n`)
}

it('a command says which features were served otherwise, how often and why', async () => {
  const answer = await project.json(1, 'parity', 'next_day_kwh', '--from', '2020-01-01')
  expect(answer).toMatchObject({
    status: 'drift',
    skipped: 0,
    features: [
      {
        feature: 'customer_usage__kwh_1d',
        passes: false,
        meanDifference: 1,
        largestDifference: 1,
        examples: [{}, {}, {}],
      },
      ...Array.from({ length: (answer as { features: unknown[] }).features.length - 1 }, () => ({
        passes: true,
        match: 1,
      })),
    ],
  })
  const few = await project.json(0, 'parity', 'next_day_kwh', '--from', '2020-01-01', '--at-least', '0.5')
  expect(few).toMatchObject({
    status: 'ok',
    sentence: expect.stringMatching(
      /^As the rules allow, \d+ of [\d\s]+ values in [\d\s]+ predictions are not what the definitions give \(unknown\)\.$/,
    ),
  })
  const { stdout } = await project.martlet('parity', 'next_day_kwh', '--from', '2020-01-01')
  expect(stdout).toMatch(/^drift customer_usage__kwh_1d is not what its definition gives in /)
  expect(stdout).toMatch(/customer_usage__kwh_1d +9\d\.\d\d % +\d+ +1 +1 +unknown \d+/)
  expect(stdout).toMatch(/was served \d\S*, should be \d\S* \(unknown\)/)
})

it('a monitor is a gate, and its reports name the features', async () => {
  expect(await project.json(1, 'drift', 'served', '--format', 'junit', '--format', 'markdown')).toMatchObject({
    monitors: [{ status: 'drift', windows: [{ status: 'ok' }, { status: 'drift' }] }],
  })
  expect(await readFile(project.path('reports/served.md'), 'utf8')).toContain('| customer\\_usage\\_\\_kwh\\_1d |')
  expect(await readFile(project.path('reports/served.xml'), 'utf8')).toContain('customer_usage__kwh_1d')
  expect(await project.json(0, 'drift', 'mostly')).toMatchObject({ monitors: [{ status: 'ok' }] })
  expect(await readFile(project.path('reports/mostly.html'), 'utf8')).toContain('Served vectors')
})

it('a rule of a feature that no service has is a warning, and the others are compared', async () => {
  const said =
    'There is a rule for customer_usage__kwh, which none of the services has. Remove the rule, or did you mean customer_usage__kwh_1d?'
  expect(await project.json(2, 'drift', 'of_nothing')).toMatchObject({
    monitors: [
      {
        status: 'warn',
        sentence: expect.stringContaining(said),
        lookAt: ['customer_usage__kwh'],
        windows: [{ status: 'ok' }, { status: 'warn' }],
      },
    ],
  })
  const { stdout } = await project.martlet('drift', 'of_nothing')
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(said)
})

it('a muted feature does not alert', async () => {
  const why = ['--until', '7d', '--reason', 'a source of its own'] as const
  await project.json(0, 'monitors', 'mute', 'served', 'customer_usage__kwh_1d', ...why)
  expect(await project.json(0, 'drift', 'served')).toMatchObject({
    monitors: [
      {
        status: 'ok',
        lookAt: [],
        sentence: expect.stringMatching(/^In features that are muted, \d+ of .* are not what the definitions give/),
      },
    ],
  })
  await project.json(0, 'monitors', 'unmute', 'served', 'customer_usage__kwh_1d')
})

it('where nothing is loaded, what loads it is named', async () => {
  const none = await project.martlet('parity', 'next_day_kwh', '--from', '2020-01-01', '--to', '2020-01-02')
  expect(none).toMatchObject({ code: 3, stdout: expect.stringContaining('martlet log load brings predictions') })
  await project.write('.martlet/log/next_day_kwh/2026-01-01/b.jsonl.open', '')
  const { stdout } = await project.martlet('log', 'load')
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('1 file still being written: files are finished every few minutes')
})

it('mistakes are named', async () => {
  expect(await project.json(3, 'parity', 'nobody')).toMatchObject({ error: { code: 'TABLE_NOT_FOUND' } })
  expect(await project.json(64, 'parity', 'next_day_kwh', '--allow', 'luck')).toMatchObject({
    error: { code: 'USAGE', message: expect.stringContaining('late facts') },
  })
})
