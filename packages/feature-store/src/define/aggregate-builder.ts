import type { AggregateFunction } from '../plan/feature-plan.ts'
import type { FactPlan } from '../plan/source-plan.ts'
import { aggregate, latest, type Aggregate, type Latest } from './aggregate.ts'
import type { ColumnOf } from './columns.ts'

/** The column when it is one of `Fit`, and otherwise the sentence that says why not. */
export type FittingColumn<C extends string, Fit, R, Why extends string> = C extends Fit
  ? C
  : C extends keyof R
    ? `column '${C}' of this fact ${Why}`
    : `this fact has no column '${C}'`

type NumberColumn<R> = ColumnOf<R, number>
type OrderedColumn<R> = ColumnOf<R, number> | ColumnOf<R, string> | ColumnOf<R, Date>
/** Any text, while editors still suggest `Fit`. */
type Suggest<Fit extends string> = Fit | (string & {})
type Value<R, C extends string> = C extends keyof R ? NonNullable<R[C]> : never

/** The aggregates of a fact. Nulls, and numbers that are not finite, are skipped by every one of them. */
export interface AggregateBuilder<R> {
  /** Rows; 0 in an empty window. */
  count(): Aggregate<number, R>
  /** 0 in an empty window; exact for whole numbers and decimals. */
  sum<C extends Suggest<NumberColumn<R>>>(column: FittingColumn<C, NumberColumn<R>, R, 'is not a number, so it cannot be summed'>): Aggregate<number, R>
  /** Null in an empty window. */
  mean<C extends Suggest<NumberColumn<R>>>(column: FittingColumn<C, NumberColumn<R>, R, 'is not a number, so it has no mean'>): Aggregate<number | null, R>
  /** Null in an empty window. */
  min<C extends Suggest<OrderedColumn<R>>>(column: FittingColumn<C, OrderedColumn<R>, R, 'has no order, so it has no minimum'>): Aggregate<Value<R, C> | null, R>
  /** Null in an empty window. */
  max<C extends Suggest<OrderedColumn<R>>>(column: FittingColumn<C, OrderedColumn<R>, R, 'has no order, so it has no maximum'>): Aggregate<Value<R, C> | null, R>
  /** Of the sample (divided by n - 1); null with fewer than two values. */
  stddev<C extends Suggest<NumberColumn<R>>>(column: FittingColumn<C, NumberColumn<R>, R, 'is not a number, so it has no standard deviation'>): Aggregate<number | null, R>
  /** Of the sample (divided by n - 1); null with fewer than two values. */
  variance<C extends Suggest<NumberColumn<R>>>(column: FittingColumn<C, NumberColumn<R>, R, 'is not a number, so it has no variance'>): Aggregate<number | null, R>
  /** The oldest value; over everything before T unless a window says otherwise. */
  first<C extends Suggest<keyof R & string>>(column: FittingColumn<C, keyof R, R, ''>): Latest<Value<R, C> | null, R>
  /** The newest value; over everything before T unless a window says otherwise. */
  last<C extends Suggest<keyof R & string>>(column: FittingColumn<C, keyof R, R, ''>): Latest<Value<R, C> | null, R>
  /** The number of different values, exactly; 0 in an empty window. */
  distinct<C extends Suggest<keyof R & string>>(column: FittingColumn<C, keyof R, R, ''>): Aggregate<number, R>
  /** The slope of the least-squares line through values over time; null with fewer than two instants. */
  slope<C extends Suggest<NumberColumn<R>>>(column: FittingColumn<C, NumberColumn<R>, R, 'is not a number, so it has no slope'>): Aggregate<number | null, R>
  /** One sum or count divided by another over the same window; null when the divisor is 0. */
  ratio(numerator: Aggregate<number, R>, denominator: Aggregate<number, R>): Aggregate<number | null, R>
}

export function aggregateBuilder<R>(fact: FactPlan): AggregateBuilder<R> {
  const of = <V>(name: AggregateFunction, column: string | null): Aggregate<V, R> => aggregate<V, R>(fact, { function: name, column, where: [] })
  const newest = <V>(name: 'first' | 'last', column: string): Latest<V, R> => latest<V, R>(fact, { function: name, column, where: [] })
  return {
    count: () => of('count', null),
    sum: (column) => of('sum', column),
    mean: (column) => of('mean', column),
    min: (column) => of('min', column),
    max: (column) => of('max', column),
    stddev: (column) => of('stddev', column),
    variance: (column) => of('variance', column),
    first: (column) => newest('first', column),
    last: (column) => newest('last', column),
    distinct: (column) => of('distinct', column),
    slope: (column) => of('slope', column),
    ratio: (numerator, denominator) => aggregate(fact, { function: 'ratio', numerator: numerator.measure, denominator: denominator.measure }),
  }
}
