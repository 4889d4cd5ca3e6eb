import { z } from 'zod'
import { localPath } from '../place/local-path.ts'

const rate = z.strictObject({ perSecond: z.number().positive(), burst: z.number().min(1).optional() })

const key = z.looseObject({
  name: z.string(),
  sha256: z.string(),
  scopes: z.array(z.string()),
  expires: z.string().optional(),
  rate: rate.optional(),
})

const jwt = z.strictObject({
  issuer: z.string().min(1),
  audience: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  jwks: z.union([z.strictObject({ file: localPath }), z.strictObject({ url: z.url() })], {
    error: 'must be { file: … } or { url: … }',
  }),
  algorithms: z.array(z.string()).optional(),
  scopes: z.string().min(1).optional(),
  clockToleranceSec: z.number().min(0).max(300).optional(),
  rate: rate.optional(),
})

/** Who may call. What only the server can check, such as scopes, it checks when it starts. */
export const authSchema: z.ZodType = z.union(
  [
    z.literal('none'),
    z.strictObject({ gateway: z.strictObject({ hosts: z.array(z.string().min(1)).min(1) }) }),
    z
      .strictObject({ keys: z.array(key).optional(), keysFile: localPath.optional(), jwt: jwt.optional() })
      .refine(
        ({ keys, keysFile, jwt: tokens }) => keys !== undefined || keysFile !== undefined || tokens !== undefined,
      ),
  ],
  {
    error:
      'must be { keys: [{ name, sha256, scopes }] }, { keysFile: … }, { jwt: { issuer, audience, jwks } } or several of them, ' +
      '{ gateway: { hosts: […] } } behind a gateway that checks its callers, ' +
      "or 'none' to answer this machine",
  },
)

export const auditSchema: z.ZodType = z.strictObject({
  folder: localPath,
  required: z.boolean().optional(),
  maxBytes: z.int().min(1).optional(),
  keepFiles: z.int().min(1).optional(),
  flushMs: z.int().min(1).optional(),
  queueLines: z.int().min(1).optional(),
})

export const tlsSchema: z.ZodType = z.strictObject({ cert: localPath, key: localPath })
