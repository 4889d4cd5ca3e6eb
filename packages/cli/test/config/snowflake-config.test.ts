import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config/check-config.ts'
import { defineConfig, type SnowflakeConfig } from '../../src/index.ts'

const rest = { catalog: { sqlite: 'c.sqlite' }, online: 'memory', artifacts: { folder: 'a' }, definitions: {} } as const
const place = { account: 'org-shop', database: 'SHOP', warehouse: 'SMALL' }
const keyPair = { type: 'key-pair', username: 'MARTLET', privateKeyPath: 'key.p8' } as const

const good: readonly SnowflakeConfig[] = [
  { ...place, auth: keyPair },
  { ...place, auth: { ...keyPair, passphraseFrom: 'KEY_PASSPHRASE' } },
  {
    accountFrom: 'SNOWFLAKE_ACCOUNT',
    accessUrl: 'https://x.privatelink.snowflakecomputing.com',
    database: 'SHOP',
    schema: 'PUBLIC',
    warehouse: 'SMALL',
    role: 'ML',
    auth: { type: 'oauth', tokenFrom: 'TOKEN' },
    queryTag: 'shop',
    timeoutSeconds: 600,
    networkSeconds: 30,
    maxSessions: 4,
  },
  { ...place, auth: { type: 'programmatic-access-token', tokenFrom: 'TOKEN', username: 'MARTLET' } },
  { auth: { type: 'connections-file' }, queryTag: 'shop' },
]
it.each(good)('a configuration may name a Snowflake account: %o', (snowflake) => {
  expect(() => checkConfig(defineConfig({ ...rest, warehouse: { snowflake } }), 'here')).not.toThrow()
})

it.each([{}, { schema: 'martlet_catalog' }])('the catalog may be in that account, too: %o', (snowflake) => {
  expect(() =>
    checkConfig(
      defineConfig({ ...rest, warehouse: { snowflake: { ...place, auth: keyPair } }, catalog: { snowflake } }),
      'here',
    ),
  ).not.toThrow()
})

const account = { snowflake: { ...place, auth: keyPair } }
it.each([
  [
    'a catalog of Snowflake beside a DuckDB file',
    { duckdb: 'w.duckdb' },
    { snowflake: {} },
    'catalog: is in Snowflake, which needs warehouse.snowflake',
  ],
  [
    'a misspelt key',
    account,
    { snowflake: { shema: 'x' } },
    'catalog.snowflake.shema: there is no such key; did you mean schema?',
  ],
  ['a schema that is no name', account, { snowflake: { schema: 'a b' } }, 'catalog.snowflake.schema: must be a name'],
  [
    'a catalog in two places',
    account,
    { sqlite: 'c.sqlite', snowflake: {} },
    'catalog: chooses snowflake and sqlite; keep the one that you use',
  ],
  ['a catalog in none', account, {}, 'catalog: must be { snowflake: {} } or { sqlite: <file> }'],
  ['a misspelt place', account, { sqlit: 'c' }, 'catalog.sqlit: there is no such key; did you mean sqlite?'],
])('%s is refused', (_, warehouse, catalog, says) => {
  expect(() => checkConfig({ ...rest, warehouse, catalog }, 'here')).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(says) }),
  )
})

