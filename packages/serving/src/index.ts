export { serving, type ServingApp, type ServingLife, type ServingOptions } from './serving.ts'
export { listen, type Listening, type ListenOptions } from './listen.ts'
export { fixedCatalog, type ServingCatalog, type ViewProgress } from './desk/catalog/serving-catalog.ts'
export { servingCatalog } from './desk/catalog/from-catalog.ts'
export { registryModels, type RegistryModelsOptions } from './desk/model/from-registry.ts'
export type {
  AliasTarget,
  FeatureMatrix,
  MissingPolicy,
  ModelSource,
  OutputTensor,
  ServableModel,
} from './desk/model/model-source.ts'
export type { InferenceOptions } from './desk/model/inference-options.ts'
export type { Batching } from './desk/model/predict/shared-runs.ts'
export type { Scope } from './desk/principal.ts'
export { hashApiKey, type ApiKey } from './http/access/api-keys.ts'
export type { Auth } from './http/access/authenticator.ts'
export type { Limits } from './desk/limits.ts'
export type { Gateway } from './http/access/open-access.ts'
export type { Failure } from './http/failure.ts'
export { Problem, type ProblemDetails } from './desk/problem.ts'
export type { ProblemBody } from './http/problem/problem-body.ts'
export { openapiDocument } from './openapi-document.ts'
export type { PredictionLogOptions } from './log/prediction-log.ts'
export { eraseLogRows, type LogErasure, type LogErasureOptions } from './log/erase-log-rows.ts'
export { recoverLogs } from './log/recover.ts'
export type { JsonScalar } from './protocol/martlet/json-scalar.ts'
export type { FeatureRow, FeaturesAnswer, StatusOfMissing, ViewTime } from './protocol/martlet/feature-answers.ts'
export type { PredictAnswer, PredictionRow } from './protocol/martlet/predict-answers.ts'
export type { CatalogAnswer, ServiceAnswer, ViewAnswer } from './protocol/martlet/catalog-answers.ts'
export type { AliasHistoryAnswer, ModelAnswer, ModelsAnswer } from './protocol/martlet/model-answers.ts'
export type { VersionAnswer } from './desk/model/registered-model.ts'
export type { LiveAnswer } from './protocol/operations/health-answers.ts'
export type { ReadyAnswer, ReadyCheck } from './desk/readiness.ts'
export {
  createClient,
  RequestRefused,
  type CallOptions,
  type ClientOptions,
  type PredictOptions,
  type ServedRow,
  type ServedVector,
  type ServingClient,
} from './client/client.ts'
export type { ServingSchema } from './protocol/serving-schema.ts'
