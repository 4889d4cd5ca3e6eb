import type { Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../plan/source-plan.ts'
import type { Scope } from './scope.ts'
import type { TemporaryTable } from './temporary-tables.ts'
import type { WindowFeature } from './window-feature.ts'

/** What to make first, and the query `(e, t, features)`. */
export interface ViewValues {
  readonly tables: readonly TemporaryTable[]
  readonly values: Sql
}

/** One way to compute features of events. Adding one is a file with such an object and an entry in `strategies.ts`. */
export interface Strategy {
  readonly name: string
  /** Whether it can be used for these events and points at all. */
  applies(scope: Scope, events: EventsPlan): boolean
  /** Whether it can compute a feature where it applies. */
  answers(scope: Scope, feature: WindowFeature): boolean
  /**
   * One row for every point whose entity has an event before it. If a feature is rounded, a column says which rows
   * must be computed again.
   */
  values(scope: Scope, events: EventsPlan, features: readonly WindowFeature[]): ViewValues
  /** As `values`, but with rows only where a window has events: cheaper next to a strategy that has all rows. */
  present?(scope: Scope, events: EventsPlan, features: readonly WindowFeature[]): Sql
}
