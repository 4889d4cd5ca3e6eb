import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import process from 'node:process'
import { entity, fact, featureService, featureView } from '@martlet/feature-store'
import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { givenSpine } from '../src/command/spine-choice.ts'
import { seededProject, type TestProject } from './run-martlet.ts'

// Each step starts a process.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const manifest = z.looseObject({
  rows: z.number(),
  spine: z.looseObject({ kind: z.string() }).optional(),
  split: z.looseObject({ rows: z.record(z.string(), z.number()), purged: z.number() }).optional(),
})
const built = z.object({
  rows: z.number(),
  manifest,
  files: z.array(z.object({ file: z.string(), sidecar: z.string(), bytes: z.number() })),
})
const column = z.object({ name: z.string(), type: z.string() })
const sidecar = z.strictObject({
  format: z.string(),
  rows: z.number(),
  bytes: z.number(),
  sha256: z.string(),
  table: z.string(),
  features: z.array(z.strictObject({ ...column.shape, nullable: z.boolean() })),
  labels: z.array(column),
  missing: z.array(column),
  keys: z.array(z.string()),
  time: z.string(),
  split: z.string().nullable(),
  spine: z.array(column),
  manifest,
})

describe('martlet training-set', () => {
  let project: TestProject
  /** Midnights (UTC) of the readings, which end at that before today. */
  const day = (back: number): string => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10)
  const grid = ['--every', '1d', '--of', 'customer_usage', '--start', day(20), '--end', day(0)]
  const split = ['--split', day(12), '--split', day(6), '--embargo', '1d']
  beforeAll(async () => {
    project = await seededProject()
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('makes a spine, splits it, and exports it with what its columns are', async () => {
    const rowsOfGrid = [...grid, '--after', '6h', '--label', 'next_day_kwh', ...split]
    const files = ['--parquet', 'rows.parquet', '--csv', 'rows.csv', '--into', 'training.grid']
    const answer = built.parse(await project.json(0, 'training-set', 'next_day', ...rowsOfGrid, ...files))
    expect(answer.manifest).toMatchObject({
      spine: { kind: 'everyGrid', of: 'view customer_usage', every: '1d', after: '6h' },
      split: { horizon: '1d', embargo: '1d', embargoed: 2 * 20 },
    })
    expect(answer.files.map(({ sidecar: file }) => file)).toEqual([
      project.path('rows.parquet.json'),
      project.path('rows.csv.json'),
    ])
    const about = sidecar.parse(JSON.parse(await readFile(project.path('rows.parquet.json'), 'utf8')))
    expect(about).toMatchObject({
      format: 'parquet',
      rows: answer.rows,
      bytes: (await stat(project.path('rows.parquet'))).size,
      sha256: createHash('sha256')
        .update(await readFile(project.path('rows.parquet')))
        .digest('hex'),
      keys: ['customer_id'],
      time: 'at',
      split: 'split',
      labels: [{ name: 'next_day_kwh', type: 'double' }],
      spine: [
        { name: 'spine_row', type: 'bigint' },
        { name: 'customer_id', type: 'text' },
        { name: 'at', type: 'timestamp' },
        { name: 'split', type: 'text' },
      ],
      manifest: answer.manifest,
    })
    expect(about.features.map(({ name }) => name)).toEqual(['customer_usage__kwh_1d', 'customer_usage__kwh_7d'])
    await using reader = await openDuckDb()
    const columns = sql.join([...about.spine, ...about.features, ...about.labels].map(({ name }) => sql.id(name)))
    const [parquet, csv] = [project.path('rows.parquet'), project.path('rows.csv')].map((file) => sql.lit(file))
    const rows = rowsOf(await reader.read(sql`SELECT ${columns} FROM read_parquet(${parquet ?? sql``})`))
    expect(rows).toHaveLength(answer.rows)
    expect(rows.map((row) => row['spine_row'])).toEqual(rows.map((_, i) => i))
    expect(rowsOf(await reader.read(sql`SELECT ${columns} FROM read_csv(${csv ?? sql``}) ORDER BY spine_row`))).toEqual(
      rows,
    )
    const parts = Object.entries(about.manifest.split?.rows ?? {})
    for (const [part, count] of parts) expect(rows.filter((row) => row['split'] === part)).toHaveLength(count)
    expect(parts).toHaveLength(3)
  })

  it('says in words what was left out, and where the file is', async () => {
    const { stdout } = await project.martlet('training-set', 'next_day', ...grid, ...split, '--csv', 'said.csv')
    expect(stdout).toMatch(/split +\d+ train, \d+ validation, \d+ test; 40 rows left out at the borders/)
    expect(stdout).toMatch(/file +said\.csv, [\d.]+ kB, described in said\.csv\.json/)
    // The user chose the place, so the user's umask holds.
    expect((await stat(project.path('said.csv'))).mode & 0o777).toBe(0o666 & ~process.umask())
  })

  it('takes a spine and a split from the configuration', async () => {
    await project.edit(
      'martlet.config.ts',
      "import { defineConfig } from 'martlet'",
      "import { everyGrid } from '@martlet/feature-store'\n" +
        "import { defineConfig } from 'martlet'\nimport { customerUsage } from './definitions.ts'",
    )
    await project.edit(
      'martlet.config.ts',
      "spine: 'spine.sql',",
      `spine: everyGrid({ of: customerUsage, from: '${day(20)}', to: '${day(0)}', every: '1d' }), split: { at: ['${day(6)}'] },`,
    )
    const answer = built.parse(await project.json(0, 'training-set', 'next_day_training'))
    expect(answer.manifest).toMatchObject({ spine: { kind: 'everyGrid' }, split: { horizon: '1d', purged: 0 } })
  })

  it.each([
    [
      [...grid, '--embargo', '1d'],
      'USAGE',
      '--embargo is about rows after a border. Give --split too, or leave it out.',
    ],
    [[...grid, '--parquet', 'no/such/folder.parquet'], 'FILE_NOT_WRITABLE', 'there is no folder'],
  ])('refuses %j', async (args, code, message) => {
    const ended = await project.martlet('training-set', 'next_day', ...args, '--json')
    expect(ended.code).not.toBe(0)
    const refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) })
    const { error } = refusal.parse(JSON.parse(ended.stdout))
    expect(error.code).toBe(code)
    expect(error.message).toContain(message)
  })
})

