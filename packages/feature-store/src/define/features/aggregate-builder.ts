import type { EventsPlan } from '../../plan/source-plan.ts'
import { aggregates, type AggregateWords } from '../../vocabulary/aggregates/list.ts'
import type { ConditionWords } from '../../vocabulary/aggregates/combinations.ts'
import { aggregate, latest, type Aggregate, type Windowable } from './aggregate.ts'
import { decaying } from './decaying.ts'
import type { Measure, Predicate } from './measure.ts'

type Addend<A, R> = A extends Windowable<number, R> ? A : 'a ratio is of two sums, counts or distinct counts'

/** The aggregates of a fact. Nulls, and numbers that are not finite, are skipped by every one of them. */
export interface AggregateBuilder<R> extends AggregateWords<R>, ConditionWords<R> {
  /** One sum or count divided by another over the same window; null when the divisor is 0. */
  ratio<A extends Windowable<unknown, R>, B extends Windowable<unknown, R>>(
    numerator: Addend<A, R>,
    denominator: Addend<B, R>,
  ): Aggregate<number | null, R>
}

export function aggregateBuilder<R>(fact: EventsPlan): AggregateBuilder<R> {
  const words = aggregates.map(({ name, arity, standsAlone, onlyLifetime }) => [
    name,
    (...given: readonly unknown[]) => {
      const measure = { function: name, columns: given.slice(0, arity), rest: given.slice(arity), where: [] }
      if (onlyLifetime === true) return decaying(fact, measure)
      return standsAlone === true ? latest(fact, measure) : aggregate(fact, measure)
    },
  ])
  const ratio: AggregateBuilder<R>['ratio'] = (over, under) =>
    aggregate(fact, { function: 'ratio', numerator: measureOf(over), denominator: measureOf(under) })
  const test =
    (name: 'any' | 'all') =>
    <V>(condition: Predicate<R>) =>
      aggregate<V, R>(fact, { function: name, condition, where: [] })
  // `AggregateWords` states of each aggregate in the list what the function made here takes and gives.
  return { ...(Object.fromEntries(words) as AggregateWords<R>), ratio, any: test('any'), all: test('all') }
}

function measureOf<R>(given: Windowable<unknown, R> | string): Measure<R> {
  if (typeof given === 'object' && 'measure' in given) return given.measure
  throw new TypeError(`a ratio is of two aggregates, like f.ratio(f.sum('cost'), f.sum('kwh'))`)
}
