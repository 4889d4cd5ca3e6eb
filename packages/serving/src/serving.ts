import { openOnlineReader, type Catalog, type OnlineStore } from '@martlet/feature-store'
import type { Registry } from '@martlet/registry'
import { visibleText } from '@martlet/warehouse'
import { Hono } from 'hono'
import { catalogRoutes } from './catalog/catalog-routes.ts'
import { servingCatalog } from './catalog/from-catalog.ts'
import { liveCatalog } from './catalog/live-catalog.ts'
import type { ServingCatalog } from './catalog/serving-catalog.ts'
import type { OpenReader } from './features/served-service.ts'
import { readFeatures, readOneFeatures } from './features/features-routes.ts'
import { clockMicros } from './features/instant.ts'
import { jsonBuffers } from './features/json-bytes.ts'
import { valuePace } from './features/read-steps.ts'
import { authenticator, type Auth } from './http/api-keys.ts'
import { honoCall, type ServingContext, type ServingEnv } from './http/hono-call.ts'
import { docsRoutes } from './docs/docs-routes.ts'
import { gateOf, type Failure, type Serve } from './http/gate.ts'
import { limitsOf, type Limits } from './http/limits.ts'
import { servingMetrics } from './http/metrics.ts'
import { directRoutes, type Direct } from './http/node-call.ts'
import { Problem } from './http/problem.ts'
import type { ReadyAnswer } from './http/operations-answers.ts'
import type { Route, RouteId } from './http/route.ts'
import { routes } from './http/routes.ts'
import type { ServingSchema } from './http/serving-schema.ts'
import { isForAnother, unmatchedProblem, unmatchedRoute } from './http/unmatched.ts'
import type { Handler } from './http/visit.ts'
import { predictionLog, type PredictionLogOptions } from './log/prediction-log.ts'
import { registryModels } from './model/from-registry.ts'
import { liveModels } from './model/live-models.ts'
import { modelRoutes } from './model/model-routes.ts'
import { modelReads } from './model/model-reads.ts'
import type { ModelSource } from './model/model-source.ts'
import { readableSource } from './model/readable-source.ts'
import { predict } from './model/predict-routes.ts'
import { changedViews, readiness, readinessFor } from './readiness.ts'

export interface ServingOptions {
  /** Followed while serving: definitions applied later are taken over. */
  readonly catalog: Catalog | ServingCatalog
  readonly online: OnlineStore
  /** Followed likewise: a promoted version goes live without a failed request. Left out: only features are served. */
  readonly registry?: Registry | ModelSource
  /** Who may call. `'none'` must be said, and answers this machine only. */
  readonly auth: Auth
  readonly limits?: Partial<Limits>
  /**
   * Which models of a registry run in a process of their own, where a run ends with the deadline: those whose cost may depend on feature
   * values, all, or none. @default 'when needed'
   */
  readonly isolation?: 'when needed' | 'always' | 'never'
  /** Left out: predictions are not logged. */
  readonly log?: PredictionLogOptions
  /** Microseconds since the epoch; decides ages. @default the clock */
  readonly now?: () => bigint
  /** How often definitions and aliases are looked at, in milliseconds. @default 2000 */
  readonly pollMs?: number
  /** How long a replaced model stays in memory, in milliseconds. @default 60000 */
  readonly graceMs?: number
  /** Told of every answer 500 and of whatever fails beside requests. @default one line on stderr */
  readonly onError?: (failure: Failure) => void
}

/** The app with its life beside requests. */
export interface ServingLife extends AsyncDisposable {
  /** Loads definitions and champions; called by the first request if by nobody before. Never rejects: `/health/ready` tells. */
  start(): Promise<void>
  /** Looks at the catalog and the registry now instead of at the next poll. */
  refresh(): Promise<void>
  ready(): Promise<ReadyAnswer>
  /** From now on not ready, and every answer closes its connection. */
  drain(): void
  /** Answers the two hot routes without going through Hono; `listen` asks it first when the app is not mounted in another. */
  readonly direct: Direct
  /** True when no key is asked for and nobody but this machine is to be answered. */
  readonly loopbackOnly: boolean
  /** Stops polling, finishes the prediction log, releases the models. Does not close the store, the catalog or the registry. */
  close(): Promise<void>
}

export type ServingApp = Hono<ServingEnv, ServingSchema> & ServingLife

/**
 * Serves features and predictions as a Hono app: to be mounted in another (`app.route('/ml', serving({…}))`) or given to `listen`.
 *
 * @example const app = serving({ catalog: fixedCatalog({ services: [service.plan] }), online, auth: 'none' })
 */
