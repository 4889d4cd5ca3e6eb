import { mkdir, readFile, rm } from 'node:fs/promises'
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
    { name: 'next_day_truth', window: '7d', windows: 2, truth: { model: 'next_day_kwh', labels: 'next_day_kwh',
      baseline: { column: 'customer_usage__kwh_1d' }, segments: ['customer_usage__kind'] } },
    { name: 'of_table', window: '7d', windows: 2, truth: { model: 'next_day_kwh', floors: { mae: { warn: 0.05, crit: 0.1 } },
      labels: { table: 'training.next_day_training', time: 'predict_at', value: 'next_day_kwh', within: '1m' } } },
    { name: 'next_day_estimate', model: 'next_day_kwh', window: '7d', windows: 2, estimate: true },
    { name: 'no_metric', window: '7d', truth: { model: 'next_day_kwh', labels: 'next_day_kwh', floors: { map: null } } },`,
  )
  await writeLog()
})
afterAll(() => project[Symbol.asyncDispose]())

/** Predictions at the times of the training set: 1 % off in the beginning, 30 % too high in the last week. */
async function writeLog(): Promise<void> {
  const lines: string[] = []
  {
    await using warehouse = await openDuckDb({ path: project.path('.martlet/warehouse.duckdb') })
    const rows = rowsOf(
      await warehouse.read(sql`
        SELECT customer_id, CAST(predict_at AS VARCHAR) AS at, next_day_kwh, customer_usage__kwh_1d AS kwh, epoch_us(predict_at) AS us,
          epoch_us(MAX(predict_at) OVER ()) AS last_us
        FROM training.next_day_training WHERE next_day_kwh IS NOT NULL ORDER BY predict_at, customer_id
      `),
    )
    for (const [i, row] of rows.entries()) {
      const isLate = Number(row['last_us']) - Number(row['us']) < 7 * 86_400_000_000
      const wave = 1 + (i % 2 === 0 ? 0.01 : -0.01)
      lines.push(
        JSON.stringify({
          requestId: `r-${i}`,
          time: `${String(row['at']).replace(' ', 'T')}Z`,
          model: 'next_day_kwh',
          version: 1,
          service: 'next_day',
          row: 0,
          keys: { customer_id: row['customer_id'] },
          values: { customer_usage__kwh_1d: row['kwh'], customer_usage__kind: i % 3 === 0 ? 'flat' : 'house' },
          missing: {},
          prediction: { prediction: Number(row['next_day_kwh']) * wave * (isLate ? 1.3 : 1) },
        }),
      )
    }
  }
  await mkdir(project.path('.martlet/log/next_day_kwh/2026-01-01'), { recursive: true })
  await project.write('.martlet/log/next_day_kwh/2026-01-01/a.jsonl', `${lines.join('\n')}\nno line\n`)
}

it('predictions come into the warehouse once, and bad lines are named', async () => {
  const loaded = await project.json(2, 'log', 'load')
  expect(loaded).toMatchObject({
    models: [
      {
        model: 'next_day_kwh',
        table: 'monitoring.predictions_next_day_kwh',
        rejected: 1,
        findings: [{ file: '2026-01-01/a.jsonl', reason: 'it is not JSON' }],
      },
    ],
  })
  expect(await project.json(0, 'log', 'load', 'next_day_kwh')).toMatchObject({ models: [{ rows: 0, rejected: 0 }] })
  expect(await project.json(1, 'log', 'load', 'next_day')).toMatchObject({
    error: { code: 'LOG_EMPTY', message: expect.stringContaining('next_day_kwh') },
  })
})

it('a folder that is not named after a model keeps the others not back', async () => {
  await mkdir(project.path('.martlet/log/100%'), { recursive: true })
  expect(await project.json(2, 'log', 'load')).toMatchObject({ strange: ['100%'], models: [{ model: 'next_day_kwh' }] })
  expect(await project.json(0, 'log', 'load', 'next_day_kwh')).toMatchObject({ strange: [] })
  await rm(project.path('.martlet/log/100%'), { recursive: true })
})

it('a monitor compares them with what happened: with a label of the definitions, and with a table', async () => {
  const sentence = expect.stringMatching(/^Mean absolute error is .* instead of .*worse\.$/)
  for (const monitor of ['next_day_truth', 'of_table']) {
    expect(await project.json(1, 'drift', monitor)).toMatchObject({
      monitors: [{ status: 'drift', sentence, windows: [{ status: 'ok' }, { status: 'drift', rows: 120 }] }],
    })
  }
  const [defined, table] = await Promise.all(['next_day_truth', 'of_table'].map(metricsOf))
  // With segments more is tested, so that q differs.
  const bare = (metric: object) => ({ ...metric, baseline: null, q: null })
  expect(table?.map(bare)).toEqual(defined?.map(bare))
  const report = await readFile(project.path('reports/next_day_truth.html'), 'utf8')
  for (const text of ['Performance of next_day_truth', 'By segment', 'Baseline customer_usage__kwh_1d', 'have labels'])
    expect(report).toContain(text)
  expect(await readFile(project.path('reports/next_day_truth.md'), 'utf8')).toContain('| mean absolute error |')
})

async function metricsOf(monitor: string): Promise<readonly object[]> {
  const { windows } = JSON.parse(await readFile(project.path(`reports/${monitor}.json`), 'utf8'))
  return windows.at(-1).performance.groups[0].metrics
}

it('labelled predictions calibrate the estimates of a monitor of the log', async () => {
  expect(await project.json(1, 'calibrate', 'next_day_estimate')).toMatchObject({
    error: { code: 'CONFIG_INVALID', message: expect.stringContaining('Choose one with --truth') },
  })
  expect(await project.json(1, 'calibrate', 'next_day_truth')).toMatchObject({ error: { code: 'CONFIG_INVALID' } })
  expect(await project.json(0, 'calibrate', 'next_day_estimate', '--truth', 'next_day_truth')).toMatchObject({
    profile: 'next_day_estimate',
    kind: 'regression',
    truth: 'next_day_truth',
  })
})

it('what a monitor cannot be is said', async () => {
  expect(await project.json(3, 'drift', 'no_metric')).toMatchObject({
    error: { code: 'TRUTH_INVALID', message: expect.stringContaining('no metric map') },
  })
})
