import { z } from 'zod'
import {
  missingFeatures,
  requestBody,
  unresolvedViews,
  viewTimes,
  type RequestBody,
  type StatusOfMissing,
  type UnresolvedViews,
  type ViewTime,
} from './feature-answers.ts'
import { jsonScalar, type JsonScalar } from './json-scalar.ts'

/** A value, an array of them for an output of several columns, and arrays in arrays for one of more dimensions. */
export type PredictedValue = JsonScalar | readonly PredictedValue[]

export interface PredictionRow {
  readonly keys: Readonly<Record<string, JsonScalar>>
  readonly prediction: Readonly<Record<string, PredictedValue>>
  /** How much of what the model reads was there, apart from calendars. With `none`, nothing is known about the entity. */
  readonly features: 'all' | 'some' | 'none'
  readonly missing: Readonly<Record<string, StatusOfMissing>>
  readonly times: Readonly<Record<string, ViewTime>>
  readonly unresolved?: UnresolvedViews | undefined
}

export interface PredictAnswer {
  readonly model: string
  readonly version: number
  readonly sha256: string
  readonly service: string
  /** By output: the class that each column is the probability or score of, for classifiers whose file names them. */
  readonly classes?: Readonly<Record<string, readonly (string | number)[]>> | undefined
  readonly rows: readonly PredictionRow[]
}

/** Dimensions of an output beyond its rows that the schema shows. */
const DIMENSIONS = 7

function predictedValue(dimensions: number): z.ZodType<PredictedValue> {
  return dimensions === 0 ? jsonScalar : z.union([jsonScalar, z.array(predictedValue(dimensions - 1))])
}

export const predictAnswer: z.ZodType<PredictAnswer> = z.strictObject({
  model: z.string(),
  version: z.int(),
  sha256: z.string().meta({ description: 'SHA-256 of the model file that ran.' }),
  service: z.string().meta({ description: 'The feature service that filled the input.' }),
  classes: z
    .record(z.string(), z.array(z.union([z.string(), z.number()])))
    .optional()
    .meta({
      description:
        'By output: the class that each of its columns is the probability or score of. ' +
        'Absent when the model file names no classes.',
    }),
  rows: z.array(
    z.strictObject({
      keys: z.record(z.string(), jsonScalar),
      prediction: z.record(z.string(), predictedValue(DIMENSIONS)).meta({
        description:
          'Output name to its value for this row; an output of several columns is an array, and one of more ' +
          'dimensions is arrays in arrays.',
      }),
      features: z.enum(['all', 'some', 'none']).meta({
        description:
          'How much of what the model reads was there, apart from calendars. ' +
          'With `none`, nothing is known about the entity.',
      }),
      missing: missingFeatures,
      times: viewTimes,
      unresolved: unresolvedViews,
    }),
  ),
})

interface PredictBody {
  readonly keys: readonly Readonly<Record<string, JsonScalar>>[]
  readonly request?: RequestBody
  readonly alias?: string | undefined
  readonly version?: number | undefined
  readonly requireFeatures?: 'some' | 'all' | undefined
}

export const predictBody: z.ZodType<PredictBody> = z.strictObject({
  keys: z.array(z.record(z.string(), jsonScalar)).min(1),
  request: requestBody,
  alias: z.string().optional().meta({ description: 'Without it and without a version: champion.' }),
  version: z.int().positive().optional(),
  requireFeatures: z
    .enum(['some', 'all'])
    .optional()
    .meta({
      description:
        'Refuse the request with 422 when an entity has none of the features (`some`), or not all of them (`all`). ' +
        'Without it, every row is predicted, and `features` in the answer says how much was there.',
    }),
})
