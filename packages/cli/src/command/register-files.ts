import type { Defaults } from '@martlet/feature-store'
import type { GivenGoldenRows, InputMapping, JsonValue, OutputValue } from '@martlet/registry'
import { z } from 'zod'

// The files of `martlet models register`. In JSON, null is a missing value, in answers NaN.

/** Infinite ones too: JSON can write them as 1e999. */
const number = z.custom<number>((value) => typeof value === 'number')
const scalar = z.union([number, z.bigint(), z.string(), z.boolean()], {
  error: 'must be a number, text, true or false',
})
const feature = z.union([scalar, z.null()], { error: 'must be a number, text, true, false or null' })
const featureRow = z.union([z.array(feature), z.record(z.string(), feature)], {
  error: 'must be the values of a row in vector order, or { feature: value }',
})
const notANumber = z.null().transform(() => Number.NaN)
const answer = z.union([scalar, notANumber], { error: 'must be a number, text, true, false, or null for NaN' })
/** The answer for a row: a value, or arrays as deep as the output has dimensions. */
const answers: z.ZodType<OutputValue> = z.lazy(() =>
  z.union([answer, z.array(answers)], { error: 'must be a number, text, true, false, or null for NaN' }),
)

/** `--golden` */
export const goldenRows: z.ZodType<GivenGoldenRows> = z.object({
  inputs: z.array(featureRow),
  outputs: z.record(
    z.string(),
    z.array(z.union([answer, z.array(answers)], { error: 'must be the answer for a row, or an array of its columns' })),
  ),
  tolerance: z.object({ absolute: z.number().optional(), relative: z.number().optional() }).optional(),
})

const standIn = z.strictObject({
  input: z.string().exactOptional(),
  nullAs: z
    .union([z.string(), z.number(), z.boolean()], { error: 'must be a number, text, true or false' })
    .exactOptional(),
})

/** `--inputs` */
export const inputMapping: z.ZodType<InputMapping> = z.record(
  z.string(),
  z.union([z.string(), standIn], {
    error: 'must be the name of an input, or { "input": name, "nullAs": what stands for null }',
  }),
)

/** `--metrics` */
export const metrics: z.ZodType<Readonly<Record<string, number>>> = z.record(
  z.string(),
  z.union([number, notANumber], { error: 'must be a number, or null for NaN' }),
)

/** `--training-set` */
export const trainingSet: z.ZodType<JsonValue> = z.json()

/** What the manifest of a training set says about its views, and about what stood for missing values. */
export const manifestViews: z.ZodType<{
  readonly views: Readonly<Record<string, string>>
  readonly defaults?: Readonly<Record<string, Defaults>>
}> = z.object({
  views: z.record(z.string(), z.string()),
  defaults: z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))).exactOptional(),
})
