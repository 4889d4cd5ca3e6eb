import type { LabelTable, TruthRequest } from '@martlet/drift'
import { z } from 'zod'

/** What a configuration says as a request does. */
type AsRequested = Pick<
  TruthRequest,
  | 'model'
  | 'task'
  | 'positive'
  | 'prediction'
  | 'time'
  | 'version'
  | 'baseline'
  | 'segments'
  | 'threshold'
  | 'floors'
  | 'coverage'
  | 'clusters'
>

/** Predictions of a model against what happened. Lengths of time are such as `6h`, `1d` or `2w`. */
export interface TruthConfig extends AsRequested {
  /** A label of the definitions, one of its columns, or a table of what happened. */
  readonly labels: string | LabelTableConfig
  /**
   * Of classes: the column of each class's chance, by the class, which `martlet calibrate` reads. @default the output of the model
   * whose columns have class names
   */
  readonly scores?: Readonly<Record<string, string>>
  /** Times are rounded down to multiples of this: with `1d`, labels count from midnight, UTC. */
  readonly every?: string
  /** A span such as `2026-01-01..2026-02-01` whose performance is the yardstick. @default the oldest window with labels */
  readonly reference?: string
}

/** A table of what happened. */
export interface LabelTableConfig extends Pick<LabelTable, 'table' | 'keys' | 'time' | 'value'> {
  /** A prediction at t is about the first value in `[t + gap, t + gap + within)`. @default 0 */
  readonly gap?: string
  readonly within: string
  /** How long after its time a value may arrive. @default 0 */
  readonly maturity?: string
}

const length = z.string().regex(/^\d+(\.\d+)?[mhdw]$/, "must be a duration such as '6h', '1d' or '2w'")

export const truthSchema: z.ZodType = z.strictObject({
  model: z.string().min(1),
  labels: z.union(
    [
      z.string().min(1),
      z.strictObject({
        table: z.string().min(1),
        keys: z.record(z.string(), z.string()).optional(),
        time: z.string().min(1),
        value: z.string().min(1),
        gap: length.optional(),
        within: length,
        maturity: length.optional(),
      }),
    ],
    { error: 'must be the name of a label, or { table, time, value, within }' },
  ),
  task: z.enum(['binary', 'regression', 'classes']).optional(),
  positive: z.string().optional(),
  prediction: z.string().optional(),
  scores: z.record(z.string(), z.string().min(1)).optional(),
  time: z.string().optional(),
  every: length.optional(),
  version: z.number().int().positive().optional(),
  baseline: z
    .union([z.strictObject({ column: z.string() }), z.strictObject({ version: z.number().int().positive() })], {
      error: 'must be { column } or { version }',
    })
    .optional(),
  segments: z.array(z.string()).optional(),
  threshold: z.number().min(0).max(1).optional(),
  reference: z
    .string()
    .regex(/^.+\.\..+$/, "must be a span such as '2026-01-01..2026-02-01'")
    .optional(),
  floors: z.record(z.string(), z.strictObject({ warn: z.number(), crit: z.number() }).nullable()).optional(),
  coverage: z.number().min(0).max(1).optional(),
  clusters: z.enum(['entities', 'days', 'rows']).optional(),
})