describe('the spine of the command line', () => {
  const customer = entity('customer', { customer_id: z.string() })
  const usage = fact('mart.usage', {
    columns: { customer_id: z.string(), ts: z.date() },
    entities: [customer],
    eventTime: 'ts',
  })
  const view = featureView('customer_usage', {
    of: customer,
    from: usage,
    every: '1d',
    features: (f) => ({ age: f.age() }),
  })
  const service = featureService('next_day', [view])
  // The view is not exported by itself.
  const definitions = {
    views: new Map(),
    services: new Map([['next_day', service]]),
    labels: new Map(),
    sources: new Map(),
    all: [service],
  }
  const grid = { every: '1d', of: 'customer_usage', start: '2026-01-01', end: '2026-02-01' }

  it('is a grid, a table or file, or nothing', () => {
    expect(givenSpine({}, definitions)).toEqual({})
    expect(givenSpine({ spine: 'a.sql', time: 't', zone: 'UTC' }, definitions)).toEqual({
      spine: 'a.sql',
      time: 't',
      zone: 'UTC',
    })
    const { spine, time, zone } = givenSpine({ ...grid, zone: 'Europe/Zurich', after: '6h' }, definitions)
    expect([time, zone]).toEqual(['at', undefined])
    expect(spine).toMatchObject({
      kind: 'everyGrid',
      plan: { zone: 'Europe/Zurich', after: 21_600_000_000, from: BigInt(Date.UTC(2025, 11, 31, 23)) * 1000n },
    })
  })

  it.each([
    [{ ...grid, spine: 'a.sql' }, '--spine and --every both say which rows there are. Give one of them.'],
    [{ of: 'customer_usage' }, '--of is about rows on a grid of times, which --every makes.'],
    [{ every: '1d', of: 'customer_usage' }, 'Give --of <view>, --start <instant> and --end <instant>.'],
    [{ ...grid, of: 'customer_usag' }, 'Did you mean customer_usage?'],
    [{ ...grid, every: 'daily' }, '--every daily is not a length of time.'],
    [{ ...grid, every: '7h' }, "every '7h' neither divides a day evenly"],
    [{ ...grid, end: '2026-01-01' }, 'is not before to'],
  ])('is refused as %j', (options, message) => {
    expect(() => givenSpine(options, definitions)).toThrow(message)
  })
})
