export { serving, type ServingApp, type ServingLife, type ServingOptions } from './serving.ts'
export { listen, type Listening, type ListenOptions } from './listen.ts'
export { fixedCatalog, type ServingCatalog, type ViewProgress } from './catalog/serving-catalog.ts'
export { servingCatalog } from './catalog/from-catalog.ts'
export { registryModels } from './model/from-registry.ts'
export type { RegistryModelsOptions } from './model/from-registry.ts'
export type {
  AliasTarget,
  FeatureMatrix,
  MissingPolicy,
  ModelSource,
  OutputTensor,
  ServableModel,
} from './model/model-source.ts'
export { hashApiKey, type ApiKey, type Auth, type Scope } from './http/api-keys.ts'
export type { Limits } from './http/limits.ts'
export type { Gateway } from './http/open-access.ts'
export type { Failure } from './http/gate.ts'
export { Problem, type ProblemBody, type ProblemDetails } from './http/problem.ts'
export { openapiDocument } from './http/openapi.ts'
export type { PredictionLogOptions } from './log/prediction-log.ts'
export { eraseLogRows, type LogErasure, type LogErasureOptions } from './log/erase-log-rows.ts'
export { recoverLogs } from './log/recover.ts'
export type {
  FeatureRow,
  FeaturesAnswer,
  JsonScalar,
  PredictAnswer,
  PredictionRow,
  StatusOfMissing,
  ViewTime,
} from './http/answers.ts'
export type { CatalogAnswer, ServiceAnswer, ViewAnswer } from './http/catalog-answers.ts'
export type { AliasHistoryAnswer, ModelAnswer, ModelsAnswer, VersionAnswer } from './http/model-answers.ts'
export type { LiveAnswer, ReadyAnswer, ReadyCheck } from './http/operations-answers.ts'
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
export type { ServingSchema } from './http/serving-schema.ts'
