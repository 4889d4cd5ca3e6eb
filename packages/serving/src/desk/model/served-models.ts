import { Problem } from '../problem.ts'
import type { LiveModels } from './live/live-models.ts'
import type { ModelReads } from './feed/model-reads.ts'
import type { ModelSource } from './model-source.ts'
import type { Predictor } from './predict/predictor.ts'
import type { TensorRuns } from './predict/tensor-runs.ts'
import type { RolloutDesk } from './rollout/rollout-desk.ts'

/** Everything about the models of a registry. */
export interface ServedModels {
  readonly source: ModelSource
  readonly live: LiveModels
  readonly reads: ModelReads
  readonly rollouts: RolloutDesk
  readonly predictor: Predictor
  readonly tensors: TensorRuns
}

/**
 * The models of a desk.
 *
 * @throws Problem `NO_REGISTRY` (404) when the server was started without a registry
 */
export function requireModels({ models }: { readonly models: ServedModels | undefined }): ServedModels {
  if (models !== undefined) return models
  const detail = 'This server serves features only. It was started without a registry.'
  throw new Problem(404, 'NO_REGISTRY', detail)
}
