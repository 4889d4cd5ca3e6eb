import { Counter, Histogram } from 'prom-client'
import { LATENCY_BUCKETS, type MetricsPage } from '../desk-metrics.ts'

/** What is measured about pushed events. */
export interface PushMetrics {
  readonly events: Counter<'source' | 'outcome'>
  readonly append: Histogram<'source'>
}

export function pushMetrics({ registry }: Pick<MetricsPage, 'registry'>): PushMetrics {
  const registers = [registry]
  return {
    events: new Counter({
      name: 'martlet_push_events_total',
      help: 'Pushed events by what became of them: accepted, repeated, or rejected into the quarantine',
      labelNames: ['source', 'outcome'],
      registers,
    }),
    append: new Histogram({
      name: 'martlet_push_append_duration_seconds',
      help: 'Time until the events of one request were durable',
      labelNames: ['source'],
      buckets: [...LATENCY_BUCKETS],
      registers,
    }),
  }
}
