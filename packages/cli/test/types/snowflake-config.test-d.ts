import { defineConfig } from '../../src/index.ts'

const rest = { catalog: { sqlite: 'c' }, online: 'memory', artifacts: { folder: 'a' }, definitions: {} } as const
const place = { account: 'a', database: 'D', warehouse: 'W' }
const keyPair = { type: 'key-pair', username: 'u', privateKeyPath: 'p' } as const

export const accepted = [
  defineConfig({ ...rest, warehouse: { snowflake: { ...place, auth: keyPair } } }),
  defineConfig({
    ...rest,
    warehouse: { snowflake: { ...place, auth: { type: 'oauth', tokenFrom: 'T' }, role: 'R', queryTag: 'q' } },
  }),
  defineConfig({
    ...rest,
    warehouse: { snowflake: { accountFrom: 'A', database: 'D', warehouse: 'W', auth: keyPair } },
  }),
  defineConfig({ ...rest, warehouse: { snowflake: { auth: { type: 'connections-file' }, queryTag: 'q' } } }),
]

export const refused = [
  // @ts-expect-error Property 'privateKeyPath' is missing
  defineConfig({ ...rest, warehouse: { snowflake: { ...place, auth: { type: 'key-pair', username: 'u' } } } }),
  // @ts-expect-error 'token' does not exist; tokenFrom names the environment variable
  defineConfig({ ...rest, warehouse: { snowflake: { ...place, auth: { type: 'oauth', token: 't' } } } }),
  // @ts-expect-error "password" is none of the logins
  defineConfig({ ...rest, warehouse: { snowflake: { ...place, auth: { type: 'password', password: 'p' } } } }),
  // @ts-expect-error Property 'warehouse' is missing
  defineConfig({ ...rest, warehouse: { snowflake: { account: 'a', database: 'D', auth: keyPair } } }),
  // @ts-expect-error Did you mean to write 'database'?
  defineConfig({ ...rest, warehouse: { snowflake: { account: 'a', databse: 'D', warehouse: 'W', auth: keyPair } } }),
  // @ts-expect-error account and accountFrom exclude each other
  defineConfig({ ...rest, warehouse: { snowflake: { ...place, accountFrom: 'A', auth: keyPair } } }),
  // @ts-expect-error Property 'accountFrom' is missing
  defineConfig({ ...rest, warehouse: { snowflake: { database: 'D', warehouse: 'W', auth: keyPair } } }),
  // @ts-expect-error the database comes from connections.toml
  defineConfig({ ...rest, warehouse: { snowflake: { database: 'D', auth: { type: 'connections-file' } } } }),
  // @ts-expect-error duckdb and snowflake exclude each other
  defineConfig({ ...rest, warehouse: { duckdb: 'w', snowflake: { ...place, auth: keyPair } } }),
]
