import type { Aggregate } from './aggregate.ts'
import type { Predicate } from './measure.ts'

/** The time that intervals cover; a window of time makes features of it. */
export interface Overlapping<R> extends Omit<Aggregate<number, R>, 'along' | 'open' | 'overLast' | 'where'> {
  /** Counts only the intervals for which the condition is true. */
  where(predicate: Predicate<R>): Overlapping<R>
}
