import process from 'node:process'
import type { SnowflakeAuth, SnowflakeOptions, Warehouse } from '@martlet/warehouse'
import { fromEnvironment } from '../config/environment.ts'
import type { SnowflakeConfig } from '../config/snowflake-config.ts'

/** Opens the account that a configuration names; the SDK is loaded and secrets are read only then. */
export async function openConfiguredSnowflake(
  config: SnowflakeConfig,
  at: (path: string) => string,
): Promise<Warehouse> {
  const { openSnowflake } = await import('@martlet/warehouse')
  return openSnowflake(snowflakeOptions(config, at))
}

/** The account and its places for messages, without anything that proves who one is. */
export function snowflakeLabel(config: SnowflakeConfig): string {
  if (config.auth.type === 'connections-file') return 'the account in connections.toml'
  const { accountFrom, accessUrl, database, schema } = config
  const account = accountFrom === undefined ? config.account : (process.env[accountFrom] ?? `$${accountFrom}`)
  return `${account}${accessUrl === undefined ? '' : ` at ${new URL(accessUrl).host}`}, ${[database, ...(schema === undefined ? [] : [schema])].join('.')}`
}

/** How to log in, with what files and environment variables hold. */
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
