import type { VersionAnswer } from '../desk/model/registered-model.ts'
import type { JobRequest } from '../desk/jobs/job-request.ts'
import type { Job } from '../desk/jobs/job.ts'
import type { ReadyAnswer } from '../desk/readiness.ts'
import type { JobsAnswer } from './jobs/job-answers.ts'
import type { CatalogAnswer, ServiceAnswer, ViewAnswer } from './martlet/catalog-answers.ts'
import type { FeaturesAnswer } from './martlet/feature-answers.ts'
import type { JsonScalar } from './martlet/json-scalar.ts'
import type { AliasHistoryAnswer, ModelAnswer, ModelsAnswer } from './martlet/model-answers.ts'
import type { PredictAnswer } from './martlet/predict-answers.ts'
import type { MonitorAnswer, MonitorsAnswer } from './monitors/monitor-answers.ts'
import type { PushAnswer } from './push/push-answer.ts'
import type { LiveAnswer } from './operations/health-answers.ts'

/** A type instead of an interface, because Hono's client needs an implicit index signature. */
type Endpoint<Input, Output> = { input: Input; output: Output; outputFormat: 'json'; status: 200 }

type Keys = readonly Readonly<Record<string, JsonScalar>>[]

/** The routes as `hc<ServingApp>(url)` sees them. */
export type ServingSchema = {
  '/v1/features/:service': {
    $post: Endpoint<{ param: { service: string }; json: { keys: Keys; features?: readonly string[] } }, FeaturesAnswer>
    $get: Endpoint<{ param: { service: string }; query: Record<string, string> }, FeaturesAnswer>
  }
  '/v1/models/:model/predict': {
    $post: Endpoint<
      {
        param: { model: string }
        json: { keys: Keys; alias?: string; version?: number; requireFeatures?: 'some' | 'all' }
      },
      PredictAnswer
    >
  }
  '/v1/catalog': { $get: Endpoint<object, CatalogAnswer> }
  '/v1/catalog/views/:view': { $get: Endpoint<{ param: { view: string } }, ViewAnswer> }
  '/v1/catalog/services/:service': { $get: Endpoint<{ param: { service: string } }, ServiceAnswer> }
  '/v1/models': { $get: Endpoint<object, ModelsAnswer> }
  '/v1/models/:model': { $get: Endpoint<{ param: { model: string } }, ModelAnswer> }
  '/v1/models/:model/versions/:version': {
    $get: Endpoint<{ param: { model: string; version: string } }, VersionAnswer>
  }
  '/v1/models/:model/aliases/:alias/history': {
    $get: Endpoint<{ param: { model: string; alias: string }; query: { at?: string } }, AliasHistoryAnswer>
  }
  '/v1/jobs': {
    $post: Endpoint<{ json: JobRequest }, Job>
    $get: Endpoint<{ query: { state?: string; kind?: string; limit?: string; after?: string } }, JobsAnswer>
  }
  '/v1/jobs/:id': { $get: Endpoint<{ param: { id: string } }, Job> }
  '/v1/jobs/:id/cancel': { $post: Endpoint<{ param: { id: string } }, Job> }
  '/v1/monitors': { $get: Endpoint<object, MonitorsAnswer> }
  '/v1/monitors/:monitor': { $get: Endpoint<{ param: { monitor: string } }, MonitorAnswer> }
  '/v1/push/:source': {
    $post: Endpoint<
      {
        param: { source: string }
        json: Readonly<Record<string, unknown>> | readonly Readonly<Record<string, unknown>>[]
      },
      PushAnswer
    >
  }
  '/health/live': { $get: Endpoint<object, LiveAnswer> }
  '/health/ready': { $get: Endpoint<object, ReadyAnswer> }
}
