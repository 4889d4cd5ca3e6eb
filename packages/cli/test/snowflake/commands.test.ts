import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { emptyFolder, type TestProject } from '../run-martlet.ts'
import { privateKey, SnowflakeDouble, warehouseText } from './on-double.ts'

// Each step stands on the ones before it: the README that `init` writes, with one key of the configuration changed.
describe('a project from init to the drift report, its warehouse on Snowflake, played by a double', () => {
  let double: SnowflakeDouble
  let project: TestProject
  beforeAll(async () => {
    vi.stubEnv('MARTLET_TEST_ACCOUNT', 'shop')
    double = await SnowflakeDouble.start()
    project = await emptyFolder()
    await project.json(0, 'init')
    await project.write('key.p8', privateKey)
    await project.edit('martlet.config.ts', "{ duckdb: '.martlet/warehouse.duckdb' }", warehouseText(double))
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await project[Symbol.asyncDispose]()
    await double.stop()
  })

  it('a source that is not there is named', async () => {
    expect(await project.json(0, 'apply', '--yes')).toMatchObject({ applied: { length: 4 } })
    expect(await project.json(1, 'materialize')).toMatchObject({
      error: { code: 'SOURCE_MISSING', message: expect.stringContaining('mart.usage') },
    })
  })

  it('loads a file', async () => {
    expect(await project.node('seed.ts')).toMatchObject({ code: 0, stdout: 'loaded 4800 readings into mart.usage\n' })
  })

  it('materialize says what it will do and does it', async () => {
    expect(await project.json(0, 'materialize', '--dry-run')).toMatchObject({
      dryRun: true,
      views: [{ view: 'customer_usage', action: 'write' }],
    })
    expect(await project.json(0, 'materialize')).toMatchObject({
      views: [{ view: 'customer_usage', rows: 1200, published: 20 }],
    })
    expect(await project.json(0, 'status')).toMatchObject({
      views: [{ view: 'customer_usage', late: false, lastRun: { outcome: 'succeeded' } }],
    })
  })

  it('training-set builds from facts and from the feature tables, with the profile', async () => {
    expect(await project.json(0, 'training-set', 'next_day_training')).toMatchObject({
      table: 'training.next_day_training',
      rows: 640,
      profile: 'next_day_training',
    })
    expect(
      await project.json(
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
      ),
    ).toMatchObject({ table: 'training.again', rows: 640 })
  })

  it('a model is trained from the table, registered and promoted, and its lineage reaches the column', async () => {
    expect(await project.node('train.ts')).toMatchObject({ code: 0 })
    await project.json(
      0,
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
    )
    await project.json(0, 'models', 'promote', 'next_day_kwh', '1', '--reason', 'first')
    expect(await project.json(0, 'status', '--lineage', 'mart.usage.kwh')).toMatchObject({
      versions: [{ model: 'next_day_kwh', version: 1 }],
    })
  })

  it('serve answers without a login to the warehouse', async () => {
    const requests = double.requests.length
    const server = project.start('serve', '--port', '0', '--json')
    const { url } = z
      .object({ url: z.string(), ready: z.literal(true) })
      .parse(JSON.parse(await server.printed('\n', 'stdout')))
    for (const path of ['/v1/features/customer_card', '/v1/models/next_day_kwh/predict']) {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ keys: [{ customer_id: 'c01' }] }),
      })
      expect(response.status).toBe(200)
    }
    server.child.kill('SIGTERM')
    expect((await server.ended).code).toBe(0)
    expect(double.requests.length).toBe(requests)
  })

  it('drift compares vectors of a service, a view, a table and the log', async () => {
    await project.edit(
      'martlet.config.ts',
      'monitors: [',
      `monitors: [
    { name: 'of_view', view: 'customer_usage', profile: 'next_day_training', window: '14d', windows: 1 },
    { name: 'of_table', table: 'training.next_day_training', profile: 'next_day_training', time: 'predict_at', ignore:
      ['customer_id', 'spine_row'] },
    { name: 'of_model', model: 'next_day_kwh', profile: 'next_day_training' },`,
    )
    expect(await project.json(3, 'drift')).toMatchObject({
      monitors: [
        { monitor: 'of_view', windows: [{ rows: 280 }] },
        { monitor: 'of_table', status: 'ok', windows: [{ rows: 640 }] },
        { monitor: 'of_model', status: 'too_few_rows' },
        { monitor: 'usage_drift', status: 'ok', windows: [{ rows: 140 }, { rows: 140 }] },
      ],
    })
  })

  it('doctor finds nothing wrong', async () => {
    const checked = await project.martlet('doctor')
    expect(checked.stdout).toMatch(/^ok +warehouse +snowflake double, shop at 127\.0\.0\.1:\d+, MARTLET: role TESTER/m)
    expect(checked.stdout).toContain('all is well')
    expect(checked.code).toBe(0)
  })

  it('a removed view goes from the warehouse when that is allowed', async () => {
    await project.write(
      'definitions.ts',
      `import { entity, fact, featureView } from '@martlet/feature-store'
import { z } from 'zod'
const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', { columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() }, entities:
  [customer], eventTime: 'ts' })
export const other = featureView('other', { of: customer, from: usage, every: '1d', features: (f) => ({ kwh: f.sum('kwh').over('1d') }) })
`,
    )
    expect(await project.json(0, 'apply', '--yes', '--allow-drop')).toMatchObject({ dropped: ['customer_usage'] })
    await project.write(
      'look.ts',
      `import { loadProject } from 'martlet'
await using project = await loadProject()
console.log(await (await project.warehouse()).introspect('features.customer_usage'))
`,
    )
    expect(await project.node('look.ts')).toMatchObject({ stdout: 'undefined\n' })
  })

  it('leaves no session open', async () => {
    await vi.waitFor(() => expect(double.sessions).toBe(0))
  })

  it.each([
    [
      'a database that is not there',
      { database: 'SHOPP' },
      'WAREHOUSE_OPEN_FAILED',
      ['no database SHOPP that role TESTER may use', 'GRANT USAGE ON DATABASE SHOPP TO ROLE TESTER'],
    ],
    [
      'a role that is not granted',
      { role: 'BOSS' },
      'WAREHOUSE_OPEN_FAILED',
      ["Role 'BOSS'", 'Check the role, and that it is granted to the user'],
    ],
    [
      'a variable that is not set',
      { accountFrom: 'MARTLET_TEST_NO_ACCOUNT' },
      'WAREHOUSE_SECRET_MISSING',
      ['MARTLET_TEST_NO_ACCOUNT', 'warehouse.snowflake.accountFrom'],
    ],
    ['a role that may only read', { role: 'READER' }, 'SQL_FAILED', ['Insufficient privileges']],
  ])('materialize says what is wrong: %s', async (_, changes, code, says) => {
    const config = `import { defineConfig } from 'martlet'
export default defineConfig({ warehouse: ${warehouseText(double, changes)}, catalog: { sqlite: '.martlet/catalog.sqlite' },
  online: 'memory', artifacts: { folder: '.martlet/artifacts' }, definitions: () => import('./definitions.ts') })
`
    await project.write('other.config.ts', config)
    const ended = await project.martlet('materialize', '--config', 'other.config.ts')
    expect(ended.stderr).toContain(`error ${code}\n`)
    for (const part of says) expect(ended.stderr.replace(/\s+/g, ' ')).toContain(part)
    expect(ended).toMatchObject({ code: 1, stdout: '' })
  })
})
