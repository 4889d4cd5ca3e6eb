import type { EventsPlan } from '../../plan/source-plan.ts'
import type { Defaultable } from './features.ts'
import { filtered, type Measure, type Predicate } from './measure.ts'
import { lifetimeOf } from './windowed-plans.ts'

/** A feature over everything before T, the older the less: it has no window of its own. */
export interface Decaying<V, R> extends Defaultable<V, ''> {
  /** Counts only the rows for which the condition is true. */
  where(predicate: Predicate<R>): Decaying<V, R>
}

export function decaying<V, R>(fact: EventsPlan, measure: Measure<R>): Decaying<V, R> {
  return Object.freeze({
    ...lifetimeOf<V, R>(fact, measure),
    where: (predicate) => decaying<V, R>(fact, filtered(measure, predicate)),
  } satisfies Decaying<V, R>)
}
