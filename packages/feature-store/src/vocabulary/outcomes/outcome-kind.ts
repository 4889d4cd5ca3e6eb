import type { ColumnType, Leaves, Sql } from '@martlet/warehouse'
import type { z } from 'zod'
import type { AggregatePlan, RatioPlan } from '../../plan/feature-plan.ts'
import type { LabelPlan } from '../../plan/label-plan.ts'

type OutcomePlan = LabelPlan['aggregate']

/** What is looked up in a label's window. */
export interface Measured {
  readonly aggregate: AggregatePlan | RatioPlan
  readonly type: ColumnType
}

/** What one kind of label means. Adding one is a file with such an object and an entry in `list.ts`. */
export interface OutcomeKind<P extends OutcomePlan = OutcomePlan> {
  /** To read a stored plan. */
  readonly schema: z.ZodType<P>
  /** How it is computed, in a few words. */
  words(plan: P): string
  /** The columns of the fact that it is made of. */
  reads(plan: P): readonly string[]
  measured(plan: P, type: ColumnType): Measured
  /** The label, from what was found in its window, of its own type. */
  value(leaves: Leaves, found: Sql, typed: (found: Sql) => Sql): Sql
}
