import type { EventsPlan } from '../../plan/source-plan.ts'
import type { WindowPlan } from '../../plan/feature-plan.ts'
import type { AggregateFeature } from '../../vocabulary/features/aggregate.ts'
import type { RowsWindow } from '../../vocabulary/windows/rows.ts'
import type { TimeWindow } from '../../vocabulary/windows/time.ts'
import { durationMicros, positiveMicros, type Duration } from '../duration.ts'
import { calendarWords, type CalendarWords } from './calendar-windows.ts'
import { single, type Features } from './features.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import { filtered, planMeasure, type Measure, type Predicate } from './measure.ts'
import { outcome, type OutcomeOptions } from './outcome.ts'
import { ahead, type Ahead } from './ahead.ts'

/** What can be made of an aggregate of a fact of row type R, with values V. */
export interface Windowable<V, R> extends CalendarWords<V> {
  readonly '~value'?: V
  readonly measure: Measure<R>
  /** One feature for each window `[T - length, T)`, named `key_7d`. */
  over<const W extends readonly [Duration, ...Duration[]]>(...windows: Whole<W>): Windowed<V, W[number]>
  /** One feature for each number of newest rows, named `key_last10`. */
  overLast<const C extends readonly [number, ...number[]]>(...rows: C): Features<V, `_last${C[number]}`>
  /** Everything before T; named by the bare key. */
  lifetime(): Features<V, ''>
  /** A label: the aggregate over the time after a spine row's t. */
  ahead(length: Duration, options?: OutcomeOptions): Ahead<V>
}

/** Features over time windows; a shift moves the windows into the past and leaves the names as they are. */
export interface Windowed<V, W extends string> extends Features<V, `_${W}`> {
  /** `[T - shift - length, T - shift)`: `over('1d').shift('7d')` is the same day a week ago. */
  shift(by: Duration): Features<V, `_${W}`>
}

/** An aggregate of a fact; a window makes features of it. */
export interface Aggregate<V, R> extends Windowable<V, R> {
  /** Counts only the rows for which the condition is true. */
  where(predicate: Predicate<R>): Aggregate<V, R>
}

/** An aggregate that is also a feature by itself, over everything before T. */
export interface Latest<V, R> extends Windowable<V, R>, Features<V, ''> {
  /** Counts only the rows for which the condition is true. */
  where(predicate: Predicate<R>): Latest<V, R>
}

type Whole<W extends readonly Duration[]> = {
  readonly [I in keyof W]: W[I] extends `${string}.${string}`
    ? `window '${W[I]}' would put a dot into a name; write it in a smaller unit`
    : W[I]
}

export function aggregate<V, R>(fact: EventsPlan, measure: Measure<R>): Aggregate<V, R> {
  return Object.freeze({
    ...windowable<V, R>(fact, measure),
    where: (predicate) => aggregate(fact, filtered(measure, predicate)),
  })
}

function windowable<V, R>(fact: EventsPlan, measure: Measure<R>): Windowable<V, R> {
  return {
    measure,
    ...calendarWords<V>((name, window, place) => plan(fact, measure, name, window, place)),
    over: (...lengths: readonly string[]) => ({
      ...windows(fact, measure, lengths, undefined),
      shift: (by) => windows(fact, measure, lengths, by),
    }),
    overLast: (...rows) => ({
      plans: (key, place) => {
        checkWindows(rows.map(String), place)
        return rows.map((count) => plan(fact, measure, `${key}_last${count}`, rowWindow(count, place), place))
      },
    }),
    lifetime: () => single<V>((key, place) => plan(fact, measure, key, { kind: 'lifetime' }, place)),
    ahead: (length, options) =>
      ahead<V>(outcome((place) => ({ fact, ...planMeasure(measure, fact, place) }), length, options)),
  }
}

export function latest<V, R>(fact: EventsPlan, measure: Measure<R>): Latest<V, R> {
  const base = windowable<V, R>(fact, measure)
  const where = (predicate: Predicate<R>): Latest<V, R> => latest(fact, filtered(measure, predicate))
  return Object.freeze({ ...base, ...base.lifetime(), where } satisfies Latest<V, R>)
}

type Plans = Pick<Features<never, never>, 'plans'>

function windows<R>(
  fact: EventsPlan,
  measure: Measure<R>,
  lengths: readonly string[],
  shift: string | undefined,
): Plans {
  return {
    plans: (key, place) => {
      checkWindows(lengths, place)
      return lengths.map((text) => {
        if (text.includes('.'))
          throw invalid(place, `window '${text}' would put a dot into a name; write it in a smaller unit`)
        const length = positiveMicros(text, 'window', place)
        const by = shift === undefined ? 0 : positiveMicros(shift, 'shift', place)
        const window: TimeWindow = { kind: 'time', length, shift: by }
        return plan(fact, measure, `${key}_${text}`, window, place)
      })
    },
  }
}

function checkWindows(texts: readonly string[], place: Place): void {
  if (texts.length === 0) throw invalid(place, 'it names no window')
  const seen = new Map<number, string>()
  for (const text of texts) {
    const length = /^[\d.]+$/.test(text) ? Number(text) : durationMicros(text, 'window', place)
    const twin = seen.get(length)
    if (twin !== undefined) throw invalid(place, `windows '${twin}' and '${text}' are equally long; name one of them`)
    seen.set(length, text)
  }
}

function rowWindow(rows: number, place: Place): RowsWindow {
  if (!Number.isSafeInteger(rows) || rows < 1)
    throw invalid(place, `overLast(${rows}) must be a whole number of rows, at least 1`)
  return { kind: 'rows', rows }
}

function plan<R>(
  fact: EventsPlan,
  measure: Measure<R>,
  name: string,
  window: WindowPlan,
  place: Place,
): AggregateFeature {
  return { kind: 'aggregate', name, ...planMeasure(measure, fact, place), window }
}
