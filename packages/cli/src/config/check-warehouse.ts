import { z } from 'zod'
import { variableName } from './environment.ts'

const text = z.string().min(1)
const variable = z.string().regex(variableName, 'must be the name of an environment variable')
/** A file or folder of this machine. A URL that was meant for another key may hold a password, and would be printed as a path is. */
export const localPath: z.ZodString = z
  .string()
  .min(1)
  .regex(/^(?![A-Za-z][A-Za-z0-9+.-]+:\/\/)/, 'must be a path on this machine, not a URL')

const duckdb = z.strictObject({
  duckdb: localPath,
  memoryLimit: z.string().optional(),
  threads: z.number().int().positive().optional(),
})

const limits = {
  queryTag: z.string().max(2000).optional(),
  timeoutSeconds: z.number().int().min(1).max(604_800).optional(),
  networkSeconds: z.number().positive().max(86_400).optional(),
  maxSessions: z.number().int().positive().optional(),
}

const address = z
  .url({ protocol: /^https?$/, error: 'must be a URL that begins with https://' })
  .refine((text) => !text.includes('@'), 'must be an address alone, without user and password')

const logins = ['key-pair', 'oauth', 'programmatic-access-token', 'connections-file'] as const
const secret = (instead: string): z.ZodType => refused(`is a secret, which has no place in this file; ${instead}`)
const token = secret('name the environment variable that holds it in tokenFrom')

const keyPath = localPath.regex(/^(?!\s*-----BEGIN)[^\r\n]*$/, "must be the path of the key's file, not the key itself")

const auths = {
  'key-pair': z.strictObject({
    type: z.literal('key-pair'),
    username: text,
    privateKeyPath: keyPath,
    passphraseFrom: variable.optional(),
    privateKey: secret('name its file in privateKeyPath'),
    passphrase: secret('name the environment variable that holds it in passphraseFrom'),
  }),
  oauth: z.strictObject({ type: z.literal('oauth'), tokenFrom: variable, username: text.optional(), token }),
  'programmatic-access-token': z.strictObject({
    type: z.literal('programmatic-access-token'),
    tokenFrom: variable,
    username: text,
    token,
  }),
}

const inFile = refused('comes from connections.toml when auth is connections-file; set it there')
const connectionsFile = z.strictObject({
  auth: z.strictObject({ type: z.literal('connections-file') }),
  ...limits,
  account: inFile,
  accountFrom: inFile,
  accessUrl: inFile,
  database: inFile,
  schema: inFile,
  warehouse: inFile,
  role: inFile,
})

/** The schema of `warehouse`, for the engine and login that the value names: then a mistake is told by its key. */
export function warehouseSchema(value: unknown): z.ZodType {
  const snowflake = valueAt(value, 'snowflake')
  if (snowflake !== undefined)
    return z.strictObject({
      snowflake: snowflakeSchema(snowflake),
      duckdb: refused('and snowflake exclude each other; keep the one that holds your tables'),
    })
  if (valueAt(value, 'duckdb') !== undefined) return duckdb
  return duckdb
    .extend({ snowflake: z.unknown() })
    .refine(() => false, { error: 'must be { duckdb: <file> } or { snowflake: { … } }', when: () => true })
}

/** The schema of `catalog`, which may only be in the account that is the warehouse. */
export function catalogSchema(value: unknown, warehouse: unknown): z.ZodType {
  if (valueAt(value, 'snowflake') === undefined) {
    if (valueAt(value, 'sqlite') !== undefined) return z.strictObject({ sqlite: localPath })
    return z
      .strictObject({ sqlite: z.unknown(), snowflake: z.unknown() })
      .refine(() => false, { error: 'must be { sqlite: <file> } or { snowflake: {} }', when: () => true })
  }
  const schema = z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a name: letters, digits and _')
    .optional()
  const catalog = z.strictObject({
    snowflake: z.strictObject({ schema }),
    sqlite: refused('and snowflake exclude each other; keep the one that holds your definitions'),
  })
  return catalog.refine(() => valueAt(warehouse, 'snowflake') !== undefined, {
    error: 'is in Snowflake, which needs warehouse.snowflake: the catalog is kept in that account',
    when: () => true,
  })
}

function snowflakeSchema(value: unknown): z.ZodType {
  const auth = valueAt(value, 'auth')
  const type = valueAt(auth, 'type')
  if (type === 'connections-file') return connectionsFile
  const known = Object.entries(auths).find(([name]) => name === type)?.[1]
  const unknown = z.looseObject({ type: z.enum(logins, { error: `must be one of ${logins.join(', ')}` }) })
  return z
    .strictObject({
      account: text.optional(),
      accountFrom: variable.optional(),
      accessUrl: address.optional(),
      database: text,
      schema: text.optional(),
      warehouse: text,
      role: text.optional(),
      auth: known ?? unknown,
      ...limits,
    })
    .refine(({ account, accountFrom }) => (account === undefined) !== (accountFrom === undefined), {
      error: 'must say which account: account, or accountFrom with the name of an environment variable, one of them',
      when: ({ value: given }) => typeof given === 'object' && given !== null,
    })
}

function refused(why: string): z.ZodType {
  return z.never({ error: why }).optional()
}

function valueAt(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
