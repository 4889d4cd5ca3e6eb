import type { Scope } from '../../../src/index.ts'

/** An API key of a test: its secret is `key of <name>`. */
export interface NamedKey {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly services?: readonly string[]
  readonly models?: readonly string[]
}

/** How a server under test is started; travels as JSON in its arguments. */
export interface ServerSettings {
  /**
   * The app given to `listen`, or the same under `/ml` of another Hono app: by `route`, by `mount`, or by `mount` of a function
   * that passes on the request alone. @default 'plain'
   */
  readonly mode?: 'plain' | 'routed' | 'mounted' | 'wrapped'
  /** Services of two sizes and one model, or services and models of several regions. @default 'sizes' */
  readonly definitions?: 'sizes' | 'regions'
  /** @default 'memory' */
  readonly store?: 'memory' | 'lmdb'
  /** Milliseconds that every read of the store takes. @default 0 */
  readonly storeMs?: number
  /** @default the keys of `keys` */
  readonly auth?: 'none' | readonly NamedKey[]
  readonly limits?: Readonly<Record<string, number>>
  readonly listen?: Readonly<Record<string, number>>
}

const everything: readonly Scope[] = ['features:read', 'models:predict', 'catalog:read']

/** `greedy` is the one that abuses, `other` the one that must not notice, `scraper` reads metrics. */
export const keys: readonly NamedKey[] = [
  { name: 'greedy', scopes: everything, services: ['small', 'large'], models: ['scorer'] },
  { name: 'other', scopes: everything },
  { name: 'scraper', scopes: ['metrics:read'] },
]
