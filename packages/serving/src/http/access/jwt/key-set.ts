import { createLocalJWKSet, type JWK, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { jsonOf } from '../json-file.ts'

const jwks = z.object({
  keys: z.array(z.custom<JWK>((key) => z.looseObject({ kty: z.string() }).safeParse(key).success)).max(1000),
})
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** The public keys of an issuer. */
export interface KeySet {
  /** What they were read from: the same text has the same keys. */
  readonly text: string
  readonly find: JWTVerifyGetKey
}

/**
 * Reads a JSON Web Key Set (RFC 7517).
 *
 * @throws Error when it is none, has no public key, or has a secret one
 */
export function keySetOf(text: string): KeySet {
  const checked = jwks.safeParse(jsonOf(text))
  if (!checked.success) throw new Error('It is not a JSON Web Key Set: { "keys": [{ "kty", … }] }.')
  const keys = checked.data.keys.filter(({ use = 'sig' }) => use === 'sig')
  if (keys.some((key) => PRIVATE.some((member) => member in key)))
    throw new Error('It has secret keys. Publish the public ones only.')
  const known = keys.filter(({ kty }) => ['RSA', 'EC', 'OKP'].includes(kty ?? ''))
  if (known.length === 0) throw new Error('It has no public key for signatures.')
  return { text, find: createLocalJWKSet({ keys: known }) }
}
