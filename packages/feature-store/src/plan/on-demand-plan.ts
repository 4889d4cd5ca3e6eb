import type { ColumnType } from '@martlet/warehouse'
import type { Expression } from './expression.ts'
import type { KeptValue } from './kept-value.ts'
import type { SourceColumn } from './source-plan.ts'

/** A value that comes with a request; in a training set, a column of the spine. */
export type RequestColumn = SourceColumn

/** A feature that an on-demand feature reads from a view. */
export interface OnDemandInput {
  /** `view__feature` */
  readonly name: string
  readonly view: string
  readonly feature: string
  readonly type: ColumnType
  /** What is read where it is missing. */
  readonly default?: KeptValue
}

/** One value that is computed when it is asked for. */
export interface OnDemandValue {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
}

interface Computed {
  readonly name: string
  readonly inputs: readonly OnDemandInput[]
  readonly request: readonly RequestColumn[]
  /** SHA-256 of what changes values. */
  readonly hash: string
}

/** Values that are expressions over the inputs and the request, by those names. */
export interface ExpressionsPlan extends Computed {
  readonly kind: 'expressions'
  readonly features: readonly (OnDemandValue & { readonly expression: Expression })[]
}

/** Values that a function of the process computes. Who runs the plan must have that function. */
export interface FunctionPlan extends Computed {
  readonly kind: 'function'
  readonly version: string
  readonly features: readonly RequestColumn[]
  /** What the function gave when the plan was applied; it is part of no hash. */
  readonly examples?: readonly OnDemandExample[]
}

/** One call of a function. Whole numbers, decimals and times are text: digits of units, or of microseconds. */
export interface OnDemandExample {
  /** Its inputs, then the values of the request. */
  readonly given: readonly (KeptValue | null)[]
  /** Its values in order; null when it failed. */
  readonly values: readonly (KeptValue | null)[] | null
}

/** Values computed from features and from what a request brings, when they are asked for. */
export type OnDemandPlan = ExpressionsPlan | FunctionPlan
