import { viewsRead, type ServicePlan, type ViewPlan } from '@martlet/feature-store'
import type { DeskMetrics } from '../desk-metrics.ts'
import type { OpenReader } from '../features/prepared-read.ts'
import type { KeptAnswers } from '../features/kept/kept-answers.ts'
import { servedService, type ServedService } from '../features/served-service.ts'
import type { Limits } from '../limits.ts'
import { notFound } from '../not-found.ts'
import type { Viewer } from '../principal.ts'
import type { KeptRows, ServedDefinitions, ServingCatalog } from './serving-catalog.ts'

/** The definitions that are served. A change of the catalog replaces all of them at once. */
export interface LiveCatalog {
  readonly views: ReadonlyMap<string, ViewPlan>
  readonly services: ReadonlyMap<string, ServicePlan>
  /** Older definitions that are kept for live models. */
  readonly kept: readonly KeptRows[]
  /**
   * The service of this name.
   *
   * @throws Problem `SERVICE_UNKNOWN` (404), naming the nearest service that the caller may see
   */
  service(name: string, caller: Viewer): ServedService
  find(name: string): ServedService | undefined
  /**
   * The view of this name.
   *
   * @throws Problem `VIEW_UNKNOWN` (404), also for a view of which the caller may see no service
   */
  view(name: string, caller: Viewer): ViewPlan
  /** The views of the services that the caller may see; all views for a caller who is not restricted. */
  viewsFor(caller: Viewer): readonly ViewPlan[]
  /** Loads changed definitions. When that fails, the old ones are still served and `failure` says why. */
  refresh(): Promise<void>
  readonly failure: string | undefined
  readonly loaded: boolean
  /** Adds what was counted since the last call to the metrics. */
  flush(): void
}

interface Parts {
  readonly catalog: ServingCatalog
  readonly open: OpenReader
  readonly limits: Limits
  readonly metrics: DeskMetrics
  readonly kept?: KeptAnswers | undefined
}

interface Definitions {
  readonly views: ReadonlyMap<string, ViewPlan>
  readonly services: ReadonlyMap<string, ServedService>
  readonly plans: ReadonlyMap<string, ServicePlan>
  readonly kept: readonly KeptRows[]
}

export function liveCatalog(parts: Parts): LiveCatalog {
  const { catalog, metrics } = parts
  let live: Definitions = { views: new Map(), services: new Map(), plans: new Map(), kept: [] }
  let revision: string | undefined
  let failure: string | undefined

  async function refresh(): Promise<void> {
    try {
      const newest = await catalog.revision()
      if (newest !== revision) {
        const definitions = await catalog.definitions()
        live = nextDefinitions(live, definitions, parts)
        if (revision !== undefined) metrics.catalogReloads.inc({ outcome: 'loaded' })
        revision = newest
      }
      failure = undefined
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
      metrics.catalogReloads.inc({ outcome: 'failed' })
    }
  }

  return {
    get views() {
      return live.views
    },
    get services() {
      return live.plans
    },
    get kept() {
      return live.kept
    },
    service(name, caller) {
      const found = live.services.get(name)
      if (found !== undefined) return found
      const visible = [...live.services.keys()].filter((known) => caller.maySee('service', known))
      throw notFound('service', name, visible)
    },
    find: (name) => live.services.get(name),
    view(name, caller) {
      const visible = visibleViews(live, caller)
      const found = visible.find((view) => view.name === name)
      if (found !== undefined) return found
      const names = visible.map((view) => view.name)
      throw notFound('view', name, names)
    },
    viewsFor: (caller) => visibleViews(live, caller),
    refresh,
    get failure() {
      return failure
    },
    get loaded() {
      return revision !== undefined
    },
    flush() {
      for (const service of live.services.values()) service.flush()
    },
  }
}

/** Services that have not changed stay prepared. */
function nextDefinitions(
  live: Definitions,
  { views, services, kept = [] }: ServedDefinitions,
  parts: Parts,
): Definitions {
  const next = new Map<string, ServedService>()
  for (const plan of services) {
    const current = live.services.get(plan.name)
    const unchanged = current?.plan.hash === plan.hash ? current : undefined
    next.set(plan.name, unchanged ?? servedService(plan, parts))
  }
  for (const [name, old] of live.services) if (next.get(name) !== old) old.flush()
  return {
    views: new Map(views.map((view) => [view.name, view])),
    services: next,
    plans: new Map(services.map((plan) => [plan.name, plan])),
    kept,
  }
}

function visibleViews({ views, plans }: Definitions, caller: Viewer): readonly ViewPlan[] {
  if (caller.seesEvery('service')) return [...views.values()]
  const visible = new Set<string>()
  for (const plan of plans.values()) {
    if (caller.maySee('service', plan.name)) for (const { name } of viewsRead(plan)) visible.add(name)
  }
  return [...views.values()].filter(({ name }) => visible.has(name) || caller.maySee('view', name))
}
