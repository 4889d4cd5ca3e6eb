import { errors, jwtVerify, type JWTPayload } from 'jose'
import type { Principal } from '../../../desk/principal.ts'
import { Problem } from '../../../desk/problem.ts'
import { TOKEN_ID } from '../api-keys.ts'
import { grantOf, principalOf } from '../grants.ts'
import type { IssuerKeys } from './issuer-keys.ts'
import { ALGORITHMS, type JwtOptions } from './jwt-options.ts'
import type { KeySet } from './key-set.ts'

/** Tokens of an issuer, each verified when it is first seen and remembered until it expires. */
export interface Tokens {
  /**
   * The caller whose token this is: at once when it was seen before.
   *
   * @throws Problem `TOKEN_INVALID` or `TOKEN_EXPIRED` (401), also as a rejection
   */
  identify(token: string): Principal | Promise<Principal>
}

/** Tokens that are remembered, and their characters together. */
const REMEMBERED = 10_000
const REMEMBERED_CHARACTERS = 8_388_608
const LONGEST_TOKEN = 8192
/** Tokens whose signatures are checked at the same time. */
const UNDER_WAY = 256

interface Verified {
  readonly principal: Principal
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** @param clock milliseconds since the epoch */
export function tokensOf(options: JwtOptions, keys: IssuerKeys, clock: () => number): Tokens {
  const verified = new Map<string, Verified>()
  const underWay = new Map<string, Promise<Principal>>()
  let characters = 0
  /** The keys that `verified` was checked with. */
  let checkedWith: KeySet | undefined

  function remember(token: string, one: Verified): void {
    verified.set(token, one)
    characters += token.length
    for (const oldest of verified.keys()) {
      if (verified.size <= REMEMBERED && characters <= REMEMBERED_CHARACTERS) break
      forget(oldest)
    }
  }
  function forget(token: string): void {
    if (verified.delete(token)) characters -= token.length
  }
  /** A token whose key has been withdrawn must not be taken any longer. */
  function forgetOthers(set: KeySet | undefined): void {
    if (set === checkedWith) return
    checkedWith = set
    verified.clear()
    characters = 0
  }

  async function verify(token: string): Promise<Principal> {
    const set = keys.known ?? (await keys.first())
    try {
      return await verifyWith(token, set)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw refusal(error)
      const newer = await keys.newer()
      try {
        return await verifyWith(token, newer)
      } catch (again) {
        throw refusal(again)
      }
    }
  }

  async function verifyWith(token: string, set: KeySet): Promise<Principal> {
    const tolerance = options.clockToleranceSec ?? 30
    const { payload } = await jwtVerify(token, set.find, {
      issuer: options.issuer,
      audience: typeof options.audience === 'string' ? options.audience : [...options.audience],
      algorithms: [...(options.algorithms ?? ALGORITHMS)],
      clockTolerance: tolerance,
      currentDate: new Date(clock()),
      requiredClaims: ['exp', 'sub'],
    })
    const principal = callerOf(payload, options)
    forgetOthers(set)
    remember(token, { principal, until: ((payload.exp ?? 0) + tolerance) * 1000 })
    return principal
  }

  return {
    identify(token) {
      forgetOthers(keys.known)
      const known = verified.get(token)
      if (known !== undefined) {
        if (clock() < known.until) return known.principal
        forget(token)
        throw expired()
      }
      const same = underWay.get(token)
      if (same !== undefined) return same
      if (token.length > LONGEST_TOKEN) throw invalid(`The token has more than ${LONGEST_TOKEN} characters.`)
      if (underWay.size >= UNDER_WAY) {
        const detail = `${UNDER_WAY} tokens are being checked, the limit. Try again shortly.`
        throw new Problem(503, 'OVERLOADED', detail, { retryAfter: 1 })
      }
      const pending = verify(token).finally(() => underWay.delete(token))
      underWay.set(token, pending)
      return pending
    },
  }
}

/** @throws Problem `TOKEN_INVALID` when the subject is no name */
function callerOf(payload: JWTPayload, { scopes: claim, rate }: JwtOptions): Principal {
  const { sub } = payload
  if (typeof sub !== 'string' || sub === '' || sub.length > 256)
    throw invalid('The claim sub of the token must be a text of 1 to 256 characters.')
  // Tokens may have scopes of other servers, too.
  const given = claim === undefined ? (payload['scope'] ?? payload['scp']) : payload[claim]
  const grants = wordsOf(given).flatMap((text) => grantOf(text) ?? [])
  return principalOf({ name: sub, id: `${TOKEN_ID}${sub}`, kind: 'token', rate, grants })
}

function wordsOf(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(/\s+/)
  return Array.isArray(claim) ? claim.filter((word): word is string => typeof word === 'string') : []
}

/** What is said to the caller: which check has failed, and nothing of the token. */
function refusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return expired()
  if (error instanceof errors.JWTClaimValidationFailed)
    return invalid(`The claim ${CLAIMS.find((one) => one === error.claim) ?? ''} of the token is not what it must be.`)
  if (error instanceof errors.JOSEAlgNotAllowed) return invalid('The token is signed in a way that is not taken here.')
  if (error instanceof errors.JWKSNoMatchingKey)
    return invalid('The token is signed with a key that its issuer does not publish.')
  if (error instanceof errors.JWSSignatureVerificationFailed) return invalid('The signature of the token is wrong.')
  if (error instanceof errors.JOSEError || error instanceof TypeError) return invalid('The token cannot be read.')
  return error
}

const CLAIMS: readonly string[] = ['iss', 'aud', 'exp', 'nbf', 'iat', 'sub']

function invalid(detail: string): Problem {
  return new Problem(401, 'TOKEN_INVALID', detail)
}

function expired(): Problem {
  return new Problem(401, 'TOKEN_EXPIRED', 'The token has expired. Get a new one.')
}
