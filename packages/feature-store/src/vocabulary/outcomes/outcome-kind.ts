import type { ColumnType, Leaves, Sql } from '@martlet/warehouse'
import type { z } from 'zod'
import type { AggregatePlan, CombinedPlan } from '../../plan/feature-plan.ts'
import type { LabelPlan } from '../../plan/label-plan.ts'

type OutcomePlan = LabelPlan['aggregate']

/** Something that is looked up in a label's window. */
export interface Measured {
  readonly aggregate: AggregatePlan | CombinedPlan
  readonly type: ColumnType
}

/** What was found in the window, as it was found and of its type. */
export interface Found {
  readonly sql: Sql
  readonly typed: Sql
}

/** A row of the spine whose window may be open still. */
export interface OpenRow {
  /** t, µs */
  readonly t: Sql
  /** Up to when facts are known, µs. */
  readonly known: bigint
}

/** What one kind of label means. Adding one is a file with such an object and an entry in `list.ts`. */
export interface OutcomeKind<P extends OutcomePlan = OutcomePlan> {
  /** To read a stored plan. */
  readonly schema: z.ZodType<P>
  /** How it is computed, in a few words. */
  words(plan: P): string
  /** The columns of the fact that it is made of. */
  reads(plan: P): readonly string[]
  /** What it is made of. */
  measured(plan: P, label: LabelPlan): readonly [Measured, ...Measured[]]
  /** The label, from what was found for each of these, once its window has closed. */
  value?(first: Found, ...others: readonly Found[]): Sql
  /** The columns of a label that is known in part while its window is open. */
  sofar?(leaves: Leaves, label: LabelPlan, row: OpenRow, found: Found): readonly Sql[]
}
