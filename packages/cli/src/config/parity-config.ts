import type { FeatureRule, ParityReason, ParityRules } from '@martlet/drift'
import { z } from 'zod'

/** Logged vectors of a model against what the definitions give for the same keys at the same times. */
export interface ParityConfig extends ParityRules {
  readonly model: string
  /** Only predictions of this version. @default all */
  readonly version?: number
  /** Values that are shown of a feature that differs. @default 3 */
  readonly examples?: number
}

/** A reason that is missing here does not compile. */
const reasons: { readonly [Reason in ParityReason]: Reason } = {
  definition: 'definition',
  ttl: 'ttl',
  'store behind': 'store behind',
  'late facts': 'late facts',
  function: 'function',
  unknown: 'unknown',
}

const rule = {
  atLeast: z.number().min(0).max(1).optional(),
  tolerance: z.number().min(0).lt(1).optional(),
  allow: z.array(z.enum(reasons)).optional(),
} satisfies Record<keyof FeatureRule, z.ZodType>

export const paritySchema: z.ZodType = z.strictObject({
  model: z.string().min(1),
  version: z.number().int().positive().optional(),
  examples: z.number().int().min(0).max(100).optional(),
  ...rule,
  features: z
    .record(
      z.string(),
      z.union([z.literal(false), z.strictObject(rule)], { error: 'must be { atLeast, tolerance, allow }, or false' }),
    )
    .optional(),
})
