import { unknownCodes } from './not-found.ts'
import { Problem } from './problem.ts'

export type Scope = 'features:read' | 'models:predict' | 'models:read' | 'catalog:read' | 'metrics:read' | 'jobs:run'

/** What the caller of one request may do. */
export interface Principal {
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
  maySee(kind: 'service' | 'model', name: string): boolean
  /** True for a caller who is not restricted to some of them. */
  seesEvery(kind: 'service' | 'model'): boolean
}

/** The part of a principal that decides which definitions and models are shown. */
export type Viewer = Pick<Principal, 'maySee' | 'seesEvery'>

/** Characters of the longest name that is looked up. */
export const LONGEST_NAME = 256

/**
 * Checks that a caller may do something, and with this service or model.
 *
 * @throws Problem `SCOPE_MISSING` (403) when the caller lacks the scope
 * @throws Problem `NAME_NOT_ALLOWED` (403) when the caller may not use the service or model
 * @throws Problem `SERVICE_UNKNOWN` or `MODEL_UNKNOWN` (404) when the name is too long to be one
 */
export function authorize(principal: Principal, scope: Scope, kind?: 'service' | 'model', name?: string): void {
  if (!principal.scopes.has(scope))
    throw new Problem(
      403,
      'SCOPE_MISSING',
      `The key ${principal.name} lacks the scope ${scope}. Have it added to the key.`,
    )
  if (kind === undefined || name === undefined) return
  if (name.length > LONGEST_NAME) {
    const detail = `There is no ${kind} whose name has ${name.length} characters.`
    throw new Problem(404, unknownCodes[kind], detail, { path: kind })
  }
  if (!principal.maySee(kind, name))
    throw new Problem(
      403,
      'NAME_NOT_ALLOWED',
      `The key ${principal.name} may not use this ${kind}. Have it added to the key.`,
      { path: kind },
    )
}
