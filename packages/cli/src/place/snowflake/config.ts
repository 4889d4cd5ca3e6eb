/** The account identifier, or the name of the environment variable that holds it. */
type SnowflakeAccount =
  | { readonly account: string; readonly accountFrom?: never }
  | { readonly accountFrom: string; readonly account?: never }

/** How a login proves its identity. Secrets stay in files and environment variables, which it names. */
export type SnowflakeLogin =
  /** `privateKeyPath` is a PKCS 8 file in PEM; `passphraseFrom` names the environment variable with its passphrase. */
  | {
      readonly type: 'key-pair'
      readonly username: string
      readonly privateKeyPath: string
      readonly passphraseFrom?: string
    }
  /** `tokenFrom` names the environment variable with the access token. */
  | { readonly type: 'oauth'; readonly tokenFrom: string; readonly username?: string }
  | { readonly type: 'programmatic-access-token'; readonly tokenFrom: string; readonly username: string }

interface SnowflakeLimits {
  /** The QUERY_TAG of every statement. @default martlet */
  readonly queryTag?: string
  /** The longest a statement may run. @default 3600 */
  readonly timeoutSeconds?: number
  /** The longest to wait for a login, or for the next rows of a result. @default 120 */
  readonly networkSeconds?: number
  /** How many sessions may be open at once; further statements wait. @default 16 */
  readonly maxSessions?: number
}

interface SnowflakePlace extends SnowflakeLimits {
  /** The address to use instead of the account's own, for example of a private link. */
  readonly accessUrl?: string
  readonly database: string
  /** The schema of tables that are named without one. @default PUBLIC */
  readonly schema?: string
  /** The virtual warehouse that computes. */
  readonly warehouse: string
  /** @default the user's default role */
  readonly role?: string
  readonly auth: SnowflakeLogin
}

/** Account, login and places come from `connections.toml`, the file of Snowflake's own tools. */
type SnowflakeConnectionsFile = SnowflakeLimits & { readonly auth: { readonly type: 'connections-file' } } & {
  readonly [key in 'account' | 'accountFrom' | 'accessUrl' | 'database' | 'schema' | 'warehouse' | 'role']?: never
}

/** A Snowflake account as a project's warehouse. */
export type SnowflakeConfig = (SnowflakePlace & SnowflakeAccount) | SnowflakeConnectionsFile
