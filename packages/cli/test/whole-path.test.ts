import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { emptyFolder, type TestProject } from './run-martlet.ts'

const previewed = z.object({
  rows: z.array(
    z.object({
      features: z.array(
        z.object({
          name: z.string(),
          value: z.unknown(),
          events: z.array(z.object({ newest: z.array(z.object({ value: z.number() })) })).optional(),
        }),
      ),
    }),
  ),
})

// Each step stands on the ones before it, in the order of the README that `init` writes.
describe('a project from init to the drift report', () => {
  let project: TestProject
  beforeAll(async () => {
    project = await emptyFolder()
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('init writes a project that its own README runs', async () => {
    const made = await project.martlet('init')
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect((await readdir(project.folder)).toSorted()).toEqual(
      [
        '.gitignore',
        '.npmrc',
        'README.md',
        'definitions.ts',
        'martlet.config.ts',
        'node_modules',
        'package-lock.json',
        'package.json',
        'readings.csv',
        'seed.ts',
        'spine.sql',
        'train.ts',
      ].toSorted(),
    )
    const seeded = await project.node('seed.ts')
    expect(seeded).toMatchObject({ code: 0, stdout: 'loaded 4800 readings into mart.usage\n' })
  })

  it('plan says what apply does, and applying twice changes nothing', async () => {
    const planned = await project.martlet('plan')
    expect(planned.code).toBe(0)
    expect(planned.stdout).toMatch(/^\+ view customer_usage +nothing stored yet$/m)
    expect(planned.stdout).toContain('4 changes, 0 unchanged')
    expect((await project.martlet('apply', '--yes')).stdout).toContain('applied 4 changes')
    expect((await project.martlet('apply')).stdout).toBe('nothing to apply: 4 definitions unchanged\n')
  })

  it('preview shows a row before it is materialized, and the events behind a feature', async () => {
    const shown = await project.martlet(
      'preview',
      'customer_usage',
      '--keys',
      'c01',
      '--feature',
      'kwh_1d',
      '--newest',
      '3',
    )
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toMatch(/^customer_usage of customer_id c01: row of .*, computed from the facts$/m)
    expect(shown.stdout).toMatch(/^kwh_1d +[\d.]+ +sum\(kwh\) over 1d$/m)
    expect(shown.stdout).toMatch(/^kwh_1d: sum\(kwh\) over 1d, \d+ events, the newest 3$/m)
    const json = await project.json(
      0,
      'preview',
      'customer_usage',
      '--keys',
      'c01',
      '--feature',
      'kwh_1d',
      '--newest',
      '1000',
    )
    const found = previewed.parse(json)
    const kwh = found.rows[0]?.features.find(({ name }) => name === 'kwh_1d')
    const sum = kwh?.events?.[0]?.newest.reduce((so, { value }) => so + value, 0)
    expect(kwh?.value).toBeCloseTo(sum ?? 0, 9)
  })

  it('materialize --dry-run writes nothing; materialize writes and publishes every customer', async () => {
    const dry = await project.martlet('materialize', '--dry-run')
    expect(dry.stdout).toMatch(/customer_usage .* write: first run/)
    expect(await project.json(0, 'status')).toMatchObject({
      views: [{ view: 'customer_usage', watermark: null, late: true }],
    })
    const done = await project.martlet('materialize')
    expect(done).toMatchObject({ code: 0 })
    expect(done.stdout).toMatch(/^customer_usage +1,200 +20 /m)
    expect(done.stderr).not.toContain('\r')
    expect(await project.json(0, 'status')).toMatchObject({
      views: [{ view: 'customer_usage', late: false, lastRun: { outcome: 'succeeded', rows: 1200 } }],
    })
  })

  it('training-set writes rows, a manifest and the reference profile', async () => {
    const made = z
      .object({
        table: z.string(),
        rows: z.number(),
        profile: z.string(),
        manifestFile: z.string(),
        manifest: z.object({ service: z.string() }),
      })
      .parse(await project.json(0, 'training-set', 'next_day_training'))
    // 32 days of 20 customers
    expect(made).toMatchObject({
      table: 'training.next_day_training',
      rows: 640,
      profile: 'next_day_training',
      manifest: { service: 'next_day' },
    })
    expect(JSON.parse(await readFile(made.manifestFile, 'utf8'))).toMatchObject({ rows: 640, from: 'facts' })
    const materialized = await project.json(
      0,
      'training-set',
      'next_day',
      '--spine',
      'spine.sql',
      '--time',
      'predict_at',
      '--label',
      'next_day_kwh',
      '--into',
      'training.again',
      '--from',
      'materialized',
      '--no-profile',
    )
    expect(materialized).toMatchObject({ table: 'training.again', rows: 640, profile: null })
  })

  it('train.ts makes a model that can be registered, promoted and rolled back', async () => {
    expect((await project.node('train.ts')).code).toBe(0)
    const register = [
      'models',
      'register',
      'next_day_kwh',
      '--onnx',
      'model.onnx',
      '--service',
      'next_day',
      '--golden',
      'golden.json',
      '--metrics',
      'metrics.json',
      '--training-set',
      'next_day_training',
      '--tag',
      'team=energy',
    ]
    expect(await project.json(0, ...register)).toMatchObject({
      created: true,
      version: { version: 1, status: 'READY', tags: { team: 'energy' }, trainingSet: { rows: 640 } },
    })
    expect(await project.json(0, ...register)).toMatchObject({ created: false, version: { version: 1 } })
    expect(
      await project.json(0, 'models', 'promote', 'next_day_kwh', '1', '--reason', 'first', '--actor', 'ann'),
    ).toMatchObject({ move: { from: null, to: 1, actor: 'ann' } })
    expect((await project.martlet('models', 'list')).stdout).toMatch(/^next_day_kwh +1 +champion=1 /m)
    expect((await project.martlet('models', 'show', 'next_day_kwh', 'champion')).stdout).toContain(
      'next_day_kwh version 1',
    )
    expect((await project.martlet('models', 'show', 'next_day_kwh', '1')).stdout).toContain(
      '\nlineage\n  columns     mart.usage.kwh, mart.usage.ts\n  → features  customer_usage.kwh_1d, ' +
        'customer_usage.kwh_7d\n  → service   next_day\n  → version   next_day_kwh 1\n',
    )
    expect((await project.martlet('status', '--lineage', 'mart.usage.kwh')).stdout).toMatch(
      new RegExp(
        String.raw`^mart\.usage\.kwh\n {2}→ features {2}customer_usage\.(.*\n)+ {2}→ services .*next_day\b.*\n` +
          String.raw` {2}→ labels {4}next_day_kwh\n {2}→ versions {2}next_day_kwh 1 \(champion\)\n$`,
      ),
    )
    expect((await project.martlet('models', 'history', 'next_day_kwh')).stdout).toMatch(/set – → 1 +ann +first/)
    expect(await project.json(1, 'models', 'rollback', 'next_day_kwh', '--reason', 'no')).toMatchObject({
      ok: false,
      error: { code: 'NO_EARLIER_VERSION' },
    })
    expect(
      await project.json(0, 'models', 'tag', 'next_day_kwh', '--of', '1', 'reviewed=yes', '--remove', 'team'),
    ).toMatchObject({ set: { reviewed: 'yes' }, removed: ['team'] })
    expect(await project.json(0, 'models', 'show', 'next_day_kwh', '1')).toMatchObject({
      version: { tags: { reviewed: 'yes' } },
    })
  })

  it('workers answer features and predictions while another command has the warehouse, and end at SIGTERM', async () => {
    const server = project.start('serve', '--port', '0', '--workers', '2', '--json')
    const answer = z.object({
      url: z.string(),
      ready: z.boolean(),
      services: z.array(z.string()),
      models: z.array(z.object({ model: z.string() })),
    })
    const { url, ...served } = answer.parse(JSON.parse(await server.printed('\n', 'stdout')))
    expect(served).toEqual({
      ready: true,
      services: ['customer_card', 'next_day'],
      models: [{ model: 'next_day_kwh' }],
    })
    const post = async (path: string): Promise<unknown> => {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ keys: [{ customer_id: 'c01' }, { customer_id: 'c02' }] }),
      })
      expect(response.status).toBe(200)
      return response.json()
    }
    expect(await post('/v1/features/customer_card')).toMatchObject({ rows: [{ missing: {} }, { missing: {} }] })
    expect((await project.martlet('materialize')).code).toBe(0)
    const predicted = z.object({
      rows: z.array(z.object({ prediction: z.object({ prediction: z.number().positive() }) })).length(2),
    })
    // Connections that are open at once are shared by the workers.
    const answers = await Promise.all(Array.from({ length: 8 }, () => post('/v1/models/next_day_kwh/predict')))
    for (const one of answers) predicted.parse(one)
    server.child.kill('SIGTERM')
    const { code, stdout, stderr } = await server.ended
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expect(stderr).toContain('"type":"stopped"')
    const logs = await readdir(project.path('.martlet/log/next_day_kwh'), { recursive: true })
    expect(logs.flatMap((name) => /-w\d+\.jsonl$/.exec(name) ?? []).toSorted()).toEqual(['-w1.jsonl', '-w2.jsonl'])
  })

  it('drift compares the last weeks with the training set and writes three reports', async () => {
    const answer = z.object({
      ok: z.literal(true),
      monitors: z.tuple([
        z.object({
          monitor: z.literal('usage_drift'),
          status: z.literal('ok'),
          exitCode: z.literal(0),
          windows: z.array(z.object({ rows: z.number() })).length(2),
          files: z.record(z.string(), z.string()),
        }),
      ]),
    })
    const {
      monitors: [{ files, windows }],
    } = answer.parse(await project.json(0, 'drift', 'usage_drift'))
    expect(windows.map(({ rows }) => rows)).toEqual([140, 140])
    expect(Object.values(files).every((file) => existsSync(file))).toBe(true)
    expect(await readFile(files['html'] ?? '', 'utf8')).toContain('<!doctype html>')
    const people = await project.martlet('drift', '--out', 'elsewhere')
    expect(people.stdout).toMatch(/^ok usage_drift: /)
    expect(existsSync(project.path('elsewhere', 'usage_drift.md'))).toBe(true)
  })

  it('drift reads the prediction logs of all workers, and says when they have too few rows to be evaluated', async () => {
    await project.edit(
      'martlet.config.ts',
      'monitors: [',
      "monitors: [{ name: 'served', model: 'next_day_kwh', profile: 'next_day_training' }, ",
    )
    expect(await project.json(3, 'drift', 'served')).toMatchObject({
      ok: false,
      exitCode: 3,
      monitors: [{ status: 'too_few_rows', windows: [{ rows: 16 }] }],
    })
  })

  it('erase finds the predictions for a customer in the logs of all workers', async () => {
    const logged = z.object({ removed: z.array(z.object({ kind: z.string(), place: z.string(), rows: z.number() })) })
    const asked = ['erase', '--entity', 'customer', '--keys', 'c01', '--dry-run']
    const { removed } = logged.parse(await project.json(2, ...asked))
    const files = removed.filter(({ kind }) => kind === 'predictions')
    expect(files.map(({ place }) => /-w\d+\.jsonl$/.exec(place)?.[0]).toSorted()).toEqual(['-w1.jsonl', '-w2.jsonl'])
    expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(8)
  })

  it('drift ends with 1 when consumption triples, with 2 when that is only worth a warning, with 3 when there are no rows', async () => {
    await project.write(
      'triple.ts',
      `import { sql } from '@martlet/warehouse'
import { loadProject } from 'martlet'
await using project = await loadProject()
const warehouse = await project.warehouse()
await warehouse.run(sql\`UPDATE mart.usage SET kwh = kwh * 3 WHERE ts >= (SELECT MAX(ts) FROM mart.usage) - INTERVAL 9 DAY\`)
`,
    )
    expect((await project.node('triple.ts')).code).toBe(0)
    const from = new Date(Date.now() - 12 * 86_400_000).toISOString().slice(0, 10)
    expect((await project.martlet('materialize', '--from', from, '--no-publish')).code).toBe(0)
    const drifted = await project.martlet('drift', 'usage_drift')
    expect(drifted.code).toBe(1)
    expect(drifted.stdout).toMatch(/^drift usage_drift: /)
    expect(drifted.stdout).toContain('customer_usage__kwh_7d')
    await project.edit(
      'martlet.config.ts',
      "service: 'next_day', profile:",
      'policy: { floors: { psi: { warn: 0.1, crit: 1000 }, wassersteinRobust: { warn: 0.1, crit: 1000 }, ks: { warn: ' +
        "0.1, crit: 2 } } }, service: 'next_day', profile:",
    )
    expect(await project.json(2, 'drift', 'usage_drift')).toMatchObject({
      ok: true,
      exitCode: 2,
      monitors: [{ severity: 'warn' }],
    })
    expect(await project.json(1, 'drift', 'usage_drift', '--fail-on', 'warn')).toMatchObject({ ok: false, exitCode: 1 })
    expect(await project.json(3, 'drift', 'usage_drift', '--window', '2000-01-01..2000-01-02')).toMatchObject({
      ok: false,
      exitCode: 3,
      monitors: [{ status: 'no_data' }],
    })
  })

  it('doctor finds nothing wrong, and removed features need to be allowed', async () => {
    const checked = await project.martlet('doctor')
    expect(checked.stdout).toContain('view customer_usage')
    expect(checked).toMatchObject({ code: 0 })
    await project.edit('definitions.ts', "    peak: f.max('kwh').over('7d'),\n", '')
    expect(await project.json(1, 'apply', '--yes')).toMatchObject({ error: { code: 'APPLY_REFUSED' } })
    expect((await project.martlet('doctor')).code).toBe(2)
    const applied = await project.martlet('apply', '--yes', '--allow-drop', '--allow-rebuild')
    expect(applied).toMatchObject({ code: 0 })
    expect((await project.martlet('runs', '--view', 'customer_usage', '--limit', '1')).stdout).toContain('succeeded')
  })
})
