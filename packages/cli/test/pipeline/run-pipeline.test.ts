import { openCatalog } from '@martlet/feature-store'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { pipelineOf } from '../../src/pipeline/pipeline.ts'
import { runPipeline, type PipelineEvent } from '../../src/pipeline/run-pipeline.ts'
import type { StepEnd, StepRunner } from '../../src/schedule/step-process.ts'
import { emptyFolder, type TestProject } from '../run-martlet.ts'

const good: StepEnd = { exitCode: 0, error: null, tail: '', stopped: false, late: false }

describe('runPipeline', () => {
  const pipeline = pipelineOf(
    { name: 'etl', parameters: { day: 'date' }, run: ['load a --set day={day}', 'load b', 'load c'] },
    new Map([['day', '2026-06-01']]),
  )
  const events: PipelineEvent[] = []
  const ran: string[] = []
  const options = (runStep: StepRunner, signal = new AbortController().signal) => ({
    pipeline,
    actor: 'test',
    config: 'martlet.config.ts',
    folder: '.',
    redact: (text: string) => text.replaceAll('load c', 'load [redacted]'),
    waiting: undefined,
    signal,
    onEvent: (event: PipelineEvent) => void events.push(event),
    runStep: (start: Parameters<StepRunner>[0]) => {
      ran.push(start.words.join(' '))
      return runStep(start)
    },
  })

  it('runs the steps in order, stops at one that fails and names it, and lets nobody else in meanwhile', async () => {
    await using catalog = await openCatalog({ path: ':memory:' })
    const done = await runPipeline({ catalog, ...options(async () => good) })
    expect(done.map(({ command }) => command)).toEqual(['load a --set day=2026-06-01', 'load b', 'load [redacted]'])
    expect(events.filter(({ type }) => type === 'step')).toHaveLength(3)

    ran.length = 0
    const failing = options(async ({ words }) =>
      words[1] === 'b' ? { ...good, exitCode: 1, error: 'SQL_FAILED: no such table' } : good,
    )
    await expect(runPipeline({ catalog, ...failing })).rejects.toMatchObject({
      code: 'PIPELINE_FAILED',
      message: expect.stringContaining('Step 2 of 3 of pipeline etl failed: martlet load b: SQL_FAILED: no such table'),
      data: {
        pipeline: 'etl',
        step: 2,
        command: 'load b',
        exitCode: 1,
        done: [{ command: 'load a --set day=2026-06-01' }],
      },
    })
    expect(ran).toEqual(['load a --set day=2026-06-01', 'load b'])

    const second = options(async () => {
      await expect(runPipeline({ catalog, ...options(async () => good) })).rejects.toMatchObject({ code: 'LEASE_HELD' })
      return good
    })
    expect(await runPipeline({ catalog, ...second })).toHaveLength(3)

    const ending = new AbortController()
    const stopping = options(async () => {
      ending.abort()
      return { ...good, exitCode: 130, stopped: true }
    }, ending.signal)
    await expect(runPipeline({ catalog, ...stopping })).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await runPipeline({ catalog, ...options(async () => good) })).toHaveLength(3)
  })
})

// Each command starts processes.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

