import type { Principal, Scope, ThingKind } from '../../desk/principal.ts'
import { matchesPattern } from './name-pattern.ts'

/** Every scope there is. */
export const ALL_SCOPES: readonly Scope[] = [
  'features:read',
  'models:predict',
  'models:read',
  'catalog:read',
  'metrics:read',
  'jobs:run',
  'events:push',
  'monitors:read',
]

/** What each scope can be narrowed to. */
const NARROWED_TO: Readonly<Record<Scope, readonly ThingKind[]>> = {
  'features:read': ['service', 'view'],
  'models:predict': ['model'],
  'models:read': ['model'],
  'catalog:read': ['service', 'view', 'model'],
  'metrics:read': [],
  'jobs:run': ['service', 'view', 'model'],
  'events:push': ['source'],
  'monitors:read': ['monitor'],
}

/** One scope, for everything or for the things of a kind whose names match a pattern. */
export interface Grant {
  readonly scope: Scope
  readonly to: { readonly kind: ThingKind; readonly pattern: string } | undefined
}

/** Reads `features:read` or `features:read:service/next_*`; undefined when it is neither. */
export function grantOf(text: string): Grant | undefined {
  const [, name, kind, pattern] = /^([a-z]+:[a-z]+)(?::([a-z]+)\/([\w.*-]{1,256}))?$/.exec(text) ?? []
  const scope = ALL_SCOPES.find((one) => one === name)
  if (scope === undefined) return undefined
  if (kind === undefined || pattern === undefined) return { scope, to: undefined }
  const known = NARROWED_TO[scope].find((one) => one === kind)
  return known === undefined ? undefined : { scope, to: { kind: known, pattern } }
}

/** Names of one kind: all, or those that match a pattern. */
type Names = 'all' | readonly string[]

/** What may be seen by one scope. */
type Reach = Readonly<Record<ThingKind, Names>>

interface Caller extends Pick<Principal, 'name' | 'id' | 'kind' | 'rate'> {
  readonly grants: readonly Grant[]
  /** Restrict all scopes. @default all */
  readonly services?: readonly string[] | undefined
  readonly models?: readonly string[] | undefined
}

/** A caller with these grants. */
export function principalOf({ name, id, kind, rate, grants, services = ['*'], models = ['*'] }: Caller): Principal {
  const limits = { service: namesOf(services), model: namesOf(models), source: 'all' } as const
  const caller = { name, id, kind, rate, scopes: new Set(grants.map(({ scope }) => scope)), within }
  const byScope = new Map(
    ALL_SCOPES.map((scope) => [scope, { ...caller, ...viewerOf(grants.filter((grant) => grant.scope === scope)) }]),
  )
  const all: Principal = { ...caller, ...viewerOf(grants) }

  function within(scope: Scope): Principal {
    return byScope.get(scope) ?? all
  }
  function viewerOf(granted: readonly Grant[]): Pick<Principal, 'maySee' | 'seesEvery'> {
    const reach = reachOf(granted)
    const everywhere = limits.service === 'all' && limits.model === 'all'
    const sees = (thing: 'service' | 'model' | 'source', one: string): boolean =>
      isAmong(reach[thing], one) && isAmong(limits[thing], one)
    const seesEvery = (thing: ThingKind): boolean => {
      if (thing === 'monitor') return reach.monitor === 'all' && everywhere
      const restricted = thing === 'view' ? 'service' : thing
      return reach[restricted] === 'all' && limits[restricted] === 'all'
    }
    return {
      maySee(thing, one) {
        if (thing === 'view') return seesEvery('view') || isAmong(reach.view, one)
        if (thing === 'monitor') return reach.monitor === 'all' ? everywhere : isAmong(reach.monitor, one)
        return sees(thing, one)
      },
      seesEvery,
    }
  }
  return all
}

/**
 * A scope that is not narrowed reaches all services, models and sources; views only by their services, and monitors only of
 * a caller who is not restricted to some services or models, because a monitor may read all.
 */
function reachOf(grants: readonly Grant[]): Reach {
  const everything = grants.some(({ to }) => to === undefined)
  const namesFor = (kind: ThingKind): Names =>
    everything && kind !== 'view' ? 'all' : namesOf(grants.flatMap(({ to }) => (to?.kind === kind ? [to.pattern] : [])))
  return {
    service: namesFor('service'),
    model: namesFor('model'),
    view: namesFor('view'),
    source: namesFor('source'),
    monitor: namesFor('monitor'),
  }
}

function namesOf(patterns: readonly string[]): Names {
  return patterns.includes('*') ? 'all' : patterns
}

function isAmong(names: Names, name: string): boolean {
  return names === 'all' || names.some((pattern) => matchesPattern(pattern, name))
}
