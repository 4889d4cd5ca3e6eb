import process from 'node:process'
import type { SnowflakeAuth, SnowflakeOptions } from '@martlet/warehouse'
import { fromEnvironment } from '../environment.ts'
import type { SnowflakeConfig } from './config.ts'

/** The account, database and schema for messages, without anything that proves an identity. */
export function snowflakeLabel(config: SnowflakeConfig): string {
  if (config.auth.type === 'connections-file') return 'the account in connections.toml'
  const { accountFrom, accessUrl, database, schema } = config
  const account = accountFrom === undefined ? config.account : (process.env[accountFrom] ?? `$${accountFrom}`)
  const address = accessUrl === undefined ? '' : ` at ${new URL(accessUrl).host}`
  return `${account}${address}, ${schema === undefined ? database : `${database}.${schema}`}`
}

/**
 * How to log in, with what environment variables hold; `at` makes a path absolute.
 * @throws MartletError WAREHOUSE_SECRET_MISSING when a variable that the configuration names is not set
 */
export function snowflakeOptions(config: SnowflakeConfig, at: (path: string) => string): SnowflakeOptions {
  const { accountFrom, auth, ...rest } = config
  const account =
    accountFrom === undefined
      ? {}
      : { account: secret(accountFrom, 'accountFrom', 'the account identifier, such as myorg-myaccount') }
  return { ...rest, ...account, auth: authOf(auth, at) }
}

function authOf(auth: SnowflakeConfig['auth'], at: (path: string) => string): SnowflakeAuth {
  switch (auth.type) {
    case 'connections-file':
      return auth
    case 'key-pair': {
      const { username, privateKeyPath, passphraseFrom } = auth
      const passphrase =
        passphraseFrom === undefined
          ? {}
          : { passphrase: secret(passphraseFrom, 'auth.passphraseFrom', 'the passphrase of the private key') }
      return { type: 'key-pair', username, privateKeyPath: at(privateKeyPath), ...passphrase }
    }
    case 'oauth': {
      const { type, tokenFrom, ...user } = auth
      return { type, token: secret(tokenFrom, 'auth.tokenFrom', 'the OAuth access token'), ...user }
    }
    case 'programmatic-access-token':
      break
  }
  return {
    type: auth.type,
    token: secret(auth.tokenFrom, 'auth.tokenFrom', 'the programmatic access token'),
    username: auth.username,
  }
}

function secret(variable: string, key: string, what: string): string {
  return fromEnvironment({
    variable,
    key: `warehouse.snowflake.${key} in martlet.config.ts`,
    what,
    code: 'WAREHOUSE_SECRET_MISSING',
  })
}
