import type { ViewPlan } from '../plan/view-plan.ts'

/** What the warehouse has of the events that were pushed for a fact. */
export interface Drained {
  readonly source: string
  /** All events up to here are in the fact's table, and none behind it. */
  readonly position: bigint
}

/**
 * Brings the events that were pushed for a view's fact into the warehouse, and keeps others from doing so while `then` reads
 * the fact. The position is one of `EventStore.checkpoint`, so that no folded part of a tail lies on both sides of it.
 */
export type DrainFirst = <T>(view: ViewPlan, then: (drained: Drained | undefined) => Promise<T>) => Promise<T>
