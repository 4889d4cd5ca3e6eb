import { MartletError } from '@martlet/warehouse'
import type { RateLimit } from '../../../desk/principal.ts'
import { checkRate } from '../rates.ts'

/** Signatures with a key pair. A secret that server and issuer share is not among them: whoever checks could also sign. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

export type JwtAlgorithm = (typeof ALGORITHMS)[number]

/** Whose tokens are taken. */
export interface JwtOptions {
  /** The claim `iss`, letter by letter. */
  readonly issuer: string
  /** The claim `aud`; a token for one of several is taken. */
  readonly audience: string | readonly string[]
  /** The issuer's public keys: a file, read again when it changes, or a URL. */
  readonly jwks: { readonly file: string } | { readonly url: string }
  /** @default all with a key pair */
  readonly algorithms?: readonly JwtAlgorithm[]
  /** The claim with the scopes: words in a text, or texts in a list. @default `scope`, or else `scp` */
  readonly scopes?: string
  /** Seconds by which clocks may differ. @default 30 */
  readonly clockToleranceSec?: number
  /** How often the holder of a token may call; all tokens of one subject count together. @default as often as it likes */
  readonly rate?: RateLimit
}

/**
 * Checks what is said about tokens.
 *
 * @throws MartletError `INVALID_AUTH` when it could not work
 */
export function checkJwt({ issuer, audience, jwks, algorithms = [], clockToleranceSec = 0, rate }: JwtOptions): void {
  const audiences = typeof audience === 'string' ? [audience] : audience
  if (issuer === '') throw invalid('issuer', 'is empty. Give the claim iss of the tokens')
  if (audiences.length === 0 || audiences.includes(''))
    throw invalid('audience', 'is empty. Give the claim aud of the tokens that are for this server')
  const unknown = algorithms.find((one) => !ALGORITHMS.includes(one))
  if (unknown !== undefined) throw invalid('algorithms', `names ${unknown}. Those known are ${ALGORITHMS.join(', ')}`)
  if (!(clockToleranceSec >= 0 && clockToleranceSec <= 300))
    throw invalid('clockToleranceSec', `is ${clockToleranceSec}. Give seconds from 0 to 300`)
  if ('url' in jwks) checkUrl(jwks.url)
  checkRate(rate, 'auth.jwt.rate')
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Whoever can change the answer on its way can let anybody in. */
function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname))
  if (url === undefined || !isSafe) throw invalid('jwks.url', 'must begin with https:, or with http: for this machine')
  if (url.username !== '' || url.password !== '')
    throw invalid('jwks.url', 'has a user or a password in it. Public keys need none')
}

function invalid(key: string, problem: string): MartletError {
  return new MartletError('INVALID_AUTH', `auth.jwt.${key} ${problem}.`)
}
