import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { seededProject, type TestProject } from './run-martlet.ts'

const instant = z.iso.datetime({ precision: 6 })
const answer = <T extends z.ZodRawShape>(command: string, shape: T) =>
  z.strictObject({ ok: z.literal(true), command: z.literal(command), exitCode: z.literal(0), ...shape })
const change = z.strictObject({
  kind: z.enum(['view', 'service', 'label']),
  name: z.string(),
  action: z.enum(['create', 'change', 'remove']),
  consequence: z.string(),
  reasons: z.array(z.string()),
  hash: z.string(),
})
const models = z.array(
  z.strictObject({
    model: z.string(),
    alias: z.string(),
    version: z.number(),
    outcome: z.enum(['works', 'kept', 'breaks', 'broken']),
    reasons: z.array(z.string()),
  }),
)
/** The readings of the project end with yesterday. */
const day = (back: number): string => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10)
const lastWeek = ['--start', day(7), '--end', day(0)]
const finding = z.looseObject({ table: z.string(), severity: z.enum(['error', 'warn']) })

const planned = z.strictObject({
  view: z.string(),
  action: z.enum(['nothing', 'write', 'rebuild', 'publish']),
  reason: z.string(),
  from: instant.nullable(),
  to: instant.nullable(),
  instants: z.number(),
  estimatedRows: z.number(),
  by: z.string().nullable(),
})
const done = z.strictObject({
  view: z.string(),
  run: z.string().nullable(),
  action: z.string(),
  reason: z.string(),
  from: instant.nullable(),
  to: instant.nullable(),
  rows: z.number(),
  published: z.number().nullable(),
  newest: instant.nullable(),
  watermark: instant.nullable(),
  findings: z.array(finding),
  seconds: z.number(),
})
const move = z.strictObject({
  model: z.string(),
  alias: z.string(),
  sequence: z.number(),
  kind: z.enum(['set', 'unset', 'rollback']),
  from: z.number().nullable(),
  to: z.number().nullable(),
  actor: z.string(),
  approver: z.string().nullable(),
  reason: z.string(),
  at: z.iso.datetime(),
})
const version = z.looseObject({
  model: z.string(),
  version: z.number(),
  status: z.enum(['READY', 'FAILED']),
  metrics: z.record(z.string(), z.number()),
  createdAt: z.iso.datetime(),
})
const event = z.looseObject({ type: z.string() })

