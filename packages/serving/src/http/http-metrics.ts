import { Counter, Gauge, Histogram } from 'prom-client'
import { fromZero, LATENCY_BUCKETS, type MetricsPage } from '../desk/desk-metrics.ts'

/** What is measured about requests. */
export interface HttpMetrics {
  readonly requests: Histogram<'method' | 'route' | 'status'>
  readonly inFlight: Gauge
  readonly unsentBytes: Gauge
  readonly rejected: Counter<'reason'>
}

/** Adds the metrics of requests to a page. */
export function httpMetrics({ registry }: MetricsPage): HttpMetrics {
  const registers = [registry]
  const rejected = new Counter({
    name: 'martlet_requests_rejected_total',
    help: 'Requests refused or abandoned, by reason',
    labelNames: ['reason'],
    registers,
  })
  fromZero(rejected, ['overloaded', 'deadline', 'unread'])
  return {
    requests: new Histogram({
      name: 'http_server_request_duration_seconds',
      help: 'Time from the arrival of a request to its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: [...LATENCY_BUCKETS],
      registers,
    }),
    inFlight: new Gauge({ name: 'http_server_active_requests', help: 'Requests under way', registers }),
    unsentBytes: new Gauge({
      name: 'martlet_unsent_bytes',
      help: 'Bytes of answers that callers have not read yet',
      registers,
    }),
    rejected,
  }
}
