import type { z } from 'zod'
import type { ColumnType, Leaves, Sql } from '@martlet/warehouse'
import type { AggregatePlan, CombinedPlan } from '../../plan/feature-plan.ts'

/** What is made of several aggregates over one window. Adding one is a file with such an object and an entry in `combinations.ts`. */
export interface CombinationKind<P extends CombinedPlan = CombinedPlan> {
  readonly function: P['function']
  /** The fields of its plan, to read a stored plan. */
  readonly fields: Readonly<Record<string, z.ZodType>>
  readonly type: ColumnType
  /** Its value in a window without events. */
  readonly empty: false | null
  parts(plan: P): readonly AggregatePlan[]
  /** Its value from those of its parts. */
  combine(leaves: Leaves, values: readonly Sql[]): Sql
  /** How it is computed, where `part` says it of a part. */
  words(plan: P, part: (plan: AggregatePlan) => string): string
}
