export {
  createClient,
  RequestRefused,
  type CallOptions,
  type ClientOptions,
  type LongNumber,
  type PredictOptions,
  type RequestOption,
  type ServedRow,
  type ServedVector,
  type ServingClient,
} from './client.ts'
export { createJobsClient, type JobsClient, type JobsClientOptions, type JobsQuery } from './jobs-client.ts'
export { createMonitorsClient, type MonitorsClient, type MonitorsClientOptions } from './monitors-client.ts'
export { createPushClient, type PushClient, type PushClientOptions } from './push-client.ts'
export type { PushAnswer } from '../protocol/push/push-answer.ts'
export type { Job, JobRequest, JobsAnswer, JobSummary } from '../protocol/jobs/job-answers.ts'
export type { MonitorAnswer, MonitorEntry, MonitorsAnswer } from '../protocol/monitors/monitor-answers.ts'
export type { ServingSchema } from '../protocol/serving-schema.ts'
export type { JsonScalar } from '../protocol/martlet/json-scalar.ts'
export type { StatusOfMissing, ViewTime } from '../protocol/martlet/feature-answers.ts'
export type { PredictAnswer, PredictionRow } from '../protocol/martlet/predict-answers.ts'
