export {
  createClient,
  RequestRefused,
  type CallOptions,
  type ClientOptions,
  type PredictOptions,
  type ServedRow,
  type ServedVector,
  type ServingClient,
} from './client.ts'
export type { ServingSchema } from '../http/serving-schema.ts'
export type { JsonScalar, PredictAnswer, PredictionRow, StatusOfMissing, ViewTime } from '../http/answers.ts'
