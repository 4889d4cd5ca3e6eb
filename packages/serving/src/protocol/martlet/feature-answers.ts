import { z } from 'zod'
import { jsonScalar, type JsonScalar } from './json-scalar.ts'

export type StatusOfMissing = 'NULL_VALUE' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE'

/**
 * The feature time of the row that a view answered with, and its age; null when the entity has no row. Of a continuous view
 * when the entity's newest event happened, how long ago that was, and the instant that closed the windows.
 */
export type ViewTime = {
  readonly time: string
  readonly ageSeconds: number
  readonly closedAt?: string | undefined
} | null

export interface FeatureRow {
  readonly keys: Readonly<Record<string, JsonScalar>>
  readonly values: Readonly<Record<string, JsonScalar>>
  readonly missing: Readonly<Record<string, StatusOfMissing>>
  readonly times: Readonly<Record<string, ViewTime>>
  readonly unresolved?: UnresolvedViews | undefined
}

export interface FeaturesAnswer {
  readonly service: string
  readonly rows: readonly FeatureRow[]
}

const status: z.ZodType<StatusOfMissing> = z.enum(['NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE'])

export const missingFeatures: z.ZodType<Readonly<Record<string, StatusOfMissing>>> = z.record(z.string(), status).meta({
  description:
    'The features that are missing, so that their value is null or their default, and why: ' +
    'NULL_VALUE (the row is there, the value is null; ' +
    'or the value was computed on demand, and is null), ' +
    'NOT_FOUND (the entity has no row), OUTSIDE_MAX_AGE (its row is older than the ttl of the view). ' +
    'A feature that is not listed is present.',
})

export const viewTimes: z.ZodType<Readonly<Record<string, ViewTime>>> = z
  .record(
    z.string(),
    z
      .strictObject({ time: z.iso.datetime(), ageSeconds: z.number(), closedAt: z.iso.datetime().optional() })
      .nullable(),
  )
  .meta({
    description:
      'By view: the feature time of the row and its age in seconds when it was read; null when there is no row. ' +
      'Of a continuous view: when the newest event of the entity happened, how long ago that was, and `closedAt`, ' +
      'the instant that closed the windows.',
  })

/** By view: the feature that should have had the key of its entity, and why it did not. */
export type UnresolvedViews = Readonly<Record<string, { readonly feature: string; readonly status: StatusOfMissing }>>

export const unresolvedViews: z.ZodType<UnresolvedViews | undefined> = z
  .record(z.string(), z.strictObject({ feature: z.string(), status }))
  .optional()
  .meta({
    description:
      'Only where the entity of a view is looked up and not known: by view, the `view__feature` that should have its ' +
      'key, and why it has none. The features of that view are NOT_FOUND; without an entry, the entity has no row.',
  })

export const featuresAnswer: z.ZodType<FeaturesAnswer> = z
  .strictObject({
    service: z.string(),
    rows: z.array(
      z.strictObject({
        keys: z.record(z.string(), jsonScalar),
        values: z.record(z.string(), jsonScalar).meta({
          description: '`view__feature` to value; its default, or null, whenever the feature is listed in `missing`.',
        }),
        missing: missingFeatures,
        times: viewTimes,
        unresolved: unresolvedViews,
      }),
    ),
  })
  .meta({ description: 'One row per key, in order.' })

/** The values that requests bring, as bodies have them. */
export type RequestBody = readonly Readonly<Record<string, JsonScalar>>[] | undefined

export const requestBody: z.ZodType<RequestBody> = z
  .array(z.record(z.string(), jsonScalar))
  .optional()
  .meta({
    description:
      'For a service with on-demand features: one object per key, in order, with the values that they are computed from. ' +
      '`GET /v1/catalog/services/{service}` lists them.',
    examples: [[{ km: 4.2 }]],
  })

interface FeaturesBody {
  readonly keys: readonly Readonly<Record<string, JsonScalar>>[]
  readonly request?: RequestBody
  readonly features?: readonly string[] | undefined
}

export const featuresBody: z.ZodType<FeaturesBody> = z.strictObject({
  keys: z
    .array(z.record(z.string(), jsonScalar))
    .min(1)
    .meta({
      description:
        'One object per entity, with exactly the key columns of the service. ' +
        '64-bit keys beyond 2^53 are strings of digits.',
      examples: [[{ customer_id: 'a' }]],
    }),
  request: requestBody,
  features: z
    .array(z.string())
    .min(1)
    .optional()
    .meta({ description: 'Some `view__feature` names of the service. Without it: all.' }),
})
