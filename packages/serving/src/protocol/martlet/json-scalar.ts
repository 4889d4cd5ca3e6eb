import { z } from 'zod'

/** A JSON scalar, as keys, feature values and predictions are. */
export type JsonScalar = string | number | boolean | null

export const jsonScalar: z.ZodType<JsonScalar> = z.union([z.string(), z.number(), z.boolean(), z.null()])
