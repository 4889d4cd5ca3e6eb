import { hash, timingSafeEqual } from 'node:crypto'
import { MartletError } from '@martlet/warehouse'
import type { Call } from './call.ts'
import { longestName, matchesPattern } from './name-pattern.ts'
import { openAccess, type Gateway } from './open-access.ts'
import { Problem } from './problem.ts'

export type Scope = 'features:read' | 'models:predict' | 'catalog:read' | 'metrics:read'

/** One API key, known to the server only by its hash. */
export interface ApiKey {
  /** Who uses it; appears in logs. */
  readonly name: string
  /** SHA-256 of the key in hex, as `hashApiKey` or `printf %s "${KEY:?}" | sha256sum` prints it. */
  readonly sha256: string
  readonly scopes: readonly Scope[]
  /** Feature services it may read, `*` standing for any run of characters. Absent: all. */
  readonly services?: readonly string[]
  /** Models it may use, likewise. */
  readonly models?: readonly string[]
}

/**
 * Who may call. `'none'` answers everybody on this machine: requests must come for a loopback name, from no other site, and
 * `listen` binds to loopback only. A gateway that checks its callers itself is named by the hosts that it asks for.
 */
export type Auth = 'none' | Gateway | { readonly keys: readonly ApiKey[] }

/** What the caller of one request may do. */
export interface Principal {
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
  maySee(kind: 'service' | 'model', name: string): boolean
  /** True for a caller who is not narrowed to some of them. */
  seesEvery(kind: 'service' | 'model'): boolean
}

/** The check of every request. */
export interface Authenticator {
  /** Refuses what should not be answered at all, whatever the route: a 403 or 415 problem. */
  admit(call: Call, method: string): void
  /** The caller, or a 401 problem. */
  identify(call: Call): Principal
  /** How many callers it can tell apart. */
  readonly principals: number
}

/** The hash to put into the configuration for a key. Throws `INVALID_AUTH` for an empty key. */
export function hashApiKey(key: string): string {
  if (key.trim() === '')
    throw new MartletError('INVALID_AUTH', 'the key is empty; is the variable that should hold it set?')
  return hash('sha256', key, 'hex')
}

const allScopes: readonly Scope[] = ['features:read', 'models:predict', 'catalog:read', 'metrics:read']
const everybody: Principal = {
  name: 'anonymous',
  scopes: new Set(allScopes),
  maySee: () => true,
  seesEvery: () => true,
}

/** Prepares the check; throws `INVALID_AUTH` for a configuration that could not work. */
export function authenticator(auth: Auth): Authenticator {
  if (auth === 'none' || 'gateway' in auth) return { admit: openAccess(auth), identify: () => everybody, principals: 1 }
  if (auth.keys.length === 0) {
    throw new MartletError('INVALID_AUTH', "auth.keys is empty, so nobody could call; list a key or say auth: 'none'")
  }
  const known = auth.keys.map((key, index) => ({ digest: digestOf(key, index), principal: principalOf(key, index) }))
  return {
    admit: () => undefined,
    identify(call) {
      const given = call.header('x-api-key') ?? bearer(call.header('authorization'))
      if (given === undefined || given === '') {
        throw new Problem(
          401,
          'KEY_REQUIRED',
          'this route needs an API key: send Authorization: Bearer <key> or X-API-Key: <key>',
        )
      }
      const digest = hash('sha256', given, 'buffer')
      let found: Principal | undefined
      for (const { digest: expected, principal } of known) if (timingSafeEqual(expected, digest)) found = principal
      if (found === undefined) throw new Problem(401, 'KEY_UNKNOWN', 'this API key is not known here')
      return found
    },
    principals: known.length,
  }
}

/** Throws a 403 problem unless the principal has the scope and may see the thing; 404 for a name too long to be one. */
export function authorize(principal: Principal, scope: Scope, kind?: 'service' | 'model', name?: string): void {
  if (!principal.scopes.has(scope))
    throw new Problem(403, 'SCOPE_MISSING', `the key ${principal.name} lacks the scope ${scope}`)
  if (kind === undefined || name === undefined) return
  if (name.length > longestName) {
    throw new Problem(
      404,
      `${kind.toUpperCase()}_UNKNOWN`,
      `there is no ${kind} whose name has ${name.length} characters`,
      { path: kind },
    )
  }
  if (!principal.maySee(kind, name)) {
    throw new Problem(403, 'NAME_NOT_ALLOWED', `the key ${principal.name} may not use this ${kind}`, { path: kind })
  }
}

function bearer(authorization: string | undefined): string | undefined {
  return authorization !== undefined && /^bearer /i.test(authorization) ? authorization.slice(7).trim() : undefined
}

/** What an unset variable hashes to, with and without the newline of `echo`. */
const hashesOfNothing: ReadonlySet<string> = new Set(
  ['', '\n', '\r\n', ' '].map((nothing) => hash('sha256', nothing, 'hex')),
)

function digestOf(key: ApiKey, index: number): Buffer {
  if (!/^[0-9a-f]{64}$/i.test(key.sha256)) {
    throw new MartletError(
      'INVALID_AUTH',
      `auth.keys[${index}].sha256 (${key.name}) must be 64 hex digits: the SHA-256 of the key, never the key itself`,
    )
  }
  if (hashesOfNothing.has(key.sha256.toLowerCase())) {
    throw new MartletError(
      'INVALID_AUTH',
      `auth.keys[${index}].sha256 (${key.name}) is the hash of an empty key; the variable was not set when it was made. Hash the key itself`,
    )
  }
  return Buffer.from(key.sha256, 'hex')
}

function principalOf(key: ApiKey, index: number): Principal {
  const unknown = key.scopes.find((scope) => !allScopes.includes(scope))
  if (unknown !== undefined)
    throw new MartletError(
      'INVALID_AUTH',
      `auth.keys[${index}].scopes names ${unknown}; there are ${allScopes.join(', ')}`,
    )
  const { services, models } = key
  return {
    name: key.name,
    scopes: new Set(key.scopes),
    maySee: (kind, name) =>
      (kind === 'service' ? services : models)?.some((pattern) => matchesPattern(pattern, name)) ?? true,
    seesEvery: (kind) => (kind === 'service' ? services : models) === undefined,
  }
}
