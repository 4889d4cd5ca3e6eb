import { AggregatorRegistry, Counter, Gauge, Registry } from 'prom-client'
import { fromZero, type MetricSamples } from '../desk/desk-metrics.ts'

export type RestartReason = 'ended' | 'asked'

/** What is measured about the workers themselves. */
export interface WorkerMetrics {
  readonly workers: Gauge<'state'>
  readonly restarts: Counter<'reason'>
  readonly lost: Counter
  readonly refused: Counter
  readonly unheard: Gauge
  readonly connections: Gauge<'worker'>
  readonly memory: Gauge<'worker'>
}

/** The metrics of several processes as those of one. */
export interface MergedMetrics extends WorkerMetrics {
  /** Keeps the counts of a worker that has ended, so that sums never fall. */
  keep(last: MetricSamples): void
  text(samples: readonly MetricSamples[]): Promise<string>
}

export function mergedMetrics(): MergedMetrics {
  const registry = new Registry()
  let ended = Promise.resolve<MetricSamples>([])
  return {
    ...workerMetrics([registry]),
    keep(last) {
      // What is now, such as requests under way, has ended with its process.
      const counts = last.filter(({ type }) => isCount(String(type)))
      ended = ended.then((sum) => AggregatorRegistry.aggregate([sum, counts]).getMetricsAsJSON())
    },
    async text(samples) {
      return AggregatorRegistry.aggregate([await ended, ...samples, await registry.getMetricsAsJSON()]).metrics()
    },
  }
}

/** Counters and histograms only ever grow. */
export function isCount(type: string): boolean {
  return type === 'counter' || type === 'histogram'
}

/** Adds the metrics of workers to registries. */
export function workerMetrics(registers: Registry[]): WorkerMetrics {
  const restarts = new Counter({
    name: 'martlet_serving_worker_restarts_total',
    help: 'Workers that were replaced, because they ended or because it was asked for',
    labelNames: ['reason'],
    registers,
  })
  fromZero(restarts, ['ended', 'asked'])
  return {
    workers: new Gauge({
      name: 'martlet_serving_workers',
      help: 'Worker processes by state: ready, starting, stopping',
      labelNames: ['state'],
      registers,
    }),
    restarts,
    lost: new Counter({
      name: 'martlet_serving_connections_lost_total',
      help: 'Connections that were open when their worker crashed',
      registers,
    }),
    refused: new Counter({
      name: 'martlet_serving_connections_refused_total',
      help: 'Connections that no worker took in time',
      registers,
    }),
    unheard: new Gauge({
      name: 'martlet_serving_workers_unheard',
      help: 'Workers that did not answer this scrape: their counts are those of the last one, their gauges left out',
      registers,
    }),
    connections: new Gauge({
      name: 'martlet_serving_worker_connections',
      help: 'Connections open, by worker',
      labelNames: ['worker'],
      registers,
    }),
    memory: new Gauge({
      name: 'martlet_serving_worker_memory_bytes',
      help: 'Resident memory, by worker; 0 is the process that started them',
      labelNames: ['worker'],
      registers,
    }),
  }
}
