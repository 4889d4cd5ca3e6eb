import { openDuckDb, runScript } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { checkConfig } from '../../src/config/check-config.ts'
import { emptyFolder, type TestProject } from '../run-martlet.ts'
import { codeOf } from '../../../warehouse/test/support/errors.ts'

// Each step starts a process.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const places = {
  warehouse: { duckdb: 'warehouse.duckdb' },
  catalog: { sqlite: 'catalog.sqlite' },
  online: 'memory',
  artifacts: { folder: 'artifacts' },
  definitions: { views: [] },
}
const step = { from: 'raw.things', key: ['id'] }
const load = { ...step, name: 'things', into: 'staging.things', loadedAt: 'loaded_at', newest: 'updated_at' }
const snapshot = { ...step, name: 'things', into: 'mart.dim_thing', at: 'updated_at', loadedAt: 'loaded_at' }

describe('martlet load and martlet snapshot', () => {
  let project: TestProject
  beforeAll(async () => {
    project = await emptyFolder()
    const config = {
      ...places,
      loads: [
        { ...load, from: 'things.sql', overlap: '1m' },
        { ...load, name: 'broken', from: 'broken.sql' },
      ],
      snapshots: [snapshot],
    }
    await project.write('martlet.config.ts', `export default ${JSON.stringify(config)}\n`)
    await project.write('things.sql', '-- the newest\nSELECT id, n, updated_at, loaded_at FROM raw.things;\n')
    await project.write('broken.sql', 'SELECT id,\n  m AS n, updated_at, loaded_at\nFROM raw.things\n')
    await using warehouse = await openDuckDb({ path: project.path('warehouse.duckdb') })
    await runScript(
      warehouse,
      `CREATE SCHEMA raw; CREATE SCHEMA staging; CREATE SCHEMA mart;
       CREATE TABLE raw.things (id VARCHAR, n INTEGER, updated_at TIMESTAMP, loaded_at TIMESTAMP);
       CREATE TABLE staging.things (id VARCHAR NOT NULL, n INTEGER, updated_at TIMESTAMP, loaded_at TIMESTAMP);
       CREATE TABLE mart.dim_thing (id VARCHAR NOT NULL, n INTEGER, valid_from TIMESTAMP NOT NULL, valid_to TIMESTAMP);
       INSERT INTO raw.things VALUES ('a', 1, '2026-01-01', '2026-01-01'), ('a', 2, '2026-01-02', '2026-01-02'),
         (NULL, 1, '2026-01-01', '2026-01-02'), ('b', 1, '2026-01-01', '2026-01-05')`,
    )
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('say how much they would read, then what they did', async () => {
    expect(await project.json(0, 'load', 'things', '--dry-run', '--until', '2026-01-02')).toEqual({
      ok: true,
      command: 'load',
      exitCode: 0,
      dryRun: true,
      loads: [{ name: 'things', into: 'staging.things', rows: 3, later: 1, restarted: null, watermark: null }],
    })
    const { stdout } = await project.martlet('load', 'things', '--until', '2026-01-02')
    expect(stdout.split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '))).toEqual([
      'load read inserted updated unchanged rejected loaded until',
      'things 3 1 0 1 1 2026-01-02',
      'things rejected 1 row without id',
      'things 1 row loaded after the end of this run; --until <instant> moves it',
      '',
    ])
    expect(await project.json(0, 'snapshot')).toMatchObject({
      dryRun: false,
      snapshots: [
        { name: 'things', read: 4, rejected: 1, inserted: 3, updated: 0, watermark: '2026-01-05T00:00:00.000000Z' },
      ],
    })
  })

  it('stop at the first that fails, and say what those before it did', async () => {
    const answer = await project.json(1, 'load')
    expect(answer).toMatchObject({
      error: {
        code: 'STEP_QUERY_FAILED',
        data: { load: 'broken', line: 2, done: [{ name: 'things', inserted: 1 }] },
      },
    })
  })

  it('refuse names and options that they do not know', async () => {
    expect(await project.json(64, 'load', 'thing')).toMatchObject({
      error: { code: 'LOAD_UNKNOWN', message: expect.stringContaining('Did you mean things?') },
    })
    expect(await project.json(64, 'snapshot', 'customers')).toMatchObject({ error: { code: 'SNAPSHOT_UNKNOWN' } })
    expect(await project.json(64, 'load', '--chunk-rows', 'many')).toMatchObject({ error: { code: 'USAGE' } })
  })
})

it('steps of a configuration are checked key by key', async () => {
  const problems = async (config: object) =>
    (await codeOf(Promise.resolve().then(() => checkConfig({ ...places, ...config }, 'here')))).data['problems']
  checkConfig({ ...places, loads: [load], snapshots: [{ ...snapshot, deletes: 'close', columns: ['n'] }] }, 'here')
  expect(await problems({ loads: [{ ...load, key: [] }] })).toEqual([expect.stringMatching(/^loads\[0\]\.key: /)])
  expect(await problems({ loads: [load, load] })).toEqual(['loads[1].name: "things" is used twice'])
  expect(await problems({ loads: [{ ...load, newst: 'x' }] })).toEqual([
    'loads[0].newst: there is no such key; did you mean newest?',
  ])
  expect(await problems({ loads: [{ ...load, overlap: 'long' }] })).toEqual([
    "loads[0].overlap: must be a duration such as '10m', '6h' or '1d'",
  ])
  expect(await problems({ snapshots: [{ ...snapshot, deletes: 'drop' }] })).toEqual([
    expect.stringMatching(/^snapshots\[0\]\.deletes: /),
  ])
  expect(await problems({ snapshots: [{ ...snapshot, at: undefined }] })).toEqual([
    expect.stringMatching(/^snapshots\[0\]\.at: is missing/),
  ])
})
