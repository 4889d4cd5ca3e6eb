import { mkdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { privateKey, SnowflakeDouble, warehouseText } from '../snowflake/on-double.ts'
import { emptyFolder, type TestProject } from '../run-martlet.ts'

// Each step starts a process.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

const marts = ['--with', 'energy', '--with', 'energy-customers']
const secret = [...marts, '--secret', 'customer_hash_key=MARTLET_TEST_HASH_KEY']
const demo = ['--with', 'energy']
const KEY = 'hunter2 and 24 more characters, at least'

describe('martlet deploy on DuckDB', () => {
  let project: TestProject
  beforeAll(async () => {
    project = await emptyFolder()
    await project.martlet('init')
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('plans nothing of the example in a project of somebody else', async () => {
    expect(await project.json(0, 'deploy', '--dry-run')).toMatchObject({ steps: [] })
    const people = await project.martlet('deploy', '--yes')
    expect(people.code).toBe(0)
    expect(people.stdout).toMatch(
      /^nothing to deploy: there is no folder .*sql\/duckdb, and Martlet needs no objects of its own on duckdb\./,
    )
  })

  it('says what it would do with the marts of an example, and does it when it is told yes', async () => {
    const other = await project.martlet('deploy', '--dry-run', '--with', 'logistics')
    expect(other.stdout).toMatch(
      /^\+ SCHEMA RAW\n[^]*\+ TABLE MART\.DIM_VEHICLE\n[^]*\+ VIEW ML\.MAINTENANCE_DUE_NOW\n/,
    )
    const dry = await project.martlet('deploy', '--dry-run', ...demo)
    expect(dry).toMatchObject({
      code: 0,
      stdout:
        '+ SCHEMA MART\n+ TABLE MART.FACT_ENERGY_USAGE\n+ TABLE MART.DIM_CUSTOMER\n+ TABLE MART.DIM_TIME\n' +
        '+ TABLE MART.DIM_HOLIDAY\n\n5 changes, 0 unchanged\n',
    })
    expect(await project.json(64, 'deploy', ...demo)).toMatchObject({
      error: { code: 'CONFIRMATION_NEEDED', message: expect.stringContaining('martlet deploy --yes') },
    })
    expect(await project.json(0, 'deploy', '--engine', 'duckdb', '--yes', ...demo)).toMatchObject({
      applied: 5,
      steps: { length: 5 },
    })
    expect(await project.martlet('deploy', '--yes', ...demo)).toMatchObject({
      code: 0,
      stdout: 'nothing to deploy: 5 objects unchanged\n',
    })
  })

  it('refuses the marts of the other example over these, and both at once', async () => {
    const over = await project.martlet('deploy', '--dry-run', '--with', 'logistics')
    expect(over.code).toBe(1)
    expect(over.stderr).toMatch(
      /DEPLOY_REFUSED[^]*logistics\/0010-dim-customer\.sql[^]*column\s+customer_type is in the table/,
    )
    expect(await project.json(64, 'deploy', '--dry-run', '--with', 'logistics', ...demo)).toMatchObject({
      error: { code: 'USAGE', message: expect.stringContaining('Deploy each to a database of its own') },
    })
  })

  it("takes the project's own files, and tells of wrong ones", async () => {
    await mkdir(project.path('sql/duckdb'), { recursive: true })
    await project.write('sql/duckdb/0001-shop.sql', 'CREATE SCHEMA IF NOT EXISTS shop;\nDROP TABLE mart.dim_time;\n')
    expect(await project.json(1, 'deploy', '--yes')).toMatchObject({
      error: { code: 'DEPLOY_UNKNOWN_STATEMENT', data: { file: '0001-shop.sql', line: 2 } },
    })
    await project.write('sql/duckdb/0001-shop.sql', 'CREATE SCHEMA IF NOT EXISTS shop;\n')
    const shown = await project.martlet('deploy', '--dry-run')
    expect(shown.stdout).toContain('+ SCHEMA SHOP\n')
    expect(shown.stdout).toContain('? TABLE MART.DIM_TIME  was in energy/0004-dim-time.sql; it is kept as it is')
  })

  it('refuses another engine, and values that are none', async () => {
    expect(await project.json(64, 'deploy', '--engine', 'snowflake')).toMatchObject({
      error: { code: 'USAGE', message: expect.stringContaining('is duckdb') },
    })
    expect(await project.json(64, 'deploy', '--set', 'novalue')).toMatchObject({ error: { code: 'USAGE' } })
    expect(await project.json(64, 'deploy', '--set', 'x=1')).toMatchObject({ error: { code: 'DEPLOY_VARIABLE' } })
  })
})

describe('martlet deploy on Snowflake, played by a double', () => {
  let double: SnowflakeDouble
  let project: TestProject
  beforeAll(async () => {
    vi.stubEnv('MARTLET_TEST_ACCOUNT', 'shop')
    double = await SnowflakeDouble.start()
    project = await emptyFolder()
    await project.martlet('init')
    await project.write('key.p8', privateKey)
    await project.edit('martlet.config.ts', "{ duckdb: '.martlet/warehouse.duckdb' }", warehouseText(double))
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await project[Symbol.asyncDispose]()
    await double.stop()
  })

  it('refuses values that are none, and a secret that is missing, in the wrong place or easy to guess, without repeating it', async () => {
    expect(await project.json(64, 'deploy', '--set', "prefix=x' OR", '--yes')).toMatchObject({
      error: { code: 'DEPLOY_VARIABLE' },
    })
    expect(await project.json(64, 'deploy', '--set', 'database=OTHER', '--yes')).toMatchObject({
      error: { code: 'USAGE' },
    })
    const refused = async (what: RegExp, ...args: string[]): Promise<void> => {
      const ended = await project.martlet('deploy', '--yes', ...marts, ...args)
      expect(ended.code).toBe(64)
      expect(ended.stderr.replaceAll(/\s+/g, ' ')).toMatch(what)
      expect(`${ended.stdout}${ended.stderr}`).not.toMatch(/hunter2/)
    }
    await refused(
      /energy-customers\/0001-protection\.sql, line \d+: the secret customer_hash_key is needed, but was not given/,
    )
    await refused(/is a secret: pass it with --secret/, '--set', `customer_hash_key=${'hunter2-'.repeat(8)}`)
    await refused(
      /must be the name of an environment variable/,
      '--secret',
      `customer_hash_key=${'hunter2-'.repeat(8)}`,
    )
    await refused(/is not set/, ...secret)
    vi.stubEnv('MARTLET_TEST_HASH_KEY', 'hunter2')
    await refused(/too easy to guess/, ...secret)
  })

  it('plans what Martlet needs, and nothing of the example, in a project of somebody else', async () => {
    const dry = await project.martlet('deploy', '--dry-run')
    expect(dry.stdout).toContain('+ TABLE CATALOG.VIEW_STATES\n')
    expect(dry.stdout).not.toMatch(/FACT_ENERGY_USAGE|DIM_CUSTOMER|CUSTOMER_IDENTIFIER/)
    vi.stubEnv('MARTLET_TEST_HASH_KEY', KEY)
    const logistics = ['--with', 'logistics', '--with', 'logistics-protection']
    const other = await project.martlet(
      'deploy',
      '--dry-run',
      ...logistics,
      '--secret',
      'customer_hash_key=MARTLET_TEST_HASH_KEY',
    )
    expect(other.stdout).toContain('+ ROW ACCESS MART.FACT_SHIPMENT\n')
    expect(other.stdout).not.toContain('FACT_ENERGY_USAGE')
  })

  it('deploys everything once; afterwards only what is set otherwise', async () => {
    vi.stubEnv('MARTLET_TEST_HASH_KEY', KEY)
    const sent: string[] = []
    double.ran = ({ sql }) => void sent.push(sql)
    const all = await project.martlet('deploy', '--engine', 'snowflake', '--yes', '--verbose', ...secret)
    expect(all).toMatchObject({ code: 0 })
    expect(all.stdout).toMatch(/^\+ DATABASE MARTLET\n/)
    // What is sent holds a key that is derived from the secret; what is shown and recorded, neither.
    const key = /CONCAT \('([0-9a-f]{64})', val\)/.exec(sent.join('\n'))?.[1]
    expect(key).toBeDefined()
    for (const shown of [all.stdout, all.stderr, sent.filter((text) => !text.includes('SET BODY')).join('\n')]) {
      expect(shown).not.toContain(KEY)
      expect(shown).not.toContain(String(key))
    }
    expect(sent.join('\n')).not.toContain(KEY)
    expect(await project.json(0, 'deploy', '--yes', ...secret)).toMatchObject({ applied: 0, steps: [], left: [] })
    expect(await project.json(0, 'deploy', '--dry-run', ...secret, '--set', 'credit_quota=7')).toMatchObject({
      dryRun: true,
      steps: [{ object: 'SETTING RESOURCE MONITOR MARTLET_MONTHLY: CREDIT_QUOTA', action: 'change' }],
    })
    vi.stubEnv('MARTLET_TEST_HASH_KEY', `${KEY}, another one`)
    const rotated = await project.martlet('deploy', '--dry-run', ...secret)
    expect(rotated.stdout).toMatch(
      /^~ SETTING MASKING POLICY GOVERNANCE\.CUSTOMER_IDENTIFIER: BODY\n +its statement changed\n\n1 change, /,
    )
  })
})
