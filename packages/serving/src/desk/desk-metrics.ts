import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Buckets in seconds. They are finer than usual on the web: a warm read takes a fraction of a millisecond. */
export const LATENCY_BUCKETS: readonly number[] = [
  0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
]

/** Shows a counter of one label before it has counted: Prometheus sees a rise only from a number that it knows. */
export function fromZero(counter: Counter<string>, values: readonly string[]): void {
  for (const value of values) counter.labels(value).inc(0)
}

/** Where metrics are registered and scraped. Each app has its own, so that two apps in one process do not mix. */
export interface MetricsPage {
  readonly registry: Registry
  /** Adds a step that brings numbers up to date before they are scraped. */
  beforeScrape(step: () => void): void
  text(): Promise<string>
}

/** What is measured about definitions, features, models and the prediction log. */
export interface DeskMetrics extends MetricsPage {
  readonly rows: Counter<'service'>
  readonly statuses: Counter<'view' | 'status'>
  readonly featureAge: Gauge<'view'>
  readonly keptRows: Counter<'service' | 'result'>
  readonly keptBytes: Gauge
  readonly modelRun: Histogram<'model' | 'version'>
  readonly modelRows: Counter<'model' | 'version'>
  readonly modelShared: Histogram<'model' | 'version'>
  readonly modelWait: Histogram<'model' | 'version'>
  readonly modelLive: Gauge<'model' | 'alias' | 'version'>
  readonly modelDefinitionsChanged: Gauge<'model'>
  readonly modelLoads: Counter<'model' | 'outcome'>
  readonly modelErrors: Counter<'model' | 'version' | 'code'>
  readonly rolloutWeight: Gauge<'model' | 'version' | 'mode'>
  readonly rolloutRequests: Counter<'model' | 'version' | 'side'>
  readonly shadowRows: Counter<'model' | 'version'>
  readonly shadowCompared: Counter<'model' | 'version'>
  readonly shadowDistance: Counter<'model' | 'version'>
  readonly shadowDisagreements: Counter<'model' | 'version'>
  readonly shadowDropped: Counter<'model' | 'reason'>
  readonly catalogReloads: Counter<'outcome'>
  readonly logged: Counter<'model'>
  readonly logDropped: Counter<'model' | 'reason'>
  close(): void
}

/** Samples of metrics, as they are sent to another process. */
export type MetricSamples = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

/** Several processes whose metrics are shown as those of one. Gauges are added up unless they name an `aggregator`. */
export interface SharedMetrics {
  /** Where the samples of this process come from. */
  measureWith(samples: () => Promise<MetricSamples>): void
  /** The metrics of all processes. */
  metrics(): Promise<string>
}

/** @param shared with which processes they are merged; left out: none */
export function deskMetrics(shared?: SharedMetrics): DeskMetrics {
  const registry = new Registry()
  const steps: (() => void)[] = []
  const close = measureLoopDelay(registry, steps)
  const update = (): void => {
    for (const step of steps) step()
  }
  shared?.measureWith(() => {
    update()
    return registry.getMetricsAsJSON()
  })
  return {
    registry,
    ...featureMetrics([registry]),
    ...modelMetrics([registry]),
    ...logMetrics([registry]),
    ...rolloutMetrics([registry]),
    beforeScrape(step) {
      steps.push(step)
    },
    text() {
      if (shared !== undefined) return shared.metrics()
      update()
      return registry.metrics()
    },
    close,
  }
}

function featureMetrics(
  registers: Registry[],
): Pick<DeskMetrics, 'rows' | 'statuses' | 'featureAge' | 'keptRows' | 'keptBytes' | 'catalogReloads'> {
  const catalogReloads = new Counter({
    name: 'martlet_catalog_reloads_total',
    help: 'Attempts to load changed definitions',
    labelNames: ['outcome'],
    registers,
  })
  fromZero(catalogReloads, ['loaded', 'failed'])
  return {
    rows: new Counter({
      name: 'martlet_feature_rows_total',
      help: 'Entity rows read online',
      labelNames: ['service'],
      registers,
    }),
    statuses: new Counter({
      name: 'martlet_feature_status_total',
      help: 'Feature values read online, by status',
      labelNames: ['view', 'status'],
      registers,
    }),
    featureAge: new Gauge({
      name: 'martlet_feature_age_seconds',
      help: 'Age of the oldest row served since the last scrape',
      aggregator: 'max',
      labelNames: ['view'],
      registers,
    }),
    keptRows: new Counter({
      name: 'martlet_feature_kept_rows_total',
      help: 'Entity rows looked for among finished rows that are kept, by result; unkept: could not be kept',
      labelNames: ['service', 'result'],
      registers,
    }),
    keptBytes: new Gauge({
      name: 'martlet_feature_kept_bytes',
      help: 'Bytes of memory taken by finished rows that are kept',
      registers,
    }),
    catalogReloads,
  }
}

