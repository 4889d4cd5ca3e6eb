import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { entity, fact, featureView } from '@martlet/feature-store'
import { z } from 'zod'
import { checkPlaces } from '../../src/doctor/places.ts'
import { openProject, type Project, type SnowflakeConfig } from '../../src/index.ts'
import { privateKey, SnowflakeDouble } from './on-double.ts'

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() },
  entities: [customer],
  eventTime: 'ts',
})
const view = featureView('usage', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over('1d') }),
})

let double: SnowflakeDouble
let folder: string
beforeAll(async () => {
  double = await SnowflakeDouble.start()
})
afterAll(() => double.stop())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-project-'))
  await writeFile(join(folder, 'key.p8'), privateKey, { mode: 0o600 })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

const token = 'pat-hunter2'
const place = (): {
  readonly account: string
  readonly accessUrl: string
  readonly database: string
  readonly warehouse: string
} => ({ account: 'shop', accessUrl: double.url, database: 'MARTLET', warehouse: 'SMALL' })
const withToken = (changes: Partial<ReturnType<typeof place>> & { readonly role?: string } = {}): SnowflakeConfig => ({
  ...place(),
  ...changes,
  auth: { type: 'programmatic-access-token', tokenFrom: 'MARTLET_TEST_TOKEN', username: 'TESTER' },
})
const projectOn = (snowflake: SnowflakeConfig): Project =>
  openProject(
    {
      warehouse: { snowflake },
      catalog: { sqlite: 'c.sqlite' },
      online: 'memory',
      artifacts: { folder: 'a' },
      definitions: { views: [view] },
    },
    { folder },
  )

describe('a project whose warehouse is a Snowflake account', () => {
  it('logs in when the warehouse is first asked for, and not before', async () => {
    await using project = projectOn({
      ...place(),
      auth: { type: 'key-pair', username: 'TESTER', privateKeyPath: 'key.p8' },
    })
    expect(project.paths.warehouse).toBeNull()
    await project.catalog()
    expect(double.sessions).toBe(0)
    expect((await project.warehouse()).engine).toBe('snowflake')
    expect(await project.warehouse()).toBe(await project.warehouse())
    expect(double.sessions).toBe(1)
    await project.close()
    expect(double.sessions).toBe(0)
  })

  it.each([
    ['MARTLET_TEST_TOKEN', 'auth.tokenFrom', withToken],
    [
      'MARTLET_TEST_PASSPHRASE',
      'auth.passphraseFrom',
      () =>
        ({
          ...place(),
          auth: {
            type: 'key-pair',
            username: 'TESTER',
            privateKeyPath: 'key.p8',
            passphraseFrom: 'MARTLET_TEST_PASSPHRASE',
          },
        }) satisfies SnowflakeConfig,
    ],
    [
      'MARTLET_TEST_ACCOUNT',
      'accountFrom',
      () =>
        ({
          ...place(),
          account: undefined as never,
          accountFrom: 'MARTLET_TEST_ACCOUNT',
          auth: { type: 'oauth', tokenFrom: 'MARTLET_TEST_TOKEN' },
        }) satisfies SnowflakeConfig,
    ],
  ])('says that the environment variable %s is not set, and which key names it', async (variable, key, config) => {
    vi.stubEnv(variable, '')
    await using project = projectOn(config())
    await expect(project.warehouse()).rejects.toMatchObject({
      code: 'WAREHOUSE_SECRET_MISSING',
      message: expect.stringContaining(`${variable}, which warehouse.snowflake.${key} in martlet.config.ts names`),
    })
  })

  const doctor = async (config: SnowflakeConfig): Promise<Readonly<Record<string, unknown>>> => {
    vi.stubEnv('MARTLET_TEST_TOKEN', token)
    await using project = projectOn(config)
    const checks = (await checkPlaces(project)).filter(({ name }) => name.startsWith('warehouse'))
    expect(JSON.stringify(checks)).not.toContain('hunter2')
    return Object.fromEntries(checks.map((check) => [check.name, check]))
  }

  it('doctor says what was logged in to, what the role may do, and by which clock it goes', async () => {
    const found = await doctor(withToken())
    expect(found).toMatchObject({
      warehouse: {
        state: 'ok',
        found:
          `snowflake double, shop at ${new URL(double.url).host}, MARTLET: role TESTER, warehouse SMALL, database ` +
          'MARTLET, schema PUBLIC',
      },
      'warehouse compute': { state: 'ok', found: expect.stringContaining('answered a query over 1 schemas') },
      'warehouse rights': { state: 'ok' },
      'warehouse clock': { state: 'ok', found: expect.stringContaining('sessions are in UTC') },
    })
    expect(Object.keys(found)).toHaveLength(4)
  })

  it('doctor names the rights that a role lacks', async () => {
    const { 'warehouse rights': rights } = await doctor(withToken({ role: 'READER' }))
    expect(rights).toMatchObject({ state: 'warn', found: 'the role lacks CREATE SCHEMA on the database' })
  })

  it.each([
    ['a role that is not granted', { role: 'BOSS' }, "Role 'BOSS'"],
    ['a database that is not there', { database: 'SHOPP' }, 'no database SHOPP that role TESTER may use'],
    ['a warehouse that is not there', { warehouse: 'MISSING' }, 'no warehouse MISSING that role TESTER may use'],
  ])('doctor says that the login fails: %s', async (_, changes, says) => {
    expect(await doctor(withToken(changes))).toEqual({
      warehouse: {
        name: 'warehouse',
        state: 'fail',
        found: expect.stringContaining(says),
        fix: expect.stringContaining('Check warehouse.snowflake'),
      },
    })
  })

  it('doctor says that nobody answers at the address', async () => {
    const found = await doctor({
      ...withToken(),
      accessUrl: 'http://127.0.0.1:1',
      networkSeconds: 1,
    } as SnowflakeConfig)
    expect(found['warehouse']).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('did not answer the login within 1 seconds'),
    })
  })
})
