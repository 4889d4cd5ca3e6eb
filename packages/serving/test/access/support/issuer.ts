import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'

export const ISSUER = 'https://login.example.com/'
export const AUDIENCE = 'martlet'

/** An issuer's key pair. */
export interface Signer {
  readonly kid: string
  readonly alg: string
  readonly secret: CryptoKey
  readonly jwk: JWK
}

export async function signer(kid: string, alg: 'ES256' | 'ES384' | 'EdDSA' = 'ES256'): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, secret: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

export function jwksOf(...signers: readonly Signer[]): string {
  return JSON.stringify({ keys: signers.map(({ jwk }) => jwk) })
}

/** What a good token says; `undefined` leaves a claim out. */
export function claims(changed: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000)
  const all = { iss: ISSUER, aud: AUDIENCE, sub: 'ann', iat: now, exp: now + 600, scope: 'features:read', ...changed }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

export function signed(
  { kid, alg, secret }: Signer,
  changed: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  return new SignJWT(claims(changed)).setProtectedHeader({ alg, kid, ...header }).sign(secret)
}
