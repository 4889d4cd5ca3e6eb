import { z } from 'zod'
import type { WindowClock } from '@martlet/feature-store'
import { jsonScalar, type JsonScalar } from './json-scalar.ts'
import type { ViewProgress } from '../../desk/catalog/serving-catalog.ts'

export interface FieldAnswer {
  /** `view__feature` */
  readonly name: string
  /** The view, or the on-demand feature. */
  readonly view: string
  readonly feature: string
  readonly type: string
  readonly nullable: boolean
  /** What is served where it is missing. */
  readonly default?: JsonScalar
}

export interface KeyAnswer {
  readonly name: string
  readonly type: string
}

/** A value that requests bring, for what is computed on demand. */
export interface RequestAnswer {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
}

export interface ViewSummary {
  readonly name: string
  readonly entity: string
  readonly keys: readonly KeyAnswer[]
  readonly features: number
  readonly hash: string
}

export interface ServiceSummary {
  readonly name: string
  readonly views: readonly string[]
  readonly features: number
  readonly hash: string
}

export interface CatalogAnswer {
  readonly views: readonly ViewSummary[]
  readonly services: readonly ServiceSummary[]
}

export interface ViewAnswer {
  readonly name: string
  readonly entity: string
  readonly keys: readonly KeyAnswer[]
  readonly source: string | null
  /** Seconds; null for a continuous view, which has no feature times. */
  readonly every: number | null
  /** What closes the windows of a continuous view. */
  readonly clock?: WindowClock
  readonly zone: string
  readonly delay: number
  readonly ttl: number | null
  readonly repair: number
  readonly features: readonly {
    readonly name: string
    readonly kind: string
    readonly type: string
    readonly nullable: boolean
  }[]
  readonly hash: string
  /** Null when the server's catalog does not know it. */
  readonly progress: ViewProgress | null
}

export interface ServiceAnswer {
  readonly name: string
  readonly keys: readonly KeyAnswer[]
  readonly request: readonly RequestAnswer[]
  readonly fields: readonly FieldAnswer[]
  readonly hash: string
}

const key: z.ZodType<KeyAnswer> = z.strictObject({ name: z.string(), type: z.string() })
const seconds = (description: string) => z.number().meta({ description: `${description}, in seconds` })

export const catalogAnswer: z.ZodType<CatalogAnswer> = z.strictObject({
  views: z.array(
    z.strictObject({ name: z.string(), entity: z.string(), keys: z.array(key), features: z.int(), hash: z.string() }),
  ),
  services: z.array(
    z.strictObject({ name: z.string(), views: z.array(z.string()), features: z.int(), hash: z.string() }),
  ),
})

export const viewAnswer: z.ZodType<ViewAnswer> = z.strictObject({
  name: z.string(),
  entity: z.string(),
  keys: z.array(key),
  source: z.string().nullable().meta({ description: 'The table it is computed from; null for a calendar.' }),
  every: seconds('Distance of feature times; null for a continuous view, which has none').nullable(),
  clock: z
    .literal(['wall', 'newest event'])
    .meta({ description: 'What closes the windows of a continuous view' })
    .exactOptional(),
  zone: z.string(),
  delay: seconds('Time that facts take to arrive'),
  ttl: seconds('Age from which a row is OUTSIDE_MAX_AGE').nullable(),
  repair: seconds('How far back late facts change rows'),
  features: z.array(z.strictObject({ name: z.string(), kind: z.string(), type: z.string(), nullable: z.boolean() })),
  hash: z.string(),
  progress: z
    .strictObject({
      watermark: z.iso.datetime().nullable().meta({ description: 'Feature times before this are materialized.' }),
      published: z.iso.datetime().nullable().meta({ description: 'The newest feature time in the online store.' }),
      lastRun: z
        .strictObject({ outcome: z.string(), finishedAt: z.iso.datetime().nullable(), rows: z.int() })
        .nullable(),
    })
    .nullable(),
})

export const serviceAnswer: z.ZodType<ServiceAnswer> = z.strictObject({
  name: z.string(),
  keys: z.array(key),
  request: z
    .array(z.strictObject({ name: z.string(), type: z.string(), nullable: z.boolean() }))
    .meta({ description: 'The values that requests bring, for what is computed on demand.' }),
  fields: z.array(
    z.strictObject({
      name: z.string(),
      view: z.string(),
      feature: z.string(),
      type: z.string(),
      nullable: z.boolean(),
      default: jsonScalar.exactOptional().meta({ description: 'What is served where it is missing.' }),
    }),
  ),
  hash: z.string(),
})
