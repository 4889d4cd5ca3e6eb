import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Seconds. Finer than the usual web buckets: a warm read takes a fraction of a millisecond. */
const latencyBuckets = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

/** Everything the app measures of itself, in a registry of its own so that two apps in one process do not mix. */
export interface ServingMetrics {
  readonly registry: Registry
  readonly requests: Histogram<'method' | 'route' | 'status'>
  readonly inFlight: Gauge
  readonly unsentBytes: Gauge
  readonly rejected: Counter<'reason'>
  readonly rows: Counter<'service'>
  readonly statuses: Counter<'view' | 'status'>
  readonly featureAge: Gauge<'view'>
  readonly modelRun: Histogram<'model' | 'version'>
  readonly modelRows: Counter<'model' | 'version'>
  readonly modelLive: Gauge<'model' | 'alias' | 'version'>
  readonly modelDefinitionsChanged: Gauge<'model'>
  readonly modelLoads: Counter<'model' | 'outcome'>
  readonly catalogReloads: Counter<'outcome'>
  readonly logged: Counter<'model'>
  readonly logDropped: Counter<'model' | 'reason'>
  /** Adds a step that brings numbers up to date when they are scraped. */
  beforeScrape(step: () => void): void
  text(): Promise<string>
  close(): void
}

export function servingMetrics(): ServingMetrics {
  const registry = new Registry()
  const registers = [registry]
  const steps: (() => void)[] = []
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  const loopDelay = new Gauge({
    name: 'martlet_event_loop_delay_seconds',
    help: 'Delay of the event loop since the last scrape',
    labelNames: ['quantile'],
    registers,
  })
  steps.push(() => {
    for (const [quantile, percentile] of [
      ['0.5', 50],
      ['0.99', 99],
      ['1', 100],
    ] as const) {
      const nanos = delay.percentile(percentile)
      loopDelay.set({ quantile }, Number.isFinite(nanos) ? nanos / 1e9 : 0)
    }
    delay.reset()
  })
  return {
    registry,
    requests: new Histogram({
      name: 'http_server_request_duration_seconds',
      help: 'Time from the arrival of a request to its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: latencyBuckets,
      registers,
    }),
    inFlight: new Gauge({ name: 'http_server_active_requests', help: 'Requests under way', registers }),
    unsentBytes: new Gauge({
      name: 'martlet_unsent_bytes',
      help: 'Bytes of answers that callers have not read yet',
      registers,
    }),
    rejected: new Counter({
      name: 'martlet_requests_rejected_total',
      help: 'Requests turned away or given up, by reason',
      labelNames: ['reason'],
      registers,
    }),
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
      labelNames: ['view'],
      registers,
    }),
    modelRun: new Histogram({
      name: 'martlet_model_run_duration_seconds',
      help: 'Time a model ran for one request',
      labelNames: ['model', 'version'],
      buckets: latencyBuckets,
      registers,
    }),
    modelRows: new Counter({
      name: 'martlet_model_rows_total',
      help: 'Rows predicted',
      labelNames: ['model', 'version'],
      registers,
    }),
    modelLive: new Gauge({
      name: 'martlet_model_live',
      help: '1 for the version an alias serves now',
      labelNames: ['model', 'alias', 'version'],
      registers,
    }),
    modelDefinitionsChanged: new Gauge({
      name: 'martlet_model_definitions_changed',
      help: 'Views of the live champion that are defined otherwise than when it was registered',
      labelNames: ['model'],
      registers,
    }),
    modelLoads: new Counter({
      name: 'martlet_model_loads_total',
      help: 'Attempts to load a version',
      labelNames: ['model', 'outcome'],
      registers,
    }),
    catalogReloads: new Counter({
      name: 'martlet_catalog_reloads_total',
      help: 'Attempts to take over changed definitions',
      labelNames: ['outcome'],
      registers,
    }),
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
    beforeScrape(step) {
      steps.push(step)
    },
    text() {
      for (const step of steps) step()
      return registry.metrics()
    },
    close() {
      delay.disable()
    },
  }
}