type ModelMetric =
  | 'modelRun'
  | 'modelRows'
  | 'modelShared'
  | 'modelWait'
  | 'modelLive'
  | 'modelDefinitionsChanged'
  | 'modelLoads'

function modelMetrics(registers: Registry[]): Pick<DeskMetrics, ModelMetric> {
  return {
    modelRun: new Histogram({
      name: 'martlet_model_run_duration_seconds',
      help: 'Time a model ran for one request',
      labelNames: ['model', 'version'],
      buckets: [...LATENCY_BUCKETS],
      registers,
    }),
    modelRows: new Counter({
      name: 'martlet_model_rows_total',
      help: 'Rows predicted',
      labelNames: ['model', 'version'],
      registers,
    }),
    modelShared: new Histogram({
      name: 'martlet_model_shared_run_requests',
      help: 'Requests that shared a run, for runs of more than one request',
      labelNames: ['model', 'version'],
      buckets: [2, 4, 8, 16, 32, 64],
      registers,
    }),
    modelWait: new Histogram({
      name: 'martlet_model_shared_run_wait_seconds',
      help: 'Time that the first request of a shared run waited for others or for a thread',
      labelNames: ['model', 'version'],
      buckets: [...LATENCY_BUCKETS],
      registers,
    }),
    modelLive: new Gauge({
      name: 'martlet_model_live',
      help: '1 for the version that an alias serves now',
      aggregator: 'max',
      labelNames: ['model', 'alias', 'version'],
      registers,
    }),
    modelDefinitionsChanged: new Gauge({
      name: 'martlet_model_definitions_changed',
      help: 'Views whose definition has changed since the live champion was registered',
      aggregator: 'max',
      labelNames: ['model'],
      registers,
    }),
    modelLoads: new Counter({
      name: 'martlet_model_loads_total',
      help: 'Attempts to load a version',
      labelNames: ['model', 'outcome'],
      registers,
    }),
  }
}

type RolloutMetric =
  | 'modelErrors'
  | 'rolloutWeight'
  | 'rolloutRequests'
  | 'shadowRows'
  | 'shadowCompared'
  | 'shadowDistance'
  | 'shadowDisagreements'
  | 'shadowDropped'

function rolloutMetrics(registers: Registry[]): Pick<DeskMetrics, RolloutMetric> {
  const ofVersion = (name: string, help: string): Counter<'model' | 'version'> =>
    new Counter({ name, help, labelNames: ['model', 'version'], registers })
  return {
    modelErrors: new Counter({
      name: 'martlet_model_errors_total',
      help: 'Requests and shadow runs that failed because of the version',
      labelNames: ['model', 'version', 'code'],
      registers,
    }),
    rolloutWeight: new Gauge({
      name: 'martlet_rollout_weight',
      help: 'Percent of the requests that a roll-out gives to its version',
      aggregator: 'max',
      labelNames: ['model', 'version', 'mode'],
      registers,
    }),
    rolloutRequests: new Counter({
      name: 'martlet_rollout_requests_total',
      help: 'Requests answered during a roll-out, by its version',
      labelNames: ['model', 'version', 'side'],
      registers,
    }),
    shadowRows: ofVersion('martlet_shadow_rows_total', 'Rows computed after their answers'),
    shadowCompared: ofVersion('martlet_shadow_compared_total', 'Of these, rows with a number from both versions'),
    shadowDistance: ofVersion('martlet_shadow_distance_total', 'Sum of the distances between the scores of both'),
    shadowDisagreements: ofVersion(
      'martlet_shadow_disagreements_total',
      'Rows of which the versions name other classes',
    ),
    shadowDropped: new Counter({
      name: 'martlet_shadow_dropped_total',
      help: 'Requests that were not computed after their answers, for want of time',
      labelNames: ['model', 'reason'],
      registers,
    }),
  }
}

function logMetrics(registers: Registry[]): Pick<DeskMetrics, 'logged' | 'logDropped'> {
  return {
    logged: new Counter({
      name: 'martlet_prediction_log_rows_total',
      help: 'Predictions written to the log',
      labelNames: ['model'],
      registers,
    }),
    logDropped: new Counter({
      name: 'martlet_prediction_log_dropped_total',
      help: 'Predictions that did not reach the log',
      labelNames: ['model', 'reason'],
      registers,
    }),
  }
}

/** Measures how late the event loop is, until the returned function is called. */
function measureLoopDelay(registry: Registry, steps: (() => void)[]): () => void {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  const loopDelay = new Gauge({
    name: 'martlet_event_loop_delay_seconds',
    help: 'Delay of the event loop since the last scrape',
    aggregator: 'max',
    labelNames: ['quantile'],
    registers: [registry],
  })
  steps.push(() => {
    for (const [quantile, percentile] of Object.entries({ '0.5': 50, '0.99': 99, '1': 100 })) {
      const nanos = delay.percentile(percentile)
      loopDelay.set({ quantile }, Number.isFinite(nanos) ? nanos / 1e9 : 0)
    }
    delay.reset()
  })
  return () => void delay.disable()
}
