import { z } from 'zod'

type Scalar = string | number | boolean | null
type Status = 'PRESENT' | 'NULL_VALUE' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE'

interface OnlineFeaturesBody {
  readonly entities: Readonly<Record<string, readonly Scalar[]>>
  readonly features?: readonly string[] | null | undefined
  readonly feature_service?: string | null | undefined
  readonly full_feature_names?: boolean | null | undefined
}

interface OnlineFeaturesAnswer {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly {
    readonly values: readonly Scalar[]
    readonly statuses: readonly Status[]
    readonly event_timestamps: readonly string[]
  }[]
}

const scalar: z.ZodType<Scalar> = z.union([z.string(), z.number(), z.boolean(), z.null()])
const status: z.ZodType<Status> = z.enum(['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE'])

export const onlineFeaturesBody: z.ZodType<OnlineFeaturesBody> = z.looseObject({
  entities: z.record(z.string(), z.array(scalar)).meta({
    description:
      'By column, one value per entity: the key columns, and what on-demand features take from a request. ' +
      'Columns that are not needed are ignored.',
    examples: [{ customer_id: ['a', 'b'] }],
  }),
  features: z
    .array(z.string())
    .nullish()
    .meta({ description: '`view:feature`, in the order of the answer. Ignored when there is a `feature_service`.' }),
  feature_service: z.string().nullish(),
  full_feature_names: z
    .boolean()
    .nullish()
    .meta({ description: 'Name features `view__feature` instead of `feature`.' }),
})

export const onlineFeaturesAnswer: z.ZodType<OnlineFeaturesAnswer> = z
  .strictObject({
    metadata: z.strictObject({ feature_names: z.array(z.string()) }),
    results: z.array(
      z.strictObject({
        values: z.array(scalar),
        statuses: z.array(status),
        event_timestamps: z.array(z.iso.datetime()),
      }),
    ),
  })
  .meta({ description: 'By column: `results[i]` belongs to `feature_names[i]`; key columns come first.' })
