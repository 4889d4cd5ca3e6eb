import type { AnyIngestSource, Catalog, OnDemandFunctions, OnlineStore } from '@martlet/feature-store'
import type { Registry } from '@martlet/registry'
import { MartletError } from '@martlet/warehouse'
import { Hono } from 'hono'
import { auditLog, type AuditLog, type AuditOptions } from './audit/audit-log.ts'
import { servingCatalog } from './desk/catalog/from-catalog.ts'
import type { ServingCatalog } from './desk/catalog/serving-catalog.ts'
import { inferenceOf, type Inference, type InferenceOptions } from './desk/model/inference-options.ts'
import { deskMetrics } from './desk/desk-metrics.ts'
import { openDesk, type Desk } from './desk/desk.ts'
import { catalogJobs, type JobQueue, type JobQueueOptions } from './desk/jobs/job-queue.ts'
import { clockMicros } from './desk/features/instant.ts'
import { limitsOf, type Limits } from './desk/limits.ts'
import { monitorReports } from './desk/monitors/monitor-reports.ts'
import { registryModels } from './desk/model/from-registry.ts'
import type { ModelSource } from './desk/model/model-source.ts'
import { readableSource } from './desk/model/readable-source.ts'
import type { ReadyAnswer } from './desk/readiness.ts'
import { accessOf } from './http/access/access-metrics.ts'
import { needsKey, type Auth, type Authenticator } from './http/access/authenticator.ts'
import { ratesOf } from './http/access/rates.ts'
import type { ServingEnv } from './http/call/hono-call.ts'
import { printFailure, type OnFailure } from './http/failure.ts'
import { gateOf, type Gate } from './http/gate.ts'
import type { Direct } from './http/hot-paths.ts'
import { addRoutes } from './http/router.ts'
import type { OpenTelemetry } from './http/telemetry/open-telemetry.ts'
import { requestTelemetry } from './http/telemetry/request-telemetry.ts'
import { predictionLog, type PredictionLog, type PredictionLogOptions } from './log/prediction-log.ts'
import { afterStart } from './protocol/after-start.ts'
import { allRoutes } from './protocol/all-routes.ts'
import type { ServingSchema } from './protocol/serving-schema.ts'
import type { ServingWorker } from './workers/serving-worker.ts'

export interface ServingOptions {
  /** Followed while serving: definitions that are applied later are loaded. */
  readonly catalog: Catalog | ServingCatalog
  readonly online: OnlineStore
  /** Followed likewise: a promoted version goes live without a failed request. Left out: only features are served. */
  readonly registry?: Registry | ModelSource
  /** On-demand features whose functions this process has. A service that needs another one answers 503. @default none */
  readonly onDemand?: OnDemandFunctions
  /** What events callers with the scope `events:push` may push. @default none */
  readonly sources?: readonly AnyIngestSource[]
  /** Who may call. `'none'` must be said explicitly, and answers this machine only. */
  readonly auth: Auth
  readonly limits?: Partial<Limits>
  /**
   * Which models of a registry run in a process of their own, where a run ends with the deadline: those whose cost may
   * depend on feature values, all, or none. @default 'when needed'
   */
  readonly isolation?: 'when needed' | 'always' | 'never'
  /** Callers with the scope `jobs:run` may ask for work, which `martlet worker` does. Needs a catalog. @default no jobs are taken */
  readonly jobs?: JobQueueOptions
  /** The folder of the reports of `martlet drift`: callers with the scope `monitors:read` see them. @default none is shown */
  readonly reports?: { readonly folder: string }
  /** Who asked for what, in files. Left out: nobody writes it down. */
  readonly audit?: AuditOptions
  /** Where models of a registry run, and how requests share runs. @default see `InferenceOptions` */
  readonly inference?: InferenceOptions
  /** Left out: predictions are not logged. */
  readonly log?: PredictionLogOptions
  /** Microseconds since the epoch; decides ages. @default the clock */
  readonly now?: () => bigint
  /** How often definitions and aliases are read, in milliseconds. @default 2000 */
  readonly pollMs?: number
  /** How long a replaced model stays in memory, in milliseconds. @default 60000 */
  readonly graceMs?: number
  /** This process as one of several: `/metrics` is of all of them, and files of the log have its number. */
  readonly worker?: ServingWorker
  /**
   * The module `@opentelemetry/api`: every request becomes a span and a value of a histogram. Register your SDK before.
   * @default nobody is told
   */
  readonly telemetry?: OpenTelemetry
  /** Called for every 500 response and every failure outside a request. @default prints one line on stderr */
  readonly onError?: OnFailure
}

