import type { AnyLabel, LabelPlan } from '@martlet/feature-store'
import type { Warehouse } from '@martlet/warehouse'
import type { Floor } from '../compare/floor.ts'
import type { TimeWindow } from '../count/windows.ts'
import type { PolicyOptions } from '../verdict/policy.ts'
import type { Mute } from '../verdict/result.ts'
import type { TruthMetricName } from './metrics/list.ts'
import type { Clustering } from './truth-result.ts'
import type { TruthTask } from './truth-metric.ts'

/** A table with what happened. */
export interface LabelTable {
  readonly table: string
  /** The columns of its keys, by the key columns of the predictions. @default those of the same names */
  readonly keys?: Readonly<Record<string, string>>
  /** The column with the time that a value is about. */
  readonly time: string
  readonly value: string
  /** A prediction at t is about the first value in `[t + gap, t + gap + within)`, in microseconds. @default 0 */
  readonly gap?: number
  readonly within: number
  /** How long after its time a value may arrive, in microseconds. @default 0 */
  readonly maturity?: number
}

/** A label of the definitions, and which of its columns where it has several. */
export interface DefinedLabel {
  readonly label: AnyLabel | LabelPlan
  readonly column?: string
}

export interface TruthRequest {
  readonly warehouse: Warehouse
  /** The model whose predictions were loaded with `loadPredictions`. */
  readonly model: string
  /** The table of predictions. @default that of `loadPredictions` */
  readonly table?: string
  /** The key columns of the predictions. @default as they were loaded */
  readonly keys?: readonly string[]
  readonly labels: LabelTable | DefinedLabel
  /** @default by the label: a boolean is `binary`, a number `regression`, a text `classes` */
  readonly task?: TruthTask
  /** Of a text: the value that is yes; the task is then `binary`. */
  readonly positive?: string
  /** The column of the prediction. @default 'prediction' */
  readonly prediction?: string
  /** The time that a prediction is about, as the label counts from it. @default 'predicted_at' */
  readonly time?: string
  /** Times are rounded down to multiples of so many microseconds: a label then counts from midnight, UTC. */
  readonly every?: number
  /** Only predictions of this version, those in shadow included. @default every one that was answered */
  readonly version?: number
  /** What the model is compared with on the same rows: a column of predictions, or another version. */
  readonly baseline?: { readonly column: string } | { readonly version: number }
  /** Columns whose values are measured apart. */
  readonly segments?: readonly string[]
  /** Chances from here on count as yes. @default 0.5 */
  readonly threshold?: number
  /** The time whose performance is the yardstick. @default the oldest window with enough labels */
  readonly reference?: TimeWindow
  /** How much worse than the reference matters, by metric; a metric with floors decides, one with null does not. */
  readonly floors?: Readonly<Partial<Record<TruthMetricName, Floor | null>>>
  /** Windows with a smaller share of known labels are late. @default 0.5 */
  readonly coverage?: number
  /** @default 'entities', or 'days' where there are fewer than 20 entities */
  readonly clusters?: Clustering
  /** Disjoint stretches of the time of predictions. */
  readonly windows: readonly TimeWindow[]
  /** @default the model's name */
  readonly monitor?: string
  readonly now?: Date
  readonly policy?: PolicyOptions
  /** Columns and kinds of findings that do not alert now; they stay in the result, marked. @default none */
  readonly mutes?: readonly Mute[]
  /** Appends the result to `monitoring.drift_results`. @default true */
  readonly record?: boolean
}
