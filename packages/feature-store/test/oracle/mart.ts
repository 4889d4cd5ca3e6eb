import type { DimensionPlan, FactPlan, PrecomputedPlan } from '../../src/plan/source-plan.ts'
import type { AgeFeature } from '../../src/vocabulary/features/age.ts'
import type { AggregateFeature } from '../../src/vocabulary/features/aggregate.ts'
import type { AnchorAgeFeature } from '../../src/vocabulary/features/anchor-age.ts'
import type { AttributeFeature } from '../../src/vocabulary/features/attribute.ts'
import type { CalendarFeature } from '../../src/vocabulary/features/calendar.ts'
import type { ColumnFeature } from '../../src/vocabulary/features/column.ts'
import type { ForeignFeature } from '../../src/vocabulary/features/foreign.ts'
import type { LookupFeature } from '../../src/vocabulary/features/lookup.ts'
import type { StandingFeature } from '../../src/vocabulary/features/standing.ts'
import type { ViewedFeature } from '../../src/vocabulary/features/viewed.ts'
import type { ViewsPlan } from '../../src/plan/views-plan.ts'
import type { DerivedFeature } from '../../src/vocabulary/features/derived.ts'
import { isAnswer, type Answer } from './exact/agree.ts'
import type { Row, Value } from './row.ts'

export type KnownSource = FactPlan | DimensionPlan | PrecomputedPlan | ViewsPlan | null

export type KnownFeature =
  | StandingFeature
  | AggregateFeature
  | AgeFeature
  | AttributeFeature
  | CalendarFeature
  | ColumnFeature
  | DerivedFeature
  | AnchorAgeFeature
  | ViewedFeature
  | LookupFeature
  | ForeignFeature

export interface OracleMart {
  /** Table name → rows; timestamps already UTC µs. */
  readonly tables: Readonly<Record<string, readonly Row[]>>
}

export const DAY = 86_400_000_000

/** What the features of a row must be. */
export type Answers = Readonly<Record<string, Value | Answer>>

export function valueOf(answer: Value | Answer): Value {
  return isAnswer(answer) ? answer.value : answer
}
