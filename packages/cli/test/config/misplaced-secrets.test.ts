import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSnowflake } from '@martlet/warehouse'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { checkConfig } from '../../src/config/check-config.ts'
import { checkPlaces } from '../../src/doctor/places.ts'
import { openProject, type MartletConfig, type SnowflakeConfig } from '../../src/index.ts'
import { withoutValues } from '../../src/command/program.ts'
import { errorData, errorText } from '../../src/terminal/error-text.ts'
import { emptyFolder } from '../run-martlet.ts'

/** Every secret holds this, so that it is found wherever it is repeated. */
const MARK = 'hunter2'
const URL_WITH_PASSWORD = `redis://shop:${MARK}@127.0.0.1:1/0`
const PEM = `-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII${MARK}\n-----END ENCRYPTED PRIVATE KEY-----\n`
const JWT = `eyJhbGciOi.${MARK}.c2ln`
const SECRETS = [URL_WITH_PASSWORD, PEM, JWT, MARK, `x ${MARK}`, `\n${MARK}`, `${MARK}${'a'.repeat(300)}`]

const place = { account: 'org-shop', database: 'SHOP', warehouse: 'SMALL' }
const keyPair = { type: 'key-pair', username: 'MARTLET', privateKeyPath: 'no-such-key.p8' } as const
const base: Omit<MartletConfig, 'online' | 'warehouse'> = {
  catalog: { sqlite: 'c.sqlite' },
  artifacts: { folder: 'a' },
  definitions: {},
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-secrets-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

/** All that a failure may show: to people, to machines, with and without --verbose, and as an object. */
function shownOf(error: unknown): string {
  const paint = (_: string, text: string): string => text
  return [false, true]
    .flatMap((verbose) => [errorText(error, { paint, width: 80, verbose }), JSON.stringify(errorData(error, verbose))])
    .concat(String(error))
    .join('\n')
}

async function failure(work: () => unknown): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('nothing failed')
}

const snowflakeWith: Readonly<Record<string, (secret: string) => object>> = {
  'auth.passphraseFrom': (secret) => ({ ...place, auth: { ...keyPair, passphraseFrom: secret } }),
  'auth.tokenFrom of OAuth': (secret) => ({ ...place, auth: { type: 'oauth', tokenFrom: secret } }),
  'auth.tokenFrom of an access token': (secret) => ({
    ...place,
    auth: { type: 'programmatic-access-token', username: 'U', tokenFrom: secret },
  }),
  accountFrom: (secret) => ({ database: 'SHOP', warehouse: 'SMALL', accountFrom: secret, auth: keyPair }),
}

describe.each(SECRETS)('the secret %j, where the name of its variable belongs, is not repeated', (secret) => {
  it('in online.redis.urlFrom: neither when it is opened, nor by doctor', async () => {
    await using project = openProject(
      { ...base, warehouse: { duckdb: ':memory:' }, online: { redis: { urlFrom: secret } } },
      { folder },
    )
    const error = await failure(() => project.online())
    expect(error).toMatchObject({
      code: 'ONLINE_URL_MISSING',
      message: expect.stringContaining('online.redis.urlFrom'),
    })
    expect(shownOf(error)).not.toContain(MARK)
    expect(JSON.stringify(await checkPlaces(project))).not.toContain(MARK)
  })

  it.each(Object.keys(snowflakeWith))('in warehouse.snowflake.%s', async (key) => {
    const snowflake = snowflakeWith[key]?.(secret) as SnowflakeConfig
    await using project = openProject({ ...base, warehouse: { snowflake }, online: 'memory' }, { folder })
    const error = await failure(() => project.warehouse())
    expect(error).toMatchObject({
      code: 'WAREHOUSE_SECRET_MISSING',
      message: expect.stringContaining(`warehouse.snowflake.${key.split(' ')[0]}`),
    })
    expect(shownOf(error)).not.toContain(MARK)
    expect(JSON.stringify(await checkPlaces(project))).not.toContain(MARK)
  })
})

