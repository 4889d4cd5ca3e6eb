import type { FeaturesAnswer, JsonScalar, PredictAnswer } from './answers.ts'
import type { CatalogAnswer, ServiceAnswer, ViewAnswer } from './catalog-answers.ts'
import type { AliasHistoryAnswer, ModelAnswer, ModelsAnswer, VersionAnswer } from './model-answers.ts'
import type { LiveAnswer, ReadyAnswer } from './operations-answers.ts'

/** A type and no interface: Hono's client only takes what could have an index signature. */
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
  '/health/live': { $get: Endpoint<object, LiveAnswer> }
  '/health/ready': { $get: Endpoint<object, ReadyAnswer> }
}
