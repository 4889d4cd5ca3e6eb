import type { Value } from '../vocabulary/algebra/value.ts'

/** What a continuous view keeps of one event. */
export interface ContinuousEvent {
  /** When it happened, µs since the epoch. */
  readonly time: bigint
  /** The first instant (µs) at which it counts, however long its time has passed: when it had arrived. */
  readonly since: bigint
  /** Its place among events of one instant; null where the fact has none. */
  readonly sequence: Value
  /** The inputs of the view's aggregates, in the order of its layout; null where an aggregate does not count it. */
  readonly values: readonly Value[]
}