/** What an app does apart from answering requests. */
export interface ServingLife extends AsyncDisposable {
  /** Loads definitions and champions; the first request calls it otherwise. Never rejects: `/health/ready` says what is missing. */
  start(): Promise<void>
  /** Reads the catalog, the registry, and files and URLs of keys now instead of at the next poll. */
  refresh(): Promise<void>
  ready(): Promise<ReadyAnswer>
  /** From now on the app is not ready, and every answer closes its connection. */
  drain(): void
  /** Answers hot routes without Hono; `listen` asks it first when the app is not mounted in another. */
  readonly direct: Direct
  /** Whether no key is needed and only this machine is to be answered. */
  readonly loopbackOnly: boolean
  /** Stops polling, finishes the prediction log, releases the models. Does not close the store, the catalog or the registry. */
  close(): Promise<void>
}

export type ServingApp = Hono<ServingEnv, ServingSchema> & ServingLife

const VERSION = '0.1.0'

/**
 * Serves features and predictions as a Hono app: to be mounted in another (`app.route('/ml', serving({…}))`) or given to `listen`.
 *
 * @throws MartletError `INVALID_LIMIT` when a limit is unknown or not a positive whole number
 * @throws MartletError `INVALID_INFERENCE` when `inference` could not work
 * @throws MartletError `INVALID_AUTH` when `auth` could not work
 * @throws MartletError `INVALID_AUDIT` when an option of `audit` could not work
 * @throws MartletError `INVALID_JOBS` when jobs are to be taken without a catalog that holds them
 * @throws MartletError `INVALID_LOG` when `log.sample` is not a share
 * @example const app = serving({ catalog: fixedCatalog({ services: [service.plan] }), online, auth: 'none' })
 */
export function serving(options: ServingOptions): ServingApp {
  const { auth, onError = printFailure, worker } = options
  const limits = limitsOf(options.limits)
  const inference = inferenceOf(options.inference)
  const metrics = deskMetrics(worker)
  const telemetry = options.telemetry === undefined ? undefined : requestTelemetry(options.telemetry, VERSION)
  const outside = (route: string) => (error: unknown) => onError({ requestId: '-', route, error })
  const access = accessOf(auth, metrics, outside('access'))
  const audit =
    options.audit === undefined ? undefined : auditLog(options.audit, metrics, outside('audit'), worker?.number)
  const rates = ratesOf(worker?.of ?? 1, () => performance.now())
  const gate = gateOf({ authenticator: access, rates, audit, limits, metrics, onFailure: onError, telemetry })
  const log =
    options.log === undefined
      ? undefined
      : predictionLog(options.log, metrics, outside('prediction log'), worker?.number)
  const desk = openDesk({
    catalog: 'db' in options.catalog ? servingCatalog(options.catalog) : options.catalog,
    online: options.online,
    functions: options.onDemand ?? [],
    models: modelSource(options, limits, inference),
    jobs: jobQueue(options),
    monitors: options.reports === undefined ? undefined : monitorReports(options.reports.folder, outside('monitors')),
    sources: options.sources ?? [],
    batching: inference.batching,
    log,
    limits,
    metrics,
    checks: access.checks,
    now: options.now ?? clockMicros,
    pollMs: options.pollMs ?? 2000,
    graceMs: options.graceMs ?? 60_000,
    onError: outside('models'),
  })
  const routes = allRoutes(desk, { version: VERSION, needsKey: needsKey(auth) })
  const started = routes.map((route) => afterStart(route, desk))
  const app = new Hono<ServingEnv, ServingSchema>()
  const direct = addRoutes(app, started, gate)
  return Object.assign(app, lifeOf({ desk, gate, log, access, audit }), { direct, loopbackOnly: auth === 'none' })
}

function modelSource(
  { registry, isolation }: ServingOptions,
  limits: Limits,
  { threads, threadFromMs }: Inference,
): ModelSource | undefined {
  if (registry === undefined) return undefined
  if (!('resolve' in registry)) return readableSource(registry)
  const options = { runMs: limits.deadlineMs, rows: limits.keysPerRequest, threads, threadFromMs }
  return readableSource(registryModels(registry, isolation === undefined ? options : { ...options, isolation }))
}

function jobQueue({ jobs, catalog }: ServingOptions): JobQueue | undefined {
  if (jobs === undefined) return undefined
  if ('db' in catalog) return catalogJobs(catalog, jobs)
  throw new MartletError(
    'INVALID_JOBS',
    'Jobs are kept in a catalog, and `catalog` has none. Pass what openCatalog returns.',
  )
}

interface Parts {
  readonly desk: Desk
  readonly gate: Gate
  readonly log: PredictionLog | undefined
  readonly access: Authenticator
  readonly audit: AuditLog | undefined
}

function lifeOf({ desk, gate, log, access, audit }: Parts): Omit<ServingLife, 'direct' | 'loopbackOnly'> {
  let closing: Promise<void> | undefined
  function close(): Promise<void> {
    closing ??= closeAll()
    return closing
  }
  async function closeAll(): Promise<void> {
    desk.drain()
    access.close()
    await log?.close()
    await audit?.close()
    await desk.close()
    gate.close()
  }
  return {
    start: () => desk.start(),
    async refresh() {
      await Promise.all([access.refresh(), desk.refresh()])
    },
    ready: () => desk.ready(),
    drain() {
      desk.drain()
      gate.drain()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