const secret = 'hunter2.hunter2-hunter2'
const bad: readonly (readonly [what: string, warehouse: unknown, says: string])[] = [
  ['no warehouse at all', undefined, 'warehouse: is missing; it must be { duckdb: <file> } or { snowflake: { … } }'],
  ['neither engine', { memoryLimit: '1GB' }, 'warehouse: must be { duckdb: <file> } or { snowflake: { … } }'],
  ['a misspelt engine', { snowflak: {} }, 'warehouse.snowflak: there is no such key; did you mean snowflake?'],
  [
    'both engines',
    { duckdb: 'w.duckdb', snowflake: { ...place, auth: keyPair } },
    'warehouse: chooses duckdb and snowflake; keep the one that you use',
  ],
  ['an account that is a text', { snowflake: 'org-shop' }, 'warehouse.snowflake: '],
  [
    'no account',
    { snowflake: { ...place, account: undefined, auth: keyPair } },
    'warehouse.snowflake: must say which account',
  ],
  [
    'two accounts',
    { snowflake: { ...place, accountFrom: 'A', auth: keyPair } },
    'warehouse.snowflake: must say which account',
  ],
  [
    'no database',
    { snowflake: { ...place, database: undefined, auth: keyPair } },
    'warehouse.snowflake.database: is missing',
  ],
  [
    'a misspelt key',
    { snowflake: { ...place, databse: 'X', auth: keyPair } },
    'warehouse.snowflake.databse: there is no such key; did you mean database?',
  ],
  [
    'an address that is none',
    { snowflake: { ...place, accessUrl: 'org-shop', auth: keyPair } },
    'warehouse.snowflake.accessUrl: must be a URL',
  ],
  ['no login', { snowflake: place }, 'warehouse.snowflake.auth: is missing'],
  [
    'a login of no kind',
    { snowflake: { ...place, auth: { username: 'X' } } },
    'warehouse.snowflake.auth.type: must be one of key-pair, oauth, programmatic-access-token, connections-file',
  ],
  [
    'a password',
    { snowflake: { ...place, auth: { type: 'password', password: secret } } },
    'warehouse.snowflake.auth.type: must be one of',
  ],
  [
    'a key pair without a file',
    { snowflake: { ...place, auth: { type: 'key-pair', username: 'X' } } },
    'warehouse.snowflake.auth.privateKeyPath: is missing',
  ],
  [
    'a key in the file',
    { snowflake: { ...place, auth: { ...keyPair, privateKey: secret } } },
    'warehouse.snowflake.auth.privateKey: is a secret, which does not belong in this file; name its file in privateKeyPath',
  ],
  [
    'a passphrase in the file',
    { snowflake: { ...place, auth: { ...keyPair, passphrase: secret } } },
    'warehouse.snowflake.auth.passphrase: is a secret, which does not belong in this file; name the environment variable that holds it in passphraseFrom',
  ],
  [
    'a token in the file',
    { snowflake: { ...place, auth: { type: 'oauth', token: secret } } },
    'warehouse.snowflake.auth.token: is a secret',
  ],
  [
    'a token where the name of its variable belongs',
    { snowflake: { ...place, auth: { type: 'oauth', tokenFrom: secret } } },
    'warehouse.snowflake.auth.tokenFrom: must be the name of an environment variable',
  ],
  [
    'a misspelt key of the login',
    { snowflake: { ...place, auth: { ...keyPair, usernme: 'X' } } },
    'warehouse.snowflake.auth.usernme: there is no such key; did you mean username?',
  ],
  [
    'an access token without a user',
    { snowflake: { ...place, auth: { type: 'programmatic-access-token', tokenFrom: 'T' } } },
    'warehouse.snowflake.auth.username: is missing',
  ],
  [
    'what connections.toml says',
    { snowflake: { database: 'SHOP', auth: { type: 'connections-file' } } },
    'warehouse.snowflake.database: comes from connections.toml',
  ],
  [
    'a limit that is none',
    { snowflake: { ...place, auth: keyPair, timeoutSeconds: 0 } },
    'warehouse.snowflake.timeoutSeconds: ',
  ],
]
describe('a warehouse that is not as it should be is refused by its key, without repeating a secret', () => {
  it.each(bad)('%s', (_, warehouse, says) => {
    let problem: unknown
    try {
      checkConfig({ ...rest, warehouse }, 'here')
    } catch (error) {
      problem = error
    }
    expect(problem).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(says) })
    expect(JSON.stringify(problem)).not.toContain('hunter2')
    expect(String(problem)).not.toContain('hunter2')
  })
})
