import type { FeaturePlan, WindowPlan } from '../plan/feature-plan.ts'
import type { FactPlan } from '../plan/source-plan.ts'
import { durationMicros, positiveMicros, type Duration } from './duration.ts'
import { single, type Features } from './features.ts'
import { invalid, type Place } from './invalid-definition.ts'
import { filtered, planMeasure, type Measure, type Predicate } from './measure.ts'
import { outcome, type Outcome, type OutcomeOptions } from './outcome.ts'

/** An aggregate of a fact of row type R, with values V; a window makes features of it. */
export interface Aggregate<V, R> {
  readonly '~value'?: V
  readonly measure: Measure<R>
  /** Counts only the rows for which the condition is true. */
  where(predicate: Predicate<R>): Aggregate<V, R>
  /** One feature for each window `[T - length, T)`, named `key_7d`. */
  over<const W extends readonly [Duration, ...Duration[]]>(...windows: Whole<W>): Windowed<V, W[number]>
  /** One feature for each number of newest rows, named `key_last10`. */
  overLast<const C extends readonly [number, ...number[]]>(...rows: C): Features<V, `_last${C[number]}`>
  /** Everything before T; named by the bare key. */
  lifetime(): Features<V, ''>
  /** A label: the aggregate over the time after a spine row's t. */
  ahead(length: Duration, options?: OutcomeOptions): Outcome<V>
}

/** Features over time windows; a shift moves the windows into the past and leaves the names as they are. */
export interface Windowed<V, W extends string> extends Features<V, `_${W}`> {
  /** `[T - shift - length, T - shift)`: `over('1d').shift('7d')` is the same day a week ago. */
  shift(by: Duration): Features<V, `_${W}`>
}

/** An aggregate that is also a feature by itself, over everything before T. */
export interface Latest<V, R> extends Aggregate<V, R>, Features<V, ''> {
  where(predicate: Predicate<R>): Latest<V, R>
}

type Whole<W extends readonly Duration[]> = { readonly [I in keyof W]: W[I] extends `${string}.${string}` ? `window '${W[I]}' would put a dot into a feature's name: write it in a smaller unit` : W[I] }

export function aggregate<V, R>(fact: FactPlan, measure: Measure<R>): Aggregate<V, R> {
  return Object.freeze({
    measure,
    where: (predicate) => aggregate<V, R>(fact, filtered(measure, predicate)),
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
    ahead: (length, options) => outcome<V>((place) => ({ fact, ...planMeasure(measure, fact, place) }), length, options),
  } satisfies Aggregate<V, R>)
}

export function latest<V, R>(fact: FactPlan, measure: Measure<R>): Latest<V, R> {
  const base = aggregate<V, R>(fact, measure)
  return Object.freeze({ ...base, ...base.lifetime(), where: (predicate) => latest<V, R>(fact, filtered(measure, predicate)) } satisfies Latest<V, R>)
}

function windows<R>(fact: FactPlan, measure: Measure<R>, lengths: readonly string[], shift: string | undefined): Pick<Features<never, never>, 'plans'> {
  return {
    plans: (key, place) => {
      checkWindows(lengths, place)
      return lengths.map((text) => {
        if (text.includes('.')) throw invalid(place, `window '${text}' would put a dot into the feature's name; write it in a smaller unit`)
        const length = positiveMicros(text, 'window', place)
        const by = shift === undefined ? 0 : positiveMicros(shift, 'shift', place)
        return plan(fact, measure, `${key}_${text}`, { kind: 'time', length, shift: by }, place)
      })
    },
  }
}

function checkWindows(texts: readonly string[], place: Place): void {
  if (texts.length === 0) throw invalid(place, 'it names no window')
  const lengths = texts.map((text) => (/^\d+$/.test(text) ? Number(text) : durationMicros(text, 'window', place)))
  const repeated = lengths.findIndex((length, index) => lengths.indexOf(length) < index)
  if (repeated > 0) throw invalid(place, `window '${texts[repeated]}' is as long as window '${texts[lengths.indexOf(lengths[repeated] ?? 0)]}'; name each once`)
}

function rowWindow(rows: number, place: Place): WindowPlan {
  if (!Number.isSafeInteger(rows) || rows < 1) throw invalid(place, `overLast(${rows}) must be a whole number of rows, at least 1`)
  return { kind: 'rows', rows }
}

function plan<R>(fact: FactPlan, measure: Measure<R>, name: string, window: WindowPlan, place: Place): FeaturePlan {
  return { kind: 'aggregate', name, ...planMeasure(measure, fact, place), window }
}
