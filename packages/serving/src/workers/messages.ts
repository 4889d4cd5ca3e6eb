import type { MetricSamples } from '../desk/desk-metrics.ts'

/** What a worker knows about itself. */
export interface WorkerReport {
  /** Connections open now. */
  readonly open: number
  /** Bytes of memory that the process has from the kernel. */
  readonly memory: number
}

/** What the parent tells a worker. A connection comes as the handle of its message. */
export type ToWorker =
  | { readonly kind: 'connection' }
  /** Every worker is ready, and the port is open. */
  | { readonly kind: 'listening'; readonly url: string; readonly port: number }
  | { readonly kind: 'measure'; readonly id: number }
  /** The metrics of all workers as text, which the worker has asked for. */
  | { readonly kind: 'page'; readonly id: number; readonly text: string }
  /** So many connections are to end with their next answer, so that their clients connect to another worker. */
  | { readonly kind: 'shed'; readonly connections: number }
  /** `handOver`: others go on, so clients may be given time to move. */
  | { readonly kind: 'stop'; readonly handOver: boolean }
  | { readonly kind: 'force' }

/** What a worker tells its parent. */
export type ToParent =
  | { readonly kind: 'ready' }
  /** It finishes what is under way and ends, whoever asked it to. */
  | { readonly kind: 'leaving' }
  /** A connection has arrived; the parent lets go of it. */
  | ({ readonly kind: 'taken' } & WorkerReport)
  | ({ readonly kind: 'report' } & WorkerReport)
  | ({ readonly kind: 'measured'; readonly id: number; readonly samples: MetricSamples } & WorkerReport)
  /** Its last numbers; it is about to end. */
  | { readonly kind: 'last'; readonly samples: MetricSamples }
  | { readonly kind: 'ask-page'; readonly id: number }

/**
 * The variable of the environment that makes a process a worker: its number, how many there are, and the host that its
 * parent listens on.
 */
export const WORKER_VARIABLE = 'MARTLET_WORKER'
