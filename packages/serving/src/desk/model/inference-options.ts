import { MartletError } from '@martlet/warehouse'
import type { Batching } from './predict/shared-runs.ts'

/** Where models run, and how requests share runs. */
export interface InferenceOptions {
  /**
   * Threads of each model whose run of one row takes `threadFromMs` or longer, each with a copy of the model in memory; such a model
   * does not hold up other requests, and it is loaded off the event loop. Faster models run on the event loop, where they answer
   * sooner. `'auto'`: one. 0: none.
   * @default 'auto'
   */
  readonly threads?: number | 'auto'
  /** Milliseconds. @default 0.3 */
  readonly threadFromMs?: number
  /** How requests that arrive together share runs of a model that gives the same answers then; `false`: they do not. */
  readonly batching?: Batching | false
}

/** The options with defaults filled in. */
export interface Inference {
  readonly threads: number
  readonly threadFromMs: number
  readonly batching: Batching
}

const MOST_THREADS = 32
const LONGEST_WAIT_MS = 1000

/**
 * The options with defaults filled in.
 *
 * @throws MartletError `INVALID_INFERENCE` when a number could not work
 */
export function inferenceOf({ threads = 'auto', threadFromMs = 0.3, batching = {} }: InferenceOptions = {}): Inference {
  const { waitMs = 0, rows = 64 } = batching === false ? { rows: 1 } : batching
  const whole = (name: string, value: number, least: number, most: number): void => {
    if (Number.isSafeInteger(value) && value >= least && value <= most) return
    throw invalid(name, value, `a whole number from ${least} to ${most}`)
  }
  const count = threads === 'auto' ? 1 : threads
  whole('threads', count, 0, MOST_THREADS)
  whole('batching.rows', rows, 1, 100_000)
  if (!(threadFromMs >= 0 && Number.isFinite(threadFromMs)))
    throw invalid('threadFromMs', threadFromMs, 'milliseconds of at least 0')
  if (!(waitMs >= 0 && waitMs <= LONGEST_WAIT_MS))
    throw invalid('batching.waitMs', waitMs, `milliseconds from 0 to ${LONGEST_WAIT_MS}`)
  return { threads: count, threadFromMs, batching: { waitMs, rows } }
}

function invalid(name: string, value: unknown, wanted: string): MartletError {
  return new MartletError('INVALID_INFERENCE', `inference.${name} is ${String(value)}. Give ${wanted}.`, {
    data: { name, value },
  })
}
