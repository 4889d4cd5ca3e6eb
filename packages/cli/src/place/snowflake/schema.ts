import { z } from 'zod'
import { variable } from '../environment.ts'
import { localPath } from '../local-path.ts'
import { valueAt } from '../value-at.ts'

const text = z.string().min(1)
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
const secret = (instead: string): z.ZodType => refused(`is a secret, which does not belong in this file; ${instead}`)
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

/** The schema of `warehouse.snowflake`, for the login that the value chooses: then a mistake is reported at its key. */
export function snowflakeSchema(value: unknown): z.ZodType {
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
