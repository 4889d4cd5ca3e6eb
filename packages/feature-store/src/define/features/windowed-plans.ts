import type { Micros, WindowPlan } from '../../plan/feature-plan.ts'
import type { EventsPlan } from '../../plan/source-plan.ts'
import type { AggregateFeature } from '../../vocabulary/features/aggregate.ts'
import { aggregatePlans } from '../../vocabulary/aggregates/aggregate-plan.ts'
import { aggregateKind } from '../../vocabulary/aggregates/list.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import type { OpenWindow } from '../../vocabulary/windows/open.ts'
import type { RowsWindow } from '../../vocabulary/windows/rows.ts'
import type { TimeWindow } from '../../vocabulary/windows/time.ts'
import { durationMicros, positiveMicros } from '../duration.ts'
import { featuresOf, single, type Defaultable, type Plans } from './features.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import { planMeasure, type Measure } from './measure.ts'
import { seriesLength } from './series.ts'

const time = (length: Micros, shift: Micros): TimeWindow => ({ kind: 'time', length, shift })

export interface TimeWindows {
  readonly lengths: readonly string[]
  readonly shift?: string
  /** How many windows one after the other, of each length. */
  readonly series?: unknown
}

export function windows<R>(fact: EventsPlan, measure: Measure<R>, { lengths, shift, series }: TimeWindows): Plans {
  return featuresOf((key, place) => {
    checkWindows(lengths, place)
    const by = shift === undefined ? 0 : positiveMicros(shift, 'shift', place)
    const count = series === undefined ? undefined : seriesLength(series, place)
    return lengths.flatMap((text) => {
      if (text.includes('.'))
        throw invalid(place, `window '${text}' would put a dot into a name; write it in a smaller unit`)
      const length = positiveMicros(text, 'window', place)
      const name = `${key}_${text}`
      if (count === undefined) return overWindow(fact, measure, name, time(length, by), place)
      return Array.from({ length: count }, (_, back) =>
        overWindow(fact, measure, `${name}_${back + 1}`, time(length, by + back * length), place),
      )
    })
  })
}

/** The newest rows, so many for each feature. */
export function lastRows<R>(fact: EventsPlan, measure: Measure<R>, rows: readonly number[]): Plans {
  return featuresOf((key, place) => {
    checkWindows(rows.map(String), place)
    return rows.map((count) => overWindow(fact, measure, `${key}_last${count}`, rowWindow(count, place), place))
  })
}

/** Everything before T. */
export function lifetimeOf<V, R>(fact: EventsPlan, measure: Measure<R>): Defaultable<V, ''> {
  return single<V>((key, place) => overWindow(fact, measure, key, { kind: 'lifetime' }, place))
}

/** The intervals that are open at T. */
export function openOf<R>(fact: EventsPlan, measure: Measure<R>): Plans {
  return featuresOf((key, place) => {
    if (fact.end === undefined)
      throw invalid(place, `open() is of intervals; declare '${fact.table}' with intervals(…, { start, end })`)
    const window: OpenWindow = { kind: 'open' }
    return [overWindow(fact, measure, `${key}_open`, window, place)]
  })
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

/** The plan of one feature over a window. */
export function overWindow<R>(
  fact: EventsPlan,
  measure: Measure<R>,
  name: string,
  window: WindowPlan,
  place: Place,
): AggregateFeature {
  const planned = planMeasure(measure, fact, place)
  const spans = aggregatePlans(planned.aggregate).some((plan) => aggregateKind(plan.function).spans === true)
  if (spans && windowKind(window).bounds === undefined)
    throw invalid(
      place,
      `overlap() is over a window of time, such as .over('7d'), and not ${windowKind(window).words(window)}`,
    )
  return { kind: 'aggregate', name, ...planned, window }
}
