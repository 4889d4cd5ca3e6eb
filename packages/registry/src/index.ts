export { openRegistry, type Registry, type RegistryOptions } from './registry.ts'

export type { TrainingSetNote } from './erase/note-training-set.ts'
export type { Redacted, Redaction } from './erase/redact-registry.ts'

export type { ArtifactStore } from './artifact/artifact-store.ts'
export { readOnnxFile, type OnnxFile } from './artifact/onnx-file.ts'
export { externalLocations, type ExternalData } from './artifact/onnx/external-data.ts'
export { folderArtifacts } from './artifact/folder-artifacts.ts'
export { cutOutputs, type OutputCut } from './artifact/onnx/cut-outputs.ts'
export type { ElementType, TensorArrays } from './artifact/onnx/element-type.ts'
export { linearRegressionOnnx, type LinearModel } from './artifact/onnx/linear-regression.ts'
export type { Link } from './artifact/onnx/links.ts'
export { logisticRegressionOnnx, type LogisticModel } from './artifact/onnx/logistic-regression.ts'
export { readOnnx, type LocalFunction, type OnnxGraph } from './artifact/onnx/onnx-graph.ts'
export { readTensorGraph, type TensorGraph, type TensorSpec } from './artifact/onnx/tensor-graph.ts'
export { treeEnsembleOnnx, type TreeEnsemble, type TreeNode, type TreeSplit } from './artifact/onnx/tree-ensemble.ts'
export { unboundedOperators } from './artifact/onnx/unbounded.ts'
export type { Dimension, GraphValue, ValueType } from './artifact/onnx/value-type.ts'

export type { InputMapping } from './signature/bind-columns.ts'
export type { GoldenRows, OutputValue, Replay } from './run/golden-rows.ts'
export { readSignature } from './signature/read-signature.ts'
export type { GivenGoldenRows } from './register/given-golden-rows.ts'
export type { Registered, Registration } from './register/register-version.ts'
export type { FieldBinding, ModelSignature, NullPolicy, OutputSpec } from './signature/signature.ts'
export type { BatchCost, Trial, TrialOptions } from './run/trial.ts'

export type { JsonValue } from './store/json.ts'
export type { ModelVersion, RegisteredModel } from './version/model-version.ts'
export type { ModelArtifact } from './load/read-artifact.ts'
export type { SweepOptions, Swept, UnusedArtifact } from './version/sweep-artifacts.ts'
export type { VersionFilter } from './version/read-versions.ts'
export { lineageStart, versionsOfLineage } from './version/versions-of-lineage.ts'

export type { AliasHistory, AliasMove } from './promote/alias-log.ts'
export type { MoveReason, SetAliasOptions } from './promote/move-alias.ts'
export { liveModels } from './promote/live-models.ts'
export type { AliasTarget } from './promote/resolve.ts'
export type { PromotionPolicy, ProposedMove } from './promote/promotion-policy.ts'

export type { ChangeRollout } from './rollout/change-rollout.ts'
export type { EvidenceRecord, RolloutSide } from './rollout/evidence.ts'
export type { RolloutFilter } from './rollout/read-rollouts.ts'
export {
  presentStep,
  type GivenStep,
  type PinnedVersion,
  type Rollout,
  type RolloutGuards,
  type RolloutState,
  type RolloutStep,
} from './rollout/rollout.ts'
export type { Rollouts } from './rollout/rollouts.ts'
export type { StartRollout } from './rollout/start-rollout.ts'
export {
  latencyBucket,
  latencyQuantile,
  mergedEvidence,
  noEvidence,
  SAMPLE_SIZE,
  type SampledScore,
  type VersionEvidence,
} from './rollout/version-evidence.ts'

export type { FeatureRow, FeatureSource } from './run/feature-rows.ts'
export { loadModel, type LoadedModel, type LoadOptions, type ModelReference } from './load/load-model.ts'
export type { IsolationOptions } from './load/open-verified.ts'
export type { ModelRunner } from './run/model-runner.ts'

export { isolatedRuntime } from './runtime/isolated/isolated-runtime.ts'
export type { IsolationLimits } from './runtime/isolated/isolation-limits.ts'
export type { GivenTensor } from './runtime/given-tensor.ts'
export { threadedRuntime } from './runtime/threaded/threaded-runtime.ts'
export type { ThreadLimits } from './runtime/threaded/thread-limits.ts'
export { nodeRuntime } from './runtime/node-runtime.ts'
export type { OnnxRuntime, OnnxSession, ProcessUsage, Tensor, Tensors } from './runtime/onnx-runtime.ts'

export { snowflakeStore } from './store/snowflake-store.ts'
export { sqliteDialect } from './store/sqlite-dialect.ts'
export type { RegistryDb, StoreDialect } from './store/store-dialect.ts'
export type { RegistryTables } from './store/tables.ts'
