import { unknownCodes } from './not-found.ts'
import { Problem } from './problem.ts'

export type Scope =
  | 'features:read'
  | 'models:predict'
  | 'models:read'
  | 'catalog:read'
  | 'metrics:read'
  | 'jobs:run'
  | 'events:push'
  | 'monitors:read'

/** What a scope can be narrowed to. */
export type ThingKind = 'service' | 'model' | 'view' | 'source' | 'monitor'

/** How often a caller may call. */
export interface RateLimit {
  /** Requests per second in the long run. */
  readonly perSecond: number
  /** Requests that may come at once. @default `perSecond`, at least 1 */
  readonly burst?: number
}

/** What the caller of one request may do. */
export interface Principal {
  /** The name of the key, the subject of the token. */
  readonly name: string
  /** What its requests are counted under: no key and no token share one, except keys of one name. */
  readonly id: string
  readonly kind: 'key' | 'token' | 'gateway' | 'none'
  readonly scopes: ReadonlySet<Scope>
  /** @default as often as it likes */
  readonly rate?: RateLimit | undefined
  /** The same caller, who may see what it has this scope for. */
  within(scope: Scope): Principal
  /** A view may also be seen because it is read by a service that may be seen, which is for the catalog to know. */
  maySee(kind: ThingKind, name: string): boolean
  /** True for a caller who is not restricted to some of them. */
  seesEvery(kind: ThingKind): boolean
}

/** The part of a principal that decides which definitions and models are shown. */
export type Viewer = Pick<Principal, 'maySee' | 'seesEvery'>

/** Characters of the longest name that is looked up. */
export const LONGEST_NAME = 256

/**
 * Checks that a caller may do something, and with this service or model.
 *
 * @throws Problem `SCOPE_MISSING` (403) when the caller lacks the scope
 * @throws Problem `NAME_NOT_ALLOWED` (403) when the caller may not use the service, model, source or monitor
 * @throws Problem `SERVICE_UNKNOWN`, `MODEL_UNKNOWN`, `SOURCE_UNKNOWN` or `MONITOR_UNKNOWN` (404) when the name is too long to be one
 */
export function authorize(
  principal: Principal,
  scope: Scope,
  kind?: 'service' | 'model' | 'source' | 'monitor',
  name?: string,
): void {
  if (!principal.scopes.has(scope)) {
    const { what, remedy } = wordsFor(principal)
    throw new Problem(403, 'SCOPE_MISSING', `${what} ${principal.name} lacks the scope ${scope}. ${remedy}`)
  }
  if (kind === undefined || name === undefined) return
  if (name.length > LONGEST_NAME) {
    const detail = `There is no ${kind} whose name has ${name.length} characters.`
    throw new Problem(404, unknownCodes[kind], detail, { path: kind })
  }
  if (principal.within(scope).maySee(kind, name)) return
  const { what, remedy } = wordsFor(principal)
  throw new Problem(403, 'NAME_NOT_ALLOWED', `${what} ${principal.name} may not use this ${kind}. ${remedy}`, {
    path: kind,
  })
}

function wordsFor({ kind }: Principal): { readonly what: string; readonly remedy: string } {
  return kind === 'token'
    ? { what: 'The token of', remedy: 'Ask its issuer for a token that has it.' }
    : { what: 'The key', remedy: 'Have it added to the key.' }
}
