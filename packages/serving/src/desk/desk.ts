import {
  openOnlineReader,
  type AnyIngestSource,
  type OnDemandFunctions,
  type OnlineStore,
} from '@martlet/feature-store'
import { liveCatalog, type LiveCatalog } from './catalog/live-catalog.ts'
import type { ServingCatalog } from './catalog/serving-catalog.ts'
import type { DeskMetrics } from './desk-metrics.ts'
import { adHocReads, type AdHocReads } from './features/ad-hoc-reads.ts'
import type { OpenReader } from './features/prepared-read.ts'
import { keptAnswers } from './features/kept/kept-answers.ts'
import { valuePace } from './features/read-steps.ts'
import type { JobQueue } from './jobs/job-queue.ts'
import { jsonBuffers, type JsonBuffers } from './json/json-buffers.ts'
import type { Limits } from './limits.ts'
import { changedViews } from './model/feed/changed-views.ts'
import { liveModels } from './model/live/live-models.ts'
import { modelReads } from './model/feed/model-reads.ts'
import type { ModelSource } from './model/model-source.ts'
import type { PredictionSink } from './model/predict/prediction-sink.ts'
import { predictor } from './model/predict/predictor.ts'
import { tensorRuns } from './model/predict/tensor-runs.ts'
import { evidenceBook } from './model/rollout/evidence-book.ts'
import { rolloutDesk } from './model/rollout/rollout-desk.ts'
import { runningRollouts } from './model/rollout/running-rollouts.ts'
import type { Batching } from './model/predict/shared-runs.ts'
import type { ServedModels } from './model/served-models.ts'
import type { Pace } from './pace.ts'
import type { MonitorReports } from './monitors/monitor-reports.ts'
import { pushDesk, type PushDesk } from './push/push-desk.ts'
import { liveTails } from './push/source-tails.ts'
import { readiness, type ReadyAnswer, type ReadyCheck } from './readiness.ts'
import { upkeepOf } from './upkeep.ts'

/** Everything that is served, whatever protocol asks for it. */
export interface Desk {
  readonly limits: Limits
  readonly metrics: DeskMetrics
  /** Microseconds since the epoch. */
  readonly now: () => bigint
  readonly catalog: LiveCatalog
  /** Features that are asked for without a service. */
  readonly adHoc: AdHocReads
  /** Where the definitions come from. */
  readonly definitions: ServingCatalog
  /** Undefined when only features are served. */
  readonly models: ServedModels | undefined
  /** Work that callers may ask for; undefined when the server takes none. */
  readonly jobs: JobQueue | undefined
  /** What monitors found; undefined when the server shows none. */
  readonly monitors: MonitorReports | undefined
  /** Where events are pushed to. */
  readonly push: PushDesk
  /** Where answers are built. */
  readonly buffers: JsonBuffers
  readonly pace: Pace
  /** Loads definitions and champions; later calls return the same promise. Never rejects: `ready` says what is missing. */
  start(): Promise<void>
  /** Reads the catalog and the registry now instead of at the next poll. */
  refresh(): Promise<void>
  ready(): Promise<ReadyAnswer>
  /** From now on the desk is not ready. */
  drain(): void
  /** Stops polling and releases the models. Does not close the store, the catalog or the registry. */
  close(): Promise<void>
}

export interface DeskOptions {
  readonly catalog: ServingCatalog
  readonly online: OnlineStore
  /** On-demand features whose functions the process has. */
  readonly functions: OnDemandFunctions
  readonly models: ModelSource | undefined
  /** @default no jobs are taken */
  readonly jobs?: JobQueue | undefined
  /** @default no monitors are shown */
  readonly monitors?: MonitorReports | undefined
  /** What events may be pushed. @default none */
  readonly sources?: readonly AnyIngestSource[]
  readonly batching: Batching
  readonly log: PredictionSink | undefined
  readonly limits: Limits
  readonly metrics: DeskMetrics
  /** What else readiness mentions. @default nothing */
  readonly checks?: (() => Readonly<Record<string, ReadyCheck>>) | undefined
  readonly now: () => bigint
  readonly pollMs: number
  readonly graceMs: number
  readonly onError: (error: unknown) => void
}

export function openDesk(options: DeskOptions): Desk {
  const { catalog: definitions, online, functions, sources = [], limits, metrics, now } = options
  const plans = sources.map(({ plan }) => plan)
  const open: OpenReader = (service, stored) =>
    openOnlineReader({
      service,
      store: online,
      functions,
      sources: plans,
      ...(stored === undefined ? {} : { stored }),
    })
  const kept = keptAnswers(online, limits.answerBytes, metrics)
  const catalog = liveCatalog({ catalog: definitions, open, limits, metrics, kept })
  const adHoc = adHocReads({ catalog, open, limits, metrics })
  const pace = valuePace()
  const models = servedModels(options, { catalog, open, pace })
  let draining = false
  let probing: Promise<ReadyAnswer> | undefined

  async function refresh(): Promise<void> {
    await catalog.refresh()
    await models?.live.refresh()
  }
  const upkeep = upkeepOf(refresh, options.pollMs)

  metrics.beforeScrape(() => {
    catalog.flush()
    adHoc.flush()
    models?.reads.flush()
    models?.rollouts.measure()
    models?.predictor.flush()
    metrics.modelDefinitionsChanged.reset()
    for (const [model, loaded] of models?.live.champions ?? [])
      if (loaded !== undefined) metrics.modelDefinitionsChanged.set({ model }, changedViews(loaded, catalog).length)
  })

  return {
    limits,
    metrics,
    now,
    catalog,
    adHoc,
    definitions,
    models,
    jobs: options.jobs,
    monitors: options.monitors,
    push: pushDesk({ sources, online, tails: liveTails(plans, catalog), limits, metrics, now }),
    buffers: jsonBuffers(),
    pace,
    start: () => upkeep.start(),
    refresh,
    ready() {
      // Probes that arrive together share one check.
      probing ??= readiness({
        catalog,
        models,
        online,
        others: options.checks?.() ?? {},
        hasStarted: upkeep.hasStarted,
        isDraining: draining,
      }).finally(() => {
        probing = undefined
      })
      return probing
    },
    drain() {
      draining = true
    },
    async close() {
      draining = true
      await upkeep.stop()
      await models?.rollouts.close()
      await models?.live.close()
      kept?.close()
      metrics.close()
    },
  }
}

interface DeskParts {
  readonly catalog: LiveCatalog
  readonly open: OpenReader
  readonly pace: Pace
}

function servedModels(options: DeskOptions, { catalog, open, pace }: DeskParts): ServedModels | undefined {
  const { catalog: definitions, functions, models: source, batching, log } = options
  const { limits, metrics, now, graceMs, onError } = options
  if (source === undefined) return undefined
  const reads = modelReads({ live: catalog, source: definitions, open, functions, limits, metrics })
  const book = evidenceBook(source.writeEvidence?.bind(source), onError)
  const running = runningRollouts({ source, book, onError })
  const live = liveModels({
    source,
    rollouts: running,
    check: (model) => reads.prepare(model),
    versionsLoaded: limits.versionsLoaded,
    graceMs,
    metrics,
    onError,
  })
  const rollouts = rolloutDesk({ running, book, live, reads, log, metrics, onError })
  return {
    source,
    live,
    reads,
    rollouts,
    predictor: predictor({ live, rollouts, limits, metrics, log, pace, batching, now }),
    tensors: tensorRuns(metrics),
  }
}
