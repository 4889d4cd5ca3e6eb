import type { Clustering, TruthMetricName, TruthTask } from '@martlet/drift'
import { z } from 'zod'

/** Predictions of a model against what happened. Lengths of time are such as `6h`, `1d` or `2w`. */
export interface TruthConfig {
  /** Its predictions are in the warehouse: see `martlet log load`. */
  readonly model: string
  /** A label of the definitions, one of its columns, or a table of what happened. */
  readonly labels: string | LabelTableConfig
  /** @default by the label: a boolean is `binary`, a number `regression`, a text `classes` */
  readonly task?: TruthTask
  /** Of a label that is a text: the value that is yes. */
  readonly positive?: string
  /** The column of the prediction. @default 'prediction', the first output */
  readonly prediction?: string
  /** The time that a prediction is about. @default 'predicted_at' */
  readonly time?: string
  /** Times are rounded down to multiples of this: with `1d`, labels count from midnight, UTC. */
  readonly every?: string
  /** Only predictions of this version, those in shadow included. @default every one that was answered */
  readonly version?: number
  /** A column of predictions, or another version, on the same rows. */
  readonly baseline?: { readonly column: string } | { readonly version: number }
  /** Columns whose values are measured apart. */
  readonly segments?: readonly string[]
  /** Chances from here on count as yes. @default 0.5 */
  readonly threshold?: number
  /** A span such as `2026-01-01..2026-02-01` whose performance is the yardstick. @default the oldest window with labels */
  readonly reference?: string
  /** How much worse than the reference matters. A metric with floors decides, one with null does not. */
  readonly floors?: Readonly<Partial<Record<TruthMetricName, { readonly warn: number; readonly crit: number } | null>>>
  /** Windows with a smaller share of known labels are late. @default 0.5 */
  readonly coverage?: number
  /** What counts as one independent observation. @default 'entities', or 'days' where there are fewer than 20 of them */
  readonly clusters?: Clustering
}

/** A table of what happened. */
export interface LabelTableConfig {
  readonly table: string
  /** Its key columns, by those of the predictions. @default the same names */
  readonly keys?: Readonly<Record<string, string>>
  /** The column with the time that a value is about. */
  readonly time: string
  readonly value: string
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
