import type { RolloutSide } from '@martlet/registry'
import type { ServableModel } from '../model-source.ts'
import type { FilledRows } from './filled-rows.ts'
import type { PreparedRead } from '../../features/prepared-read.ts'
import type { PredictionWriter } from './prediction-writer.ts'
import type { Outputs } from './split-outputs.ts'

/** Some rows of a request with their predictions. */
export interface PredictedRows extends FilledRows {
  readonly outputs: Outputs
  /** How long the model ran. */
  readonly runMs: number
  readonly writePrediction: PredictionWriter
}

/** Some rows of one prediction request, with everything that a log records about them. */
export interface PredictionEntry extends PredictedRows {
  readonly requestId: string
  /** The trace of the request; left out of the log when there is none. */
  readonly traceId?: string | undefined
  /** Microseconds since the epoch. */
  readonly at: bigint
  readonly model: ServableModel
  readonly read: PreparedRead
  /** Of a model with a running roll-out: which one, and as what the version predicted. Shadow predictions were never answered. */
  readonly trial?: { readonly rollout: number; readonly role: RolloutSide | 'shadow' } | undefined
}

/** Where predictions go in addition to their answers. */
export interface PredictionSink {
  /** All rows of one request. */
  offer(entries: readonly PredictionEntry[]): void
}