describe('a configuration with a secret in the wrong place is refused without repeating it', () => {
  const whole = { ...base, warehouse: { duckdb: 'w.duckdb' }, online: 'memory' as const }
  const withPassword = `https://u:${MARK}@x.snowflakecomputing.com`
  const wrong: readonly (readonly [key: string, config: object])[] = [
    ['online', { ...whole, online: { redis: { urlFrom: URL_WITH_PASSWORD } } }],
    ['online', { ...whole, online: { redis: { urlFrom: JWT } } }],
    ['online', { ...whole, online: { lmdb: URL_WITH_PASSWORD } }],
    ['online', { ...whole, online: URL_WITH_PASSWORD }],
    ['online', { ...whole, online: { redis: URL_WITH_PASSWORD } }],
    ['catalog.sqlite', { ...whole, catalog: { sqlite: `postgres://u:${MARK}@h/db` } }],
    ['warehouse.duckdb', { ...whole, warehouse: { duckdb: `s3://u:${MARK}@h` } }],
    ['artifacts.folder', { ...whole, artifacts: { folder: `s3://u:${MARK}@h/x` } }],
    ['reports', { ...whole, reports: `sftp://u:${MARK}@h/x` }],
    ['serving.log.folder', { ...whole, serving: { auth: 'none', log: { folder: `sftp://u:${MARK}@h/x` } } }],
    ['serving.auth', { ...whole, serving: { auth: MARK } }],
    [
      'warehouse.snowflake.accessUrl',
      { ...whole, warehouse: { snowflake: { ...place, accessUrl: withPassword, auth: keyPair } } },
    ],
    [
      'warehouse.snowflake.auth.privateKeyPath',
      { ...whole, warehouse: { snowflake: { ...place, auth: { ...keyPair, privateKeyPath: PEM } } } },
    ],
    [
      'warehouse.snowflake.auth.passphraseFrom',
      { ...whole, warehouse: { snowflake: { ...place, auth: { ...keyPair, passphraseFrom: JWT } } } },
    ],
    [
      'warehouse.snowflake.auth.tokenFrom',
      { ...whole, warehouse: { snowflake: { ...place, auth: { type: 'oauth', tokenFrom: JWT } } } },
    ],
    [
      'warehouse.snowflake.accountFrom',
      { ...whole, warehouse: { snowflake: { ...place, account: undefined, accountFrom: JWT, auth: keyPair } } },
    ],
  ]
  it.each(wrong)('%s: %o', async (key, config) => {
    const error = await failure(() => checkConfig(config, 'here'))
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(new RegExp(`^  ${key}.*: `, 'm')),
    })
    expect(shownOf(error)).not.toContain(MARK)
  })
})

describe('openSnowflake refuses a secret in the wrong place without repeating it', () => {
  const options = { account: 'org-shop', auth: { type: 'oauth', token: 't' } } as const
  it.each([
    ['account', { ...options, account: URL_WITH_PASSWORD }],
    ['account', { ...options, account: `${JWT}${'a'.repeat(300)}` }],
    ['accessUrl', { ...options, accessUrl: `https://u:${MARK}@h` }],
    ['auth.privateKeyPath', { ...options, auth: { ...keyPair, privateKeyPath: PEM } }],
  ])('%s', async (option, given) => {
    const error = await failure(() => openSnowflake(given))
    expect(error).toMatchObject({ code: 'WAREHOUSE_OPTIONS', data: { option } })
    expect(shownOf(error)).not.toContain(MARK)
  })
})

describe('the command line', () => {
  // Each step starts a process.
  vi.setConfig({ testTimeout: 240_000 })
  it.each([[['deploy', `--password=${MARK}`]], [['plan', `--token=a'b=${MARK}`]], [['deploy', '--set', MARK]]])(
    '%j: the value is not repeated',
    async (args) => {
      await using project = await emptyFolder()
      await project.write(
        'martlet.config.ts',
        "export default { warehouse: { duckdb: ':memory:' }, catalog: { sqlite: 'c' }, online: 'memory', artifacts: { " +
          "folder: 'a' }, definitions: {} }",
      )
      for (const more of [[], ['--json'], ['--verbose']]) {
        const ended = await project.martlet(...args, ...more)
        expect(ended.code).toBe(64)
        expect(`${ended.stdout}${ended.stderr}`).not.toContain(MARK)
        expect(`${ended.stdout}${ended.stderr}`).toMatch(/--(password|token|set)/)
      }
    },
  )

  it('an unknown option without a value is named as it is', () => {
    expect(withoutValues("error: unknown option '--pasword'\n(Did you mean --password?)\n")).toBe(
      "error: unknown option '--pasword'\n(Did you mean --password?)\n",
    )
  })
})
