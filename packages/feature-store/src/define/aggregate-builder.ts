import type { AggregateFunction } from '../plan/feature-plan.ts'
import type { FactPlan } from '../plan/source-plan.ts'
import { aggregate, latest, type Aggregate, type Latest, type Windowable } from './aggregate.ts'
import type { ColumnOf } from './columns.ts'
import type { Measure } from './measure.ts'

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
type Numeric<R, C extends string, Cannot extends string> = FittingColumn<
  C,
  NumberColumn<R>,
  R,
  `is not a number, so ${Cannot}`
>
type Ordered<R, C extends string, Cannot extends string> = FittingColumn<
  C,
  OrderedColumn<R>,
  R,
  `has no order, so ${Cannot}`
>
type Present<R, C extends string> = FittingColumn<C, keyof R, R, never>
type Addend<A, R> = A extends Windowable<number, R> ? A : 'a ratio is of two sums, counts or distinct counts'
type Value<R, C extends string> = C extends keyof R ? NonNullable<R[C]> : never

/** The aggregates of a fact. Nulls, and numbers that are not finite, are skipped by every one of them. */
export interface AggregateBuilder<R> {
  /** Rows; 0 in an empty window. */
  count(): Aggregate<number, R>
  /** 0 in an empty window; exact for whole numbers and decimals. */
  sum<C extends Suggest<NumberColumn<R>>>(column: Numeric<R, C, 'it cannot be summed'>): Aggregate<number, R>
  /** Null in an empty window. */
  mean<C extends Suggest<NumberColumn<R>>>(column: Numeric<R, C, 'it has no mean'>): Aggregate<number | null, R>
  /** Null in an empty window. */
  min<C extends Suggest<OrderedColumn<R>>>(column: Ordered<R, C, 'it has no minimum'>): Aggregate<Value<R, C> | null, R>
  /** Null in an empty window. */
  max<C extends Suggest<OrderedColumn<R>>>(column: Ordered<R, C, 'it has no maximum'>): Aggregate<Value<R, C> | null, R>
  /** Of the sample (divided by n - 1); null with fewer than two values. */
  stddev<C extends Suggest<NumberColumn<R>>>(
    column: Numeric<R, C, 'it has no standard deviation'>,
  ): Aggregate<number | null, R>
  /** Of the sample (divided by n - 1); null with fewer than two values. */
  variance<C extends Suggest<NumberColumn<R>>>(column: Numeric<R, C, 'it has no variance'>): Aggregate<number | null, R>
  /** The oldest value; over everything before T unless a window says otherwise. */
  first<C extends Suggest<keyof R & string>>(column: Present<R, C>): Latest<Value<R, C> | null, R>
  /** The newest value; over everything before T unless a window says otherwise. */
  last<C extends Suggest<keyof R & string>>(column: Present<R, C>): Latest<Value<R, C> | null, R>
  /** The number of different values, exactly; 0 in an empty window. */
  distinct<C extends Suggest<keyof R & string>>(column: Present<R, C>): Aggregate<number, R>
  /** The slope of the least-squares line through the values, per day; null with fewer than two instants. */
  slope<C extends Suggest<NumberColumn<R>>>(column: Numeric<R, C, 'it has no slope'>): Aggregate<number | null, R>
  /** One sum or count divided by another over the same window; null when the divisor is 0. */
  ratio<A extends Windowable<unknown, R>, B extends Windowable<unknown, R>>(
    numerator: Addend<A, R>,
    denominator: Addend<B, R>,
  ): Aggregate<number | null, R>
}

export function aggregateBuilder<R>(fact: FactPlan): AggregateBuilder<R> {
  const of = <V>(name: AggregateFunction, column: string | null): Aggregate<V, R> =>
    aggregate(fact, { function: name, column, where: [] })
  const scalar = <V>(name: 'first' | 'last', column: string): Latest<V, R> =>
    latest(fact, { function: name, column, where: [] })
  return {
    count: () => of('count', null),
    sum: (column) => of('sum', column),
    mean: (column) => of('mean', column),
    min: (column) => of('min', column),
    max: (column) => of('max', column),
    stddev: (column) => of('stddev', column),
    variance: (column) => of('variance', column),
    first: (column) => scalar('first', column),
    last: (column) => scalar('last', column),
    distinct: (column) => of('distinct', column),
    slope: (column) => of('slope', column),
    ratio: (over, under) =>
      aggregate(fact, { function: 'ratio', numerator: measureOf(over), denominator: measureOf(under) }),
  }
}

function measureOf<R>(given: Windowable<unknown, R> | string): Measure<R> {
  if (typeof given === 'object' && 'measure' in given) return given.measure
  throw new TypeError(`a ratio is of two aggregates, like f.ratio(f.sum('cost'), f.sum('kwh'))`)
}
