import { hash, timingSafeEqual } from 'node:crypto'
import { MartletError } from '@martlet/warehouse'
import type { Principal, RateLimit, Scope } from '../../desk/principal.ts'
import { ALL_SCOPES, grantOf, principalOf } from './grants.ts'
import { checkRate } from './rates.ts'

/** A scope, or one that is narrowed to names: `features:read:service/next_*`. */
export type GivenScope = Scope | `${Scope}:${'service' | 'model' | 'view' | 'source' | 'monitor'}/${string}`

/** One API key, of which the server is given only the hash. */
export interface ApiKey {
  /** Who uses it; appears in logs. While a key is replaced, the old and the new one may have the same name. */
  readonly name: string
  /** SHA-256 of the key in hex, as `hashApiKey` or `printf %s "${KEY:?}" | sha256sum` prints it. */
  readonly sha256: string
  readonly scopes: readonly GivenScope[]
  /** Feature services it may read; `*` stands for any run of characters. Absent: all. */
  readonly services?: readonly string[]
  /** Models it may use, likewise. */
  readonly models?: readonly string[]
  /** When it stops to work, in ISO 8601 with a zone. @default never */
  readonly expires?: string
  /** How often it may call. Keys of one name share a limit. @default as often as it likes */
  readonly rate?: RateLimit
}

/** What is known about a key: whose it is and until when, in milliseconds since the epoch. */
export interface KnownKey {
  readonly digest: Buffer
  readonly principal: Principal
  readonly until: number
}

/**
 * The hash of an API key, as the configuration takes it.
 *
 * @throws MartletError `INVALID_AUTH` when the key is empty
 */
export function hashApiKey(key: string): string {
  if (key.trim() === '')
    throw new MartletError('INVALID_AUTH', 'The key is empty. Set the variable that should hold it.')
  return hash('sha256', key, 'hex')
}

function findKey(keys: readonly KnownKey[], given: string): KnownKey | undefined {
  const digest = hash('sha256', given, 'buffer')
  let found: KnownKey | undefined
  // All are compared, so that the time says nothing about which one matched.
  for (const key of keys) if (timingSafeEqual(key.digest, digest)) found = key
  return found
}

/**
 * Finds keys among those that `keys` returns, and remembers the text of each that was found until the list changes: hashing is
 * a fifth of the time of a short read. What was not found is not remembered, so there are never more texts than keys.
 */
export function keyFinder(keys: () => readonly KnownKey[]): (given: string) => KnownKey | undefined {
  const found = new Map<string, KnownKey>()
  let foundIn: readonly KnownKey[] = []
  return (given) => {
    const all = keys()
    if (all !== foundIn) {
      foundIn = all
      found.clear()
    }
    const seen = found.get(given)
    if (seen !== undefined) return seen
    const known = findKey(all, given)
    if (known !== undefined) found.set(given, known)
    return known
  }
}

/**
 * Checks keys and prepares them.
 *
 * @param place where they stand, such as `auth.keys`
 * @throws MartletError `INVALID_AUTH` when one could not work
 */
export function knownKeys(keys: readonly ApiKey[], place: string): readonly KnownKey[] {
  const known = keys.map((key, index) => knownKey(key, `${place}[${index}]`))
  refuseTwins(known, place)
  return known
}

/**
 * Refuses a key that is listed twice: it would not be clear what it may do.
 *
 * @throws MartletError `INVALID_AUTH`
 */
export function refuseTwins(keys: readonly KnownKey[], place: string): void {
  const seen = new Set<string>()
  for (const { digest, principal } of keys) {
    const hex = digest.toString('hex')
    if (seen.has(hex))
      throw new MartletError('INVALID_AUTH', `${place} lists the key of ${principal.name} twice. Remove one of them.`)
    seen.add(hex)
  }
}

function knownKey(key: ApiKey, place: string): KnownKey {
  checkRate(key.rate, `${place}.rate`)
  return { digest: digestOf(key, place), principal: callerOf(key, place), until: endOf(key, place) }
}

/** Hashes of what an unset variable holds, with and without the newline of `echo`. */
const EMPTY_HASHES: ReadonlySet<string> = new Set(['', '\n', '\r\n', ' '].map((empty) => hash('sha256', empty, 'hex')))

function digestOf({ name, sha256 }: ApiKey, key: string): Buffer {
  const place = `${key}.sha256 (${name})`
  if (!/^[0-9a-f]{64}$/i.test(sha256)) {
    const message = `${place} must be 64 hex digits: the SHA-256 of the key, never the key itself.`
    throw new MartletError('INVALID_AUTH', message)
  }
  if (EMPTY_HASHES.has(sha256.toLowerCase())) {
    const message = `${place} is the hash of an empty key: the variable was not set when it was made. Hash the key itself.`
    throw new MartletError('INVALID_AUTH', message)
  }
  return Buffer.from(sha256, 'hex')
}

function endOf({ expires }: ApiKey, place: string): number {
  if (expires === undefined) return Number.POSITIVE_INFINITY
  const until = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(expires)
    ? Date.parse(expires)
    : Number.NaN
  if (!Number.isNaN(until)) return until
  throw new MartletError('INVALID_AUTH', `${place}.expires must be an instant such as 2027-01-31T00:00:00Z.`)
}

function callerOf({ name, scopes, services, models, rate }: ApiKey, place: string): Principal {
  const grants = scopes.map((text) => {
    const grant = grantOf(text)
    if (grant !== undefined) return grant
    const narrowed =
      'Some can be narrowed to names, as in features:read:service/next_* models:predict:model/risk or events:push:source/payments.'
    const message = `${place}.scopes names ${text}. The scopes are ${ALL_SCOPES.join(', ')}. ${narrowed}`
    throw new MartletError('INVALID_AUTH', message)
  })
  if (name.startsWith(TOKEN_ID))
    throw new MartletError('INVALID_AUTH', `${place}.name begins with ${TOKEN_ID}, as only callers with tokens do.`)
  return principalOf({ name, id: name, kind: 'key', rate, grants, services, models })
}

/** What the ids of callers with tokens begin with. */
export const TOKEN_ID = 'jwt:'
