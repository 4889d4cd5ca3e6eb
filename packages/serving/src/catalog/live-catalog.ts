import type { ServicePlan, ViewPlan } from '@martlet/feature-store'
import { nearestName } from '@martlet/warehouse'
import { servedService, type OpenReader, type ServedService } from '../features/served-service.ts'
import type { Principal } from '../http/api-keys.ts'
import type { Limits } from '../http/limits.ts'
import type { ServingMetrics } from '../http/metrics.ts'
import { Problem } from '../http/problem.ts'
import { shown } from '../http/suggest.ts'
import type { KeptRows, ServingCatalog } from './serving-catalog.ts'

/** Who asks, as far as that decides what is shown. */
export type Viewer = Pick<Principal, 'maySee' | 'seesEvery'>

/** The definitions being served: replaced as a whole when the catalog changes, never half. */
export interface LiveCatalog {
  readonly views: ReadonlyMap<string, ViewPlan>
  readonly services: ReadonlyMap<string, ServicePlan>
  /** Older definitions that are kept for live models. */
  readonly kept: readonly KeptRows[]
  /** Throws a 404 problem that names the nearest service among those that the caller may see. */
  service(name: string, caller: Viewer): ServedService
  find(name: string): ServedService | undefined
  /** Throws a 404 problem likewise, and for a view of which the caller may see no service. */
  view(name: string, caller: Viewer): ViewPlan
  /** The views of the services that the caller may see; all for a caller who is not narrowed. */
  viewsFor(caller: Viewer): readonly ViewPlan[]
  /** Takes over changed definitions; when that fails, the old ones go on being served and `failure` says why. */
  refresh(): Promise<void>
  readonly failure: string | undefined
  readonly loaded: boolean
  flush(): void
}

interface Parts {
  readonly catalog: ServingCatalog
  readonly open: OpenReader
  readonly limits: Limits
  readonly metrics: ServingMetrics
}

export function liveCatalog({ catalog, open, limits, metrics }: Parts): LiveCatalog {
  let views: ReadonlyMap<string, ViewPlan> = new Map()
  let services: ReadonlyMap<string, ServedService> = new Map()
  let plans: ReadonlyMap<string, ServicePlan> = new Map()
  let kept: readonly KeptRows[] = []
  let revision: string | undefined
  let failure: string | undefined

  async function refresh(): Promise<void> {
    try {
      const newest = await catalog.revision()
      if (newest === revision) {
        failure = undefined
        return
      }
      const definitions = await catalog.definitions()
      const next = new Map<string, ServedService>()
      for (const plan of definitions.services) {
        const current = services.get(plan.name)
        next.set(
          plan.name,
          current !== undefined && current.plan.hash === plan.hash
            ? current
            : servedService(plan, open, limits, metrics),
        )
      }
      for (const [name, old] of services) if (next.get(name) !== old) old.flush()
      views = new Map(definitions.views.map((view) => [view.name, view]))
      plans = new Map(definitions.services.map((plan) => [plan.name, plan]))
      services = next
      kept = definitions.kept ?? []
      if (revision !== undefined) metrics.catalogReloads.inc({ outcome: 'loaded' })
      revision = newest
      failure = undefined
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
      metrics.catalogReloads.inc({ outcome: 'failed' })
    }
  }

  function viewsFor(caller: Viewer): readonly ViewPlan[] {
    if (caller.seesEvery('service')) return [...views.values()]
    const seen = new Set<string>()
    for (const plan of plans.values()) {
      if (caller.maySee('service', plan.name)) for (const { view } of plan.views) seen.add(view.name)
    }
    return [...views.values()].filter(({ name }) => seen.has(name))
  }

  return {
    get views() {
      return views
    },
    get services() {
      return plans
    },
    get kept() {
      return kept
    },
    service(name, caller) {
      const found = services.get(name)
      if (found === undefined)
        throw notFound(
          'service',
          name,
          [...services.keys()].filter((known) => caller.maySee('service', known)),
        )
      return found
    },
    find: (name) => services.get(name),
    view(name, caller) {
      const seen = viewsFor(caller)
      const found = seen.find((view) => view.name === name)
      if (found === undefined)
        throw notFound(
          'view',
          name,
          seen.map((view) => view.name),
        )
      return found
    },
    viewsFor,
    refresh,
    get failure() {
      return failure
    },
    get loaded() {
      return revision !== undefined
    },
    flush() {
      for (const service of services.values()) service.flush()
    },
  }
}

/** 404 for a name that does not exist, with the one that was probably meant. */
export function notFound(kind: 'service' | 'view' | 'model' | 'alias', name: string, known: Iterable<string>): Problem {
  const suggestion = nearestName(name, known)
  const hint = suggestion === undefined ? '' : `; did you mean ${suggestion}?`
  return new Problem(404, `${kind.toUpperCase()}_UNKNOWN`, `there is no ${kind} ${shown(name)}${hint}`, {
    path: kind,
    ...(suggestion === undefined ? {} : { suggestion }),
  })
}
