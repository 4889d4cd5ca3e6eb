import { z } from 'zod'

/** A JSON scalar, as keys, feature values and request values are. */
export type JsonScalar = string | number | boolean | null
export type StatusOfMissing = 'NULL_VALUE' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE'

/** When the row that a view answered with was computed for, and how old it is; null when the entity has no row. */
export type ViewTime = { readonly time: string; readonly ageSeconds: number } | null

export interface FeatureRow {
  readonly keys: Readonly<Record<string, JsonScalar>>
  readonly values: Readonly<Record<string, JsonScalar>>
  readonly missing: Readonly<Record<string, StatusOfMissing>>
  readonly times: Readonly<Record<string, ViewTime>>
}

export interface FeaturesAnswer {
  readonly service: string
  readonly rows: readonly FeatureRow[]
}

const scalar: z.ZodType<JsonScalar> = z.union([z.string(), z.number(), z.boolean(), z.null()])
const status: z.ZodType<StatusOfMissing> = z.enum(['NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE'])

const missing = z.record(z.string(), status).meta({
  description:
    'The features whose value is null and why: NULL_VALUE (the row is there, the value is null), NOT_FOUND (the entity has no row), OUTSIDE_MAX_AGE (its row is older than the ttl of the view). A feature that is not listed is present.',
})
const times = z.record(z.string(), z.strictObject({ time: z.iso.datetime(), ageSeconds: z.number() }).nullable()).meta({
  description:
    'By view: the feature time of the row and its age in seconds when it was read; null when there is no row.',
})

export const featuresAnswer: z.ZodType<FeaturesAnswer> = z
  .strictObject({
    service: z.string(),
    rows: z.array(
      z.strictObject({
        keys: z.record(z.string(), scalar),
        values: z
          .record(z.string(), scalar)
          .meta({ description: '`view__feature` to value; null whenever the feature is listed in `missing`.' }),
        missing,
        times,
      }),
    ),
  })
  .meta({ description: 'One row for each key asked for, in order.' })

export const featuresBody: z.ZodType<{
  readonly keys: readonly Readonly<Record<string, JsonScalar>>[]
  readonly features?: readonly string[] | undefined
}> = z.strictObject({
  keys: z
    .array(z.record(z.string(), scalar))
    .min(1)
    .meta({
      description:
        'One object for each entity row, holding exactly the key columns of the service. 64-bit keys beyond 2^53 are strings of digits.',
      examples: [[{ customer_id: 'a' }]],
    }),
  features: z
    .array(z.string())
    .min(1)
    .optional()
    .meta({ description: 'Some `view__feature` names of the service; left out: all.' }),
})

export interface PredictionRow {
  readonly keys: Readonly<Record<string, JsonScalar>>
  readonly prediction: Readonly<Record<string, JsonScalar | readonly JsonScalar[]>>
  /** How much of what the model reads was there, calendars aside: `none` is a prediction about an entity of which nothing is known. */
  readonly features: 'all' | 'some' | 'none'
  readonly missing: Readonly<Record<string, StatusOfMissing>>
  readonly times: Readonly<Record<string, ViewTime>>
}

export interface PredictAnswer {
  readonly model: string
  readonly version: number
  readonly sha256: string
  readonly service: string
  readonly rows: readonly PredictionRow[]
}

export const predictAnswer: z.ZodType<PredictAnswer> = z.strictObject({
  model: z.string(),
  version: z.int(),
  sha256: z.string().meta({ description: 'SHA-256 of the model file that ran.' }),
  service: z.string().meta({ description: 'The feature service that filled the input.' }),
  rows: z.array(
    z.strictObject({
      keys: z.record(z.string(), scalar),
      prediction: z
        .record(z.string(), z.union([scalar, z.array(scalar)]))
        .meta({ description: 'Output name to its value for this row; an output of several columns is an array.' }),
      features: z.enum(['all', 'some', 'none']).meta({
        description:
          'How much of what the model reads was there: `none` is a prediction about an entity of which nothing is known (calendars aside).',
      }),
      missing,
      times,
    }),
  ),
})

export const predictBody: z.ZodType<{
  readonly keys: readonly Readonly<Record<string, JsonScalar>>[]
  readonly alias?: string | undefined
  readonly version?: number | undefined
  readonly requireFeatures?: 'some' | 'all' | undefined
}> = z.strictObject({
  keys: z.array(z.record(z.string(), scalar)).min(1),
  alias: z.string().optional().meta({ description: 'Left out (and no version given): champion.' }),
  version: z.int().positive().optional(),
  requireFeatures: z
    .enum(['some', 'all'])
    .optional()
    .meta({
      description:
        'Refuse the request with 422 when an entity has none of the features (`some`), or not all of them (`all`). ' +
        'Left out: every row is predicted, and `features` of its answer says how much was there.',
    }),
})

export const problemBody: z.ZodType = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'Stable; safe to match on.' }),
    detail: z.string(),
    path: z
      .string()
      .optional()
      .meta({ description: 'The place in the request that is wrong, such as `keys[3].customer_id`.' }),
    suggestion: z.string().optional().meta({ description: 'An existing name close to the one asked for.' }),
    problems: z.array(z.strictObject({ path: z.string(), detail: z.string() })).optional(),
    requestId: z.string(),
  })
  .meta({ description: 'RFC 9457.' })
