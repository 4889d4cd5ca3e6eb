import type { z } from 'zod'
import type { Scope } from './api-keys.ts'

export type RouteId =
  | 'readFeatures'
  | 'readOneFeatures'
  | 'predict'
  | 'catalog'
  | 'catalogView'
  | 'catalogService'
  | 'models'
  | 'model'
  | 'modelVersion'
  | 'aliasHistory'
  | 'live'
  | 'ready'
  | 'metrics'
  | 'openapi'
  | 'docs'

export interface RouteParameter {
  readonly in: 'path' | 'query'
  readonly description: string
  readonly schema: z.ZodType
  readonly required: boolean
}

/** One entry of the route table: what is routed, checked, documented and tested from one statement. */
export interface Route {
  readonly id: RouteId
  readonly group: 'features' | 'models' | 'catalog' | 'operations'
  readonly method: 'GET' | 'POST'
  /** In Hono's notation: `/v1/features/:service`. */
  readonly path: string
  readonly summary: string
  readonly description?: string
  /** Null: open to everybody. */
  readonly scope: Scope | null
  readonly parameters: Readonly<Record<string, RouteParameter>>
  readonly body?: z.ZodType
  /** The 200 answer: a schema for JSON, or the content type of something else. */
  readonly answer: z.ZodType | string
  /** Statuses of problem answers, besides 500. */
  readonly problems: readonly number[]
}

/** What the gate needs to know of a route. */
export interface GatedRoute extends Pick<Route, 'group' | 'path' | 'scope'> {
  /** As it stands in the metrics. */
  readonly method: Route['method'] | 'OTHER'
}