export function serving(options: ServingOptions): ServingApp {
  const { online, now = clockMicros, pollMs = 2000, graceMs = 60_000, onError = printFailure } = options
  const limits = limitsOf(options.limits)
  const metrics = servingMetrics()
  const gate = gateOf({ authenticator: authenticator(options.auth), limits, metrics, onFailure: onError })
  const keyless = options.auth === 'none' || 'gateway' in options.auth
  const beside = (route: string) => (error: unknown) => onError({ requestId: '-', route, error })
  const definitions = 'db' in options.catalog ? servingCatalog(options.catalog) : options.catalog
  const given =
    options.registry !== undefined && 'resolve' in options.registry
      ? registryModels(options.registry, {
          runMs: limits.deadlineMs,
          rows: limits.keysPerRequest,
          ...(options.isolation === undefined ? {} : { isolation: options.isolation }),
        })
      : options.registry
  const source = given === undefined ? undefined : readableSource(given)
  const open: OpenReader = (service, stored) =>
    openOnlineReader({ service, store: online, ...(stored === undefined ? {} : { stored }) })
  const catalog = liveCatalog({ catalog: definitions, open, limits, metrics })
  const reads = modelReads({ live: catalog, source: definitions, open, limits, metrics })
  const log = options.log === undefined ? undefined : predictionLog(options.log, metrics, beside('prediction log'))
  const models =
    source === undefined
      ? undefined
      : liveModels({
          source,
          check: (model) => reads.prepare(model),
          versionsLoaded: limits.versionsLoaded,
          graceMs,
          metrics,
          onError: beside('models'),
        })
  metrics.beforeScrape(() => {
    catalog.flush()
    reads.flush()
    metrics.modelDefinitionsChanged.reset()
    for (const [model, loaded] of models?.champions ?? [])
      if (loaded !== undefined) metrics.modelDefinitionsChanged.set({ model }, changedViews(loaded, catalog).length)
  })

  const buffers = jsonBuffers()
  const pace = valuePace()
  let draining = false
  let started: Promise<void> | undefined
  let hasStarted = false
  let timer: NodeJS.Timeout | undefined
  let closing: Promise<void> | undefined

  async function refresh(): Promise<void> {
    await catalog.refresh()
    await models?.refresh()
  }

  function start(): Promise<void> {
    started ??= begin()
    return started
  }

  async function begin(): Promise<void> {
    await refresh()
    hasStarted = true
    poll()
  }

  function poll(): void {
    if (closing !== undefined) return
    timer = setTimeout(() => void refresh().then(poll), pollMs)
    timer.unref()
  }

  let probing: Promise<ReadyAnswer> | undefined
  /** Probes that come together share one look. */
  function ready(): Promise<ReadyAnswer> {
    probing ??= readiness({
      catalog,
      reads,
      models,
      online,
      hasStarted: () => hasStarted,
      isDraining: () => draining,
    }).finally(() => {
      probing = undefined
    })
    return probing
  }

  const app = new Hono<ServingEnv, ServingSchema>()
  const catalogHandlers = catalogRoutes(catalog, definitions)
  const modelHandlers = modelRoutes(source, models)
  const version = '0.1.0'
  const handlers: Readonly<Record<RouteId, Handler>> = {
    readFeatures: readFeatures({ catalog, limits, buffers, pace, now }),
    readOneFeatures: readOneFeatures({ catalog, limits, buffers, pace, now }),
    predict:
      models === undefined ? modelHandlers.none : predict({ reads, models, limits, metrics, log, buffers, pace, now }),
    ...catalogHandlers,
    ...modelHandlers.routes,
    live: () => '{"live":true}',
    ready: async (exchange) => {
      // Probes may be all that comes before it is ready.
      void start()
      const answer = readinessFor(exchange.identify(), await ready())
      return { status: answer.ready ? 200 : 503, body: JSON.stringify(answer), contentType: 'application/json' }
    },
    metrics: async () => ({ status: 200, body: await metrics.text(), contentType: metrics.registry.contentType }),
    ...docsRoutes({ version, keys: !keyless, catalog, models }),
  }
  function serveOf(route: Route): Serve {
    const handler = handlers[route.id]
    return gate.wrap(route, route.group === 'operations' ? handler : afterStart(handler))
  }
  const answered = (c: ServingContext, serve: Serve): Promise<Response> =>
    new Promise((respond) => serve(honoCall(c, respond)))
  for (const route of Object.values(routes)) {
    const serve = serveOf(route)
    if (route.method === 'GET') app.get(route.path, (c) => answered(c, serve))
    else app.post(route.path, (c) => answered(c, serve))
  }
  // A route like the others, so that it holds where the app is mounted in another, too.
  app.all('*', (c, next) =>
    isForAnother(c)
      ? next()
      : answered(
          c,
          gate.wrap(unmatchedRoute(c.req.method), () => {
            throw unmatchedProblem(c)
          }),
        ),
  )

  function afterStart(handler: Handler): Handler {
    let isStarted = false
    return (exchange) => {
      if (isStarted) return handler(exchange)
      return start().then(() => {
        isStarted = catalog.loaded
        if (!isStarted)
          throw new Problem(503, 'NOT_READY', 'the definitions could not be loaded yet; /health/ready says why', {
            retryAfter: 1,
          })
        return handler(exchange)
      })
    }
  }

  async function close(): Promise<void> {
    draining = true
    clearTimeout(timer)
    await started
    clearTimeout(timer)
    await log?.close()
    await models?.close()
    gate.close()
    metrics.close()
  }

  const life: ServingLife = {
    direct: directRoutes(serveOf(routes.readFeatures), serveOf(routes.predict)),
    loopbackOnly: options.auth === 'none',
    start,
    refresh,
    ready,
    drain() {
      draining = true
      gate.drain()
    },
    close() {
      closing ??= close()
      return closing
    },
    [Symbol.asyncDispose]() {
      return life.close()
    },
  }
  return Object.assign(app, life)
}

function printFailure({ requestId, route, error }: Failure): void {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(
    `martlet serving: ${route} (request ${requestId}): ${reason.split('\n').map(visibleText).join('\n')}\n`,
  )
}
