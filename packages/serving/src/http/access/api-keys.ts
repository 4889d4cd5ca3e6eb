import { hash, timingSafeEqual } from 'node:crypto'
import { MartletError } from '@martlet/warehouse'
import type { Principal, Scope } from '../../desk/principal.ts'
import { matchesPattern } from './name-pattern.ts'

/** One API key, known to the server only by its hash. */
export interface ApiKey {
  /** Who uses it; appears in logs. */
  readonly name: string
  /** SHA-256 of the key in hex, as `hashApiKey` or `printf %s "${KEY:?}" | sha256sum` prints it. */
  readonly sha256: string
  readonly scopes: readonly Scope[]
  /** Feature services it may read; `*` stands for any run of characters. Absent: all. */
  readonly services?: readonly string[]
  /** Models it may use, likewise. */
  readonly models?: readonly string[]
}

/** Finds the principal of an API key; undefined when the key is not known. */
export type KeyLookup = (key: string) => Principal | undefined

/** Every scope there is. */
export const ALL_SCOPES: readonly Scope[] = [
  'features:read',
  'models:predict',
  'models:read',
  'catalog:read',
  'metrics:read',
  'jobs:run',
]

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

/**
 * Prepares the lookup of keys.
 *
 * @throws MartletError `INVALID_AUTH` when there is no key, or one that could not work
 */
export function keyLookup(keys: readonly ApiKey[]): KeyLookup {
  if (keys.length === 0)
    throw new MartletError('INVALID_AUTH', "auth.keys is empty, so nobody could call. List a key, or say auth: 'none'.")
  const known = keys.map((key, index) => ({ digest: digestOf(key, index), principal: principalOf(key, index) }))
  return (key) => {
    const digest = hash('sha256', key, 'buffer')
    let found: Principal | undefined
    // All are compared, so that the time says nothing about which one matched.
    for (const { digest: expected, principal } of known) if (timingSafeEqual(expected, digest)) found = principal
    return found
  }
}

/** Hashes of what an unset variable holds, with and without the newline of `echo`. */
const EMPTY_HASHES: ReadonlySet<string> = new Set(['', '\n', '\r\n', ' '].map((empty) => hash('sha256', empty, 'hex')))

function digestOf({ name, sha256 }: ApiKey, index: number): Buffer {
  const place = `auth.keys[${index}].sha256 (${name})`
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

function principalOf({ name, scopes, services, models }: ApiKey, index: number): Principal {
  const unknown = scopes.find((scope) => !ALL_SCOPES.includes(scope))
  if (unknown !== undefined) {
    const message = `auth.keys[${index}].scopes names ${unknown}. The scopes are ${ALL_SCOPES.join(', ')}.`
    throw new MartletError('INVALID_AUTH', message)
  }
  const patternsOf = (kind: 'service' | 'model'): readonly string[] | undefined =>
    kind === 'service' ? services : models
  return {
    name,
    scopes: new Set(scopes),
    maySee: (kind, thing) => patternsOf(kind)?.some((pattern) => matchesPattern(pattern, thing)) ?? true,
    seesEvery: (kind) => patternsOf(kind) === undefined,
  }
}