/** In the order in which a project is made; the README of `init` has the same. */
const steps: readonly (readonly [readonly string[], z.ZodType])[] = [
  [
    ['plan'],
    answer('plan', { changes: z.array(change).length(4), unchanged: z.literal(0), warnings: z.tuple([]), models }),
  ],
  [
    ['apply', '--yes'],
    answer('apply', {
      applied: z.array(change).length(4),
      unchanged: z.literal(0),
      dropped: z.array(z.string()),
      warnings: z.tuple([]),
      models,
    }),
  ],
  [['materialize', '--dry-run'], answer('materialize', { dryRun: z.literal(true), views: z.array(planned).length(1) })],
  [['materialize'], answer('materialize', { dryRun: z.literal(false), views: z.array(done).length(1) })],
  [
    ['training-set', 'next_day_training'],
    answer('training-set', {
      table: z.string(),
      rows: z.number(),
      features: z.array(z.string()),
      labels: z.array(z.string()),
      manifest: z.looseObject({ rows: z.number() }),
      manifestFile: z.string(),
      files: z.array(z.strictObject({ file: z.string(), sidecar: z.string(), bytes: z.number() })),
      profile: z.string().nullable(),
    }),
  ],
  [
    ['models', 'register', 'm', '--onnx', 'model.onnx', '--service', 'next_day', '--golden', 'golden.json'],
    answer('models register', { created: z.literal(true), version }),
  ],
  [['models', 'promote', 'm', '1', '--reason', 'first'], answer('models promote', { move })],
  [
    ['score', 'm', '--every', '1d', '--of', 'customer_usage', ...lastWeek, '--into', 'scores.m'],
    answer('score', {
      into: z.literal('scores.m'),
      rows: z.number().positive(),
      refused: z.literal(0),
      chunks: z.literal(1),
      resumed: z.literal(0),
      manifest: z.strictObject({
        model: z.literal('m'),
        version: z.literal(1),
        sha256: z.string(),
        service: z.literal('next_day'),
        definitions: z.record(z.string(), z.string()),
        spine: z.record(z.string(), z.string()),
        time: z.literal('at'),
        from: z.literal('facts'),
        rows: z.number(),
        refused: z.literal(0),
        outputs: z.array(z.strictObject({ name: z.string(), type: z.string() })),
        first: z.iso.datetime(),
        last: z.iso.datetime(),
        startedAt: z.iso.datetime(),
        finishedAt: z.iso.datetime(),
      }),
      manifestFile: z.string(),
    }),
  ],
  [
    ['models', 'tag', 'm', 'a=b'],
    answer('models tag', {
      model: z.string(),
      version: z.null(),
      set: z.record(z.string(), z.string()),
      removed: z.array(z.string()),
    }),
  ],
  [
    ['models', 'list'],
    answer('models list', {
      models: z.array(z.looseObject({ name: z.literal('m'), aliases: z.record(z.string(), z.number()) })).length(1),
    }),
  ],
  [['models', 'show', 'm'], answer('models show', { model: z.string(), versions: z.array(version).length(1) })],
  [
    ['models', 'show', 'm', 'champion'],
    answer('models show', {
      version,
      lineage: z.strictObject({
        columns: z.array(z.string()).min(1),
        features: z.array(z.string()).min(1),
        service: z.literal('next_day'),
      }),
    }),
  ],
  [
    ['models', 'history', 'm', '--at', '2100-01-01'],
    answer('models history', {
      model: z.string(),
      alias: z.literal('champion'),
      live: z.literal(1),
      moves: z.array(move).length(1),
    }),
  ],
  [
    ['drift'],
    answer('drift', {
      monitors: z.array(
        z.strictObject({
          monitor: z.string(),
          status: z.string(),
          severity: z.string(),
          exitCode: z.literal(0),
          sentence: z.string(),
          lookAt: z.array(z.string()),
          since: z.null(),
          windows: z.array(z.looseObject({ rows: z.number() })),
          files: z.strictObject({ html: z.string(), json: z.string(), markdown: z.string() }),
        }),
      ),
      index: z.string(),
    }),
  ],
  [
    ['status'],
    answer('status', {
      views: z.array(
        z.strictObject({
          view: z.string(),
          newest: instant,
          watermark: instant,
          publishedTime: instant.nullable(),
          late: z.boolean(),
          continuous: z.boolean(),
          holder: z.null(),
          unfinished: z.null(),
          lastRun: z.looseObject({ outcome: z.string() }).nullable(),
        }),
      ),
      models: z.array(z.strictObject({ model: z.string(), alias: z.string(), version: z.number() })),
      kept: z.tuple([]),
      schedules: z.tuple([]),
      sources: z.tuple([]),
    }),
  ],
  [['ingest'], answer('ingest', { sources: z.tuple([]) })],
  [
    ['status', '--lineage', 'mart.usage.kwh'],
    answer('status', {
      column: z.literal('mart.usage.kwh'),
      features: z.array(z.string()).min(1),
      services: z.array(z.string()).min(1),
      labels: z.array(z.string()).min(1),
      versions: z
        .array(z.strictObject({ model: z.literal('m'), version: z.literal(1), aliases: z.array(z.string()) }))
        .length(1),
    }),
  ],
  [
    ['runs'],
    answer('runs', {
      runs: z
        .array(z.looseObject({ view: z.string(), outcome: z.literal('succeeded'), rows: z.literal(1200) }))
        .length(1),
      slots: z.tuple([]),
    }),
  ],
  [
    ['doctor'],
    answer('doctor', {
      checks: z.array(
        z.strictObject({
          name: z.string(),
          state: z.enum(['ok', 'warn', 'fail']),
          found: z.string(),
          fix: z.string().optional(),
        }),
      ),
      failed: z.literal(0),
      warned: z.literal(0),
    }),
  ],
]

describe('--json', () => {
  let project: TestProject
  beforeAll(async () => {
    project = await seededProject()
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('gives one document of a known shape on stdout, and only JSON lines on stderr, for every command', async () => {
    for (const [args, shape] of steps) {
      if (args[1] === 'register') expect((await project.node('train.ts')).code).toBe(0)
      const { code, stdout, stderr } = await project.martlet(...args, '--json')
      expect(`${args.join(' ')}: ${code}${code === 0 ? '' : stdout}`).toBe(`${args.join(' ')}: 0`)
      expect(stdout.trimEnd().split('\n')).toHaveLength(1)
      expect(() => shape.parse(JSON.parse(stdout)), args.join(' ')).not.toThrow()
      for (const line of stderr.split('\n').filter((text) => text !== '')) event.parse(JSON.parse(line))
    }
  }, 240_000)

  it('tells the steps of a materialization as events', async () => {
    const day = new Date(Date.now() - 10 * 86_400_000).toISOString().slice(0, 10)
    const { stderr } = await project.martlet('materialize', '--from', day, '--json')
    const types = stderr
      .trim()
      .split('\n')
      .map((line) => event.parse(JSON.parse(line)).type)
    expect(types[0]).toBe('step')
    expect(types.filter((type) => type !== 'step')).toEqual(['plan', 'quality', 'chunk', 'publish', 'done'])
  })

  it('--events leaves the answer for people on stdout', async () => {
    const { stdout, stderr } = await project.martlet('drift', '--events')
    expect(stdout).toMatch(/^ok usage_drift/)
    expect(event.parse(JSON.parse(stderr))).toMatchObject({ type: 'monitor', monitor: 'usage_drift' })
  })
})