// Each step stands on the ones before it.
describe('martlet run', () => {
  let project: TestProject
  beforeAll(async () => {
    project = await emptyFolder()
    await project.write(
      'martlet.config.ts',
      `import { defineConfig } from 'martlet'
const daily = (name: string) => ({
  name, from: name + '.sql', into: 'mart.' + name, key: ['day', 'n'], parameters: { 'reference-date': 'date' },
  slice: { column: 'day', from: '{reference-date-1d}', to: '{reference-date}' },
}) as const
export default defineConfig({
  warehouse: { duckdb: 'w.duckdb' }, catalog: { sqlite: 'c.sqlite' }, online: 'memory', artifacts: { folder: 'a' },
  definitions: {}, loads: [daily('first'), daily('second')],
  pipelines: [{ name: 'etl', parameters: { 'reference-date': 'date' },
    run: ['load first --set reference-date={reference-date}', 'load second --set reference-date={reference-date}'] }],
})
`,
    )
    const created = ['raw.days', 'mart.first', 'mart.second'].map(
      (table) => `await run(sql\`CREATE TABLE \${tableRef('${table}')} (day DATE, n BIGINT)\`)`,
    )
    await project.write(
      'seed.ts',
      `import { openDuckDb, sql, tableRef } from '@martlet/warehouse'
await using warehouse = await openDuckDb({ path: 'w.duckdb' })
const run = (text: ReturnType<typeof sql>) => warehouse.run(text)
await run(sql\`CREATE SCHEMA raw\`)
await run(sql\`CREATE SCHEMA mart\`)
${created.join('\n')}
await run(sql\`INSERT INTO raw.days SELECT DATE '2026-06-01' + CAST(i AS INTEGER), i FROM range(5) r(i)\`)
`,
    )
    await project.write('first.sql', 'SELECT day, n FROM raw.days WHERE day <= {reference-date} -- not later')
    await project.write(
      'second.sql',
      'SELECT day, n + 1 AS n FROM mart.first WHERE day BETWEEN {reference-date-1d} AND {reference-date}',
    )
    const seeded = await project.node('seed.ts')
    if (seeded.code !== 0) throw new Error(seeded.stderr)
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('runs for a value; a step that fails is named; again is the same', async () => {
    const done = await project.json(0, 'run', 'etl', '--reference-date', '2026-06-03')
    expect(done).toMatchObject({
      pipeline: 'etl',
      parameters: { 'reference-date': '2026-06-03' },
      steps: [
        { command: 'load first --set reference-date=2026-06-03' },
        { command: 'load second --set reference-date=2026-06-03' },
      ],
    })
    await project.edit('second.sql', 'mart.first', 'mart.frist')
    expect(await project.json(1, 'run', 'etl', '--reference-date=2026-06-04')).toMatchObject({
      error: { code: 'PIPELINE_FAILED', data: { step: 2, command: 'load second --set reference-date=2026-06-04' } },
    })
    await project.edit('second.sql', 'mart.frist', 'mart.first')
    const told = await project.martlet('run', 'etl', '--reference-date', '2026-06-04')
    expect(told.code, told.stderr).toBe(0)
    expect(told.stdout).toContain('etl reference-date 2026-06-04 succeeded: 2 steps')
    expect(told.stderr).toContain('1/2 martlet load first --set reference-date=2026-06-04')
  })

  it('refuses what it does not know, before anything runs', async () => {
    expect(await project.json(64, 'run', 'elt')).toMatchObject({ error: { code: 'PIPELINE_UNKNOWN' } })
    expect(await project.json(64, 'run', 'etl')).toMatchObject({
      error: { code: 'USAGE', message: expect.stringContaining('needs --reference-date') },
    })
    const dry = await project.json(0, 'run', 'etl', '--reference-date', '2026-06-05', '--dry-run')
    expect(dry).toMatchObject({
      dryRun: true,
      steps: [expect.stringContaining('load first'), expect.stringContaining('load second')],
    })
    expect(await project.json(0, 'load')).toMatchObject({ loads: [] })
  })

  it('completes what a process that was killed had begun', async () => {
    const started = project.start('run', 'etl', '--reference-date', '2026-06-05')
    await started.printed('1/2 martlet load first', 'stderr')
    started.child.kill('SIGKILL')
    await started.ended
    await project.json(0, 'run', 'etl', '--reference-date', '2026-06-05', '--wait', '20s')
    expect(await project.json(0, 'load', '--set', 'reference-date=2026-06-05', '--wait', '20s')).toMatchObject({
      loads: [
        { name: 'first', read: 2, inserted: 0, updated: 0, unchanged: 2 },
        { name: 'second', read: 2, inserted: 0, updated: 0, unchanged: 2 },
      ],
    })
  })
})
