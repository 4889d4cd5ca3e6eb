import { hash, timingSafeEqual } from 'node:crypto'
import { MartletError } from '@martlet/warehouse'
import { Problem } from './problem.ts'

export type Scope = 'features:read' | 'models:predict' | 'catalog:read' | 'metrics:read'

/** One API key, known to the server only by its hash. */
export interface ApiKey {
  /** Who uses it; appears in logs. */
  readonly name: string
  /** SHA-256 of the key in hex, as `hashApiKey` or `printf %s "$KEY" | sha256sum` prints it. */
  readonly sha256: string
  readonly scopes: readonly Scope[]
  /** Feature services it may read, `*` standing for any run of characters. Absent: all. */
  readonly services?: readonly string[]
  /** Models it may use, likewise. */
  readonly models?: readonly string[]
}

/** `'none'` answers everybody: for a machine of one's own or behind a gateway that checks. */
export type Auth = 'none' | { readonly keys: readonly ApiKey[] }

/** What the caller of one request may do. */
export interface Principal {
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
  maySee(kind: 'service' | 'model', name: string): boolean
}

/** The hash to put into the configuration for a key. */
export function hashApiKey(key: string): string {
  return hash('sha256', key, 'hex')
}

const allScopes: readonly Scope[] = ['features:read', 'models:predict', 'catalog:read', 'metrics:read']
const everybody: Principal = { name: 'anonymous', scopes: new Set(allScopes), maySee: () => true }

/** Turns the two headers a key may come in into a principal, or throws a 401 problem. */
export type Authenticate = (authorization: string | undefined, apiKey: string | undefined) => Principal

/** Prepares the check; throws `INVALID_AUTH` for a configuration that could not work. */
export function authenticator(auth: Auth): Authenticate {
  if (auth === 'none') return () => everybody
  if (auth.keys.length === 0) {
    throw new MartletError('INVALID_AUTH', "auth.keys is empty, so nobody could call; list a key or say auth: 'none'")
  }
  const known = auth.keys.map((key, index) => ({ digest: digestOf(key, index), principal: principalOf(key, index) }))
  return (authorization, apiKey) => {
    const given = apiKey ?? bearer(authorization)
    if (given === undefined) throw new Problem(401, 'KEY_REQUIRED', 'this route needs an API key: send Authorization: Bearer <key> or X-API-Key: <key>')
    const digest = hash('sha256', given, 'buffer')
    let found: Principal | undefined
    for (const { digest: expected, principal } of known) if (timingSafeEqual(expected, digest)) found = principal
    if (found === undefined) throw new Problem(401, 'KEY_UNKNOWN', 'this API key is not known here')
    return found
  }
}

/** Throws a 403 problem unless the principal has the scope and may see the thing. */
export function authorize(principal: Principal, scope: Scope, kind?: 'service' | 'model', name?: string): void {
  if (!principal.scopes.has(scope)) throw new Problem(403, 'SCOPE_MISSING', `the key ${principal.name} lacks the scope ${scope}`)
  if (kind !== undefined && name !== undefined && !principal.maySee(kind, name)) {
    throw new Problem(403, 'NAME_NOT_ALLOWED', `the key ${principal.name} may not use this ${kind}`, { path: kind })
  }
}

function bearer(authorization: string | undefined): string | undefined {
  return authorization !== undefined && /^bearer /i.test(authorization) ? authorization.slice(7).trim() : undefined
}

function digestOf(key: ApiKey, index: number): Buffer {
  if (!/^[0-9a-f]{64}$/i.test(key.sha256)) {
    throw new MartletError('INVALID_AUTH', `auth.keys[${index}].sha256 (${key.name}) must be 64 hex digits: the SHA-256 of the key, never the key itself`)
  }
  return Buffer.from(key.sha256, 'hex')
}

function principalOf(key: ApiKey, index: number): Principal {
  const unknown = key.scopes.find((scope) => !allScopes.includes(scope))
  if (unknown !== undefined) throw new MartletError('INVALID_AUTH', `auth.keys[${index}].scopes names ${unknown}; there are ${allScopes.join(', ')}`)
  const services = key.services?.map(pattern)
  const models = key.models?.map(pattern)
  return {
    name: key.name,
    scopes: new Set(key.scopes),
    maySee: (kind, name) => (kind === 'service' ? services : models)?.some((allowed) => allowed.test(name)) ?? true,
  }
}

function pattern(glob: string): RegExp {
  return new RegExp(`^${glob.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`, 's')
}
