import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { MartletError } from '../errors.ts'

/** How a login proves its identity. Passwords are not supported. */
export type SnowflakeAuth =
  /** A key pair; `privateKey` is PEM text (PKCS 8), or `privateKeyPath` names such a file. */
  | { readonly type: 'key-pair'; readonly username: string; readonly privateKey: string }
  | {
      readonly type: 'key-pair'
      readonly username: string
      readonly privateKeyPath: string
      readonly passphrase?: string
    }
  | { readonly type: 'oauth'; readonly token: string; readonly username?: string }
  | { readonly type: 'programmatic-access-token'; readonly token: string; readonly username: string }
  /** The connection SNOWFLAKE_DEFAULT_CONNECTION_NAME (or `default`) of connections.toml, which has account and login. */
  | { readonly type: 'connections-file' }

export interface SnowflakeOptions {
  /** The account identifier; needed unless it comes from connections.toml. */
  readonly account?: string
  /** The address to use instead of the account's own, for example of a private link. */
  readonly accessUrl?: string
  readonly auth: SnowflakeAuth
  readonly database?: string
  readonly schema?: string
  readonly warehouse?: string
  readonly role?: string
  /** The QUERY_TAG of every statement. @default martlet */
  readonly queryTag?: string
  /** The longest a statement may run, here and in Snowflake. @default 3600 */
  readonly timeoutSeconds?: number
  /** The longest to wait for a login, or for the next rows of a result that is ready. @default 120 */
  readonly networkSeconds?: number
  /** How many sessions may be open at once; further statements wait, for up to `networkSeconds`. @default 16 */
  readonly maxSessions?: number
  /**
   * An append of more values than this (rows times columns) goes as a Parquet file through the user's stage.
   * @default 250000
   */
  readonly bulkValues?: number
}

export interface SessionSettings {
  readonly queryTag: string
  readonly timeoutSeconds: number
  readonly networkSeconds: number
  readonly bulkValues: number
  readonly maxSessions: number
}

/**
 * The options with their defaults.
 * @throws MartletError WAREHOUSE_OPTIONS when one is not valid
 */
export function sessionSettings({
  queryTag = 'martlet',
  timeoutSeconds = 3600,
  networkSeconds = 120,
  bulkValues = 250_000,
  maxSessions = 16,
}: SnowflakeOptions): SessionSettings {
  if (queryTag.length > 2000) throw invalid('queryTag', 'has more than 2000 characters')
  if (!(Number.isInteger(timeoutSeconds) && timeoutSeconds > 0 && timeoutSeconds <= 604_800))
    throw invalid('timeoutSeconds', 'must be a whole number from 1 to 604800')
  if (!(networkSeconds > 0 && networkSeconds <= 86_400)) throw invalid('networkSeconds', 'must be between 0 and 86400')
  if (!(bulkValues >= 0)) throw invalid('bulkValues', 'must be at least 0')
  if (!(Number.isInteger(maxSessions) && maxSessions > 0))
    throw invalid('maxSessions', 'must be a whole number, at least 1')
  return { queryTag, timeoutSeconds, networkSeconds, bulkValues, maxSessions }
}

/** What the SDK gets to connect; undefined when it reads connections.toml itself. */
export function connectionOptions(options: SnowflakeOptions): Readonly<Record<string, unknown>> | undefined {
  const { auth } = options
  if (auth.type === 'connections-file') {
    const file = join(process.env['SNOWFLAKE_HOME'] || join(homedir(), '.snowflake'), 'connections.toml')
    if (!existsSync(file))
      throw invalid(
        'auth',
        `is connections-file, but there is no ${file}; write it, or set SNOWFLAKE_HOME to its folder`,
      )
    const given = (['account', 'accessUrl', 'database', 'schema', 'warehouse', 'role'] as const).find(
      (name) => options[name] !== undefined,
    )
    if (given !== undefined)
      throw invalid(given, 'comes from connections.toml when auth is connections-file; set it there')
    return undefined
  }
  if (options.account === undefined || options.account === '') throw invalid('account', 'is missing')
  // Errors and logs name account and address, and would repeat a secret in their place.
  if (!/^[A-Za-z0-9_.-]{1,200}$/.test(options.account))
    throw invalid('account', 'must be an account identifier such as myorg-myaccount')
  if (options.accessUrl?.includes('@') === true)
    throw invalid('accessUrl', 'must be an address without user and password')
  const named = {
    account: options.account,
    accessUrl: options.accessUrl,
    database: options.database,
    schema: options.schema,
    warehouse: options.warehouse,
    role: options.role,
    ...credentials(auth),
  }
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
}

/** The texts that must not appear in an error. */
export function secretsOf({ auth }: SnowflakeOptions): readonly string[] {
  if (auth.type === 'connections-file') return []
  if (auth.type !== 'key-pair') return [auth.token]
  return 'privateKey' in auth ? [auth.privateKey] : auth.passphrase === undefined ? [] : [auth.passphrase]
}

function credentials(
  auth: Exclude<SnowflakeAuth, { readonly type: 'connections-file' }>,
): Readonly<Record<string, string | undefined>> {
  if (auth.type === 'oauth')
    return { authenticator: 'OAUTH', token: text('token', auth.token), username: auth.username }
  const username = text('username', auth.username)
  if (auth.type === 'programmatic-access-token')
    return { authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: text('token', auth.token), username }
  if ('privateKey' in auth)
    return { authenticator: 'SNOWFLAKE_JWT', username, privateKey: text('privateKey', auth.privateKey) }
  if (/^\s*-----BEGIN|[\r\n]/.test(auth.privateKeyPath)) {
    throw invalid(
      'auth.privateKeyPath',
      'must be the path of a file, not the key itself: pass the text of a key as privateKey',
    )
  }
  return {
    authenticator: 'SNOWFLAKE_JWT',
    username,
    privateKeyPath: text('privateKeyPath', auth.privateKeyPath),
    privateKeyPass: auth.passphrase,
  }
}

function text(name: string, value: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(`auth.${name}`, 'is missing or empty')
  return value
}

function invalid(option: string, why: string): MartletError {
  return new MartletError('WAREHOUSE_OPTIONS', `Option ${option} of openSnowflake ${why}.`, { data: { option } })
}
