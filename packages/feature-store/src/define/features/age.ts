import type { EventsPlan } from '../../plan/source-plan.ts'
import type { AgeFeature } from '../../vocabulary/features/age.ts'
import { single, type Gridded } from './features.ts'
import { planWhere, type Predicate } from './measure.ts'

/** Days, with fractions, from the newest fact before T to T; null when there is none. */
export interface Age<R> extends Gridded<number | null, ''> {
  /** The age of the newest fact for which the condition is true. */
  where(predicate: Predicate<R>): Age<R>
}

export function age<R>(fact: EventsPlan, predicates: readonly Predicate<R>[] = []): Age<R> {
  const feature = single<number | null>((name, place) => {
    const where = planWhere(predicates, fact, place)
    return { kind: 'age', name, type: 'double', nullable: true, where } satisfies AgeFeature
  })
  return Object.freeze({ ...feature, where: (predicate) => age(fact, [...predicates, predicate]) } satisfies Age<R>)
}
