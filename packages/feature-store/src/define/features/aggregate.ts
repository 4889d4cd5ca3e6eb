import type { EventsPlan } from '../../plan/source-plan.ts'
import type { AnyColumn } from '../../vocabulary/aggregates/typed-columns.ts'
import { pivot, type Pivoted } from './pivot.ts'
import type { NamedValues, PivotColumn, PivotNames, PivotOptions, PivotValues } from './pivot-names.ts'
import type { SeriesLength, UpTo } from './series.ts'
import type { Duration } from '../duration.ts'
import { alongWords, type AlongWords } from './along.ts'
import { sinceWords, type SinceWords } from './since.ts'
import { calendarWords, type CalendarWords, type EachFeature } from './calendar-windows.ts'
import type { Defaultable, Gridded } from './features.ts'
import type { OnIntervals } from './intervals.ts'
import { filtered, planMeasure, type Measure, type Predicate } from './measure.ts'
import { lastRows, lifetimeOf, openOf, overWindow, windows } from './windowed-plans.ts'
import { outcome, type OutcomeOptions } from './outcome.ts'
import { ahead, type Ahead } from './ahead.ts'

/** What can be made of an aggregate of a fact of row type R, with values V. */
export interface Windowable<V, R> extends CalendarWords<V>, AlongWords<V, R>, SinceWords<V> {
  readonly '~value'?: V
  readonly measure: Measure<R>
  /** One feature for each window `[T - length, T)`, named `key_7d`. */
  over<const W extends readonly [Duration, ...Duration[]]>(...windows: Whole<W>): Windowed<V, W[number]>
  /** One feature for each number of newest rows, named `key_last10`. */
  overLast<const C extends readonly [number, ...number[]]>(...rows: C): Gridded<V, `_last${C[number]}`>
  /** Everything before T; named by the bare key. */
  lifetime(): Defaultable<V, ''>
  /** The intervals that have begun before T and have not ended before it, named `key_open`. */
  open(this: OnIntervals<R>): Gridded<V, '_open'>
  /** A label: the aggregate over the time after a spine row's t. */
  ahead(length: Duration, options?: OutcomeOptions): Ahead<V>
}

/** Features over time windows; a shift moves the windows into the past and leaves the names as they are. */
export interface Windowed<V, W extends string> extends Defaultable<V, `_${W}`> {
  /** `[T - shift - length, T - shift)`: `over('1d').shift('7d')` is the same day a week ago. */
  shift(by: Duration): Shifted<V, W>
  /**
   * So many windows one after the other, going back from T: `over('30m').series(48)` is `key_30m_1`, which ends at T, to
   * `key_30m_48`.
   */
  series<const N extends number>(count: SeriesLength<N>): Gridded<V, `_${W}_${UpTo<N>}`>
}

/** Features over shifted time windows. */
export interface Shifted<V, W extends string> extends Gridded<V, `_${W}`> {
  /** So many windows one after the other, going back from the shifted one. */
  series<const N extends number>(count: SeriesLength<N>): Gridded<V, `_${W}_${UpTo<N>}`>
}

/** An aggregate of a fact; a window makes features of it. */
export interface Aggregate<V, R> extends Windowable<V, R> {
  /** Counts only the rows for which the condition is true. */
  where(predicate: Predicate<R>): Aggregate<V, R>
  by: PivotWord<V, R>
}

/**
 * The aggregate for each value of a column, of the rows that have it: `f.sum('amount').by('channel', ['web', 'shop'])`
 * over 7 days is `key_web_7d` and `key_shop_7d`. Of an enum all members, unless some are named.
 */
type PivotWord<V, R> = <
  C extends AnyColumn<R>,
  const N extends PivotValues | undefined = undefined,
  const O extends PivotOptions = PivotOptions,
>(
  column: PivotColumn<R, C, N>,
  values?: NamedValues<R, C, N>,
  options?: O,
) => Pivoted<V, PivotNames<R, C, N, O>, R>

/** An aggregate that is also a feature by itself, over everything before T. */
export interface Latest<V, R> extends Windowable<V, R>, Defaultable<V, ''> {
  /** Counts only the rows for which the condition is true. */
  where(predicate: Predicate<R>): Latest<V, R>
  by: PivotWord<V, R>
}

export type Whole<W extends readonly Duration[]> = {
  readonly [I in keyof W]: W[I] extends `${string}.${string}`
    ? `window '${W[I]}' would put a dot into a name; write it in a smaller unit`
    : W[I]
}

export function aggregate<V, R>(fact: EventsPlan, measure: Measure<R>): Aggregate<V, R> {
  return Object.freeze({
    ...windowable<V, R>(fact, measure),
    where: (predicate) => aggregate(fact, filtered(measure, predicate)),
    by: pivoted(fact, measure),
  })
}

function windowable<V, R>(fact: EventsPlan, measure: Measure<R>): Windowable<V, R> {
  const one: EachFeature = (planned) => planned((name, window, place) => overWindow(fact, measure, name, window, place))
  return {
    measure,
    ...calendarWords<V>(one),
    ...alongWords<V, R>(fact, one),
    ...sinceWords<V>(one),
    over: (...lengths: readonly string[]) => ({
      ...windows(fact, measure, { lengths }),
      shift: (by) => ({
        ...windows(fact, measure, { lengths, shift: by }),
        series: (count) => windows(fact, measure, { lengths, shift: by, series: count }),
      }),
      series: (count) => windows(fact, measure, { lengths, series: count }),
    }),
    overLast: (...rows) => lastRows(fact, measure, rows),
    lifetime: () => lifetimeOf<V, R>(fact, measure),
    open: () => openOf(fact, measure),
    ahead: (length, options) =>
      ahead<V>(outcome((place) => ({ fact, ...planMeasure(measure, fact, place) }), length, options)),
  }
}

export function latest<V, R>(fact: EventsPlan, measure: Measure<R>): Latest<V, R> {
  const base = windowable<V, R>(fact, measure)
  const where = (predicate: Predicate<R>): Latest<V, R> => latest(fact, filtered(measure, predicate))
  return Object.freeze({ ...base, ...base.lifetime(), where, by: pivoted(fact, measure) } satisfies Latest<V, R>)
}

function pivoted<V, R>(fact: EventsPlan, measure: Measure<R>): PivotWord<V, R> {
  return (column, values, options) => pivot(fact, measure, { column, values, options })
}
