export { serving, type ServingApp, type ServingLife, type ServingOptions } from './serving.ts'
export { listen, type Listening, type ListenOptions } from './listen.ts'
export type { TlsFiles } from './tls-server.ts'
export { serveWorkers, type ServeWorkersOptions, type ServingWorkers } from './workers/serve-workers.ts'
export { servingWorker, type ServingWorker } from './workers/serving-worker.ts'
export type { WorkerEvent } from './workers/worker-pool.ts'
export { fixedCatalog, type ServingCatalog, type ViewProgress } from './desk/catalog/serving-catalog.ts'
export { servingCatalog } from './desk/catalog/from-catalog.ts'
export { registryModels, type RegistryModelsOptions } from './desk/model/from-registry.ts'
export type {
  AliasTarget,
  FeatureMatrix,
  InputTensor,
  MissingPolicy,
  ModelSource,
  ModelTensors,
  OutputTensor,
  ServableModel,
  TensorSlot,
} from './desk/model/model-source.ts'
export type { InferenceOptions } from './desk/model/inference-options.ts'
export type { Batching } from './desk/model/predict/shared-runs.ts'
export type { RateLimit, Scope } from './desk/principal.ts'
export { hashApiKey, type ApiKey, type GivenScope } from './http/access/api-keys.ts'
export type { JwtAlgorithm, JwtOptions } from './http/access/jwt/jwt-options.ts'
export type { AuditOptions } from './audit/audit-log.ts'
export type { Auth, Callers } from './http/access/authenticator.ts'
export type { Limits } from './desk/limits.ts'
export type { Gateway } from './http/access/open-access.ts'
export type { Failure } from './http/failure.ts'
export type { OpenTelemetry } from './http/telemetry/open-telemetry.ts'
export { Problem, type ProblemDetails } from './desk/problem.ts'
export type { ProblemBody } from './http/problem/problem-body.ts'
export { openapiDocument } from './openapi-document.ts'
export type { PredictionLogOptions } from './log/prediction-log.ts'
export { eraseLogRows, type LogErasure, type LogErasureOptions } from './log/erase-log-rows.ts'
export { recoverLogs } from './log/recover.ts'
export type { JsonScalar } from './protocol/martlet/json-scalar.ts'
export type { FeatureRow, FeaturesAnswer, StatusOfMissing, ViewTime } from './protocol/martlet/feature-answers.ts'
export type { PredictAnswer, PredictionRow } from './protocol/martlet/predict-answers.ts'
export type { PushAnswer } from './protocol/push/push-answer.ts'
export type { CatalogAnswer, ServiceAnswer, ViewAnswer } from './protocol/martlet/catalog-answers.ts'
export type { AliasHistoryAnswer, ModelAnswer, ModelsAnswer, RolloutAnswer } from './protocol/martlet/model-answers.ts'
export type { VersionAnswer } from './desk/model/registered-model.ts'
export type { LiveAnswer } from './protocol/operations/health-answers.ts'
export { catalogJobs } from './desk/jobs/job-queue.ts'
export type {
  JobQueue,
  JobQueueOptions,
  KnownMonitor,
  KnownToJobs,
  KnownTrainingSet,
  NewJob,
} from './desk/jobs/job-queue.ts'
export { DEFAULT_JOB_LIMITS, type JobLimits } from './desk/jobs/job-limits.ts'
export {
  isJobKind,
  JOB_KINDS,
  JOB_STATES,
  MOST_PRIORITY,
  type AnyJobKind,
  type DeclaredKind,
  type JobKind,
} from './desk/jobs/job-kinds.ts'
export type {
  ArgumentsByKind,
  DriftArguments,
  JobArguments,
  MaterializeArguments,
  ScoreArguments,
  TrainingSetArguments,
} from './desk/jobs/job-arguments.ts'
export { checkedJob, isBuiltIn, type AskedJob, type BuiltInJob, type DeclaredJob } from './desk/jobs/checked-job.ts'
export { checkNames as checkJobNames, type JobNames } from './desk/jobs/job-names.ts'
export type { JobRequest } from './desk/jobs/job-request.ts'
export type { Job, JobSummary } from './desk/jobs/job.ts'
export type { JobsAnswer } from './protocol/jobs/job-answers.ts'
export { createPushClient, type PushClient, type PushClientOptions } from './client/push-client.ts'
export { createMonitorsClient, type MonitorsClient, type MonitorsClientOptions } from './client/monitors-client.ts'
export type { MonitorAnswer, MonitorEntry, MonitorsAnswer } from './protocol/monitors/monitor-answers.ts'
export { createJobsClient, type JobsClient, type JobsClientOptions, type JobsQuery } from './client/jobs-client.ts'
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
