import { calendarUnits, type CalendarUnit } from '../../plan/time/calendar-unit.ts'
import type { WindowPlan } from '../../plan/feature-plan.ts'
import type { CalendarWindow } from '../../vocabulary/windows/calendar.ts'
import type { ToDateWindow } from '../../vocabulary/windows/to-date.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import { featuresOf, type Features, type Plans, type Gridded } from './features.ts'

type Counts = readonly [number, ...number[]]

/** Windows of units of the calendar, on the clock of the view's zone; `P` comes before what a window adds to the key. */
export interface CalendarWords<V, P extends string = ''> {
  /**
   * Whole local days that end with the newest midnight up to T, named `key_1day`, `key_7days`. Where clocks change, a
   * day has 23 or 25 hours; `over('1d')` always has 24.
   */
  overDays<const N extends Counts>(
    ...days: WholeUnits<N, 'days'>
  ): CalendarWindows<V, `${P}${Counted<'day', N[number]>}`>
  /** Whole local weeks from Monday to Sunday, named `key_1week`, `key_4weeks`. */
  overWeeks<const N extends Counts>(
    ...weeks: WholeUnits<N, 'weeks'>
  ): CalendarWindows<V, `${P}${Counted<'week', N[number]>}`>
  /** Whole local months, named `key_1month`, `key_3months`. */
  overMonths<const N extends Counts>(
    ...months: WholeUnits<N, 'months'>
  ): CalendarWindows<V, `${P}${Counted<'month', N[number]>}`>
  /** From the start of the local unit that T lies in up to T, named `key_month_to_date`; empty where T is that start. */
  toDate<const U extends readonly [string, ...string[]]>(...units: Known<U>): Gridded<V, `${P}_${U[number]}_to_date`>
  /** The whole local unit before the one that T lies in, named `key_previous_month`. */
  previous<const U extends readonly [string, ...string[]]>(...units: Known<U>): Gridded<V, `${P}_previous_${U[number]}`>
}

/** Features over whole units; a shift moves the windows into the past and leaves the names as they are. */
export interface CalendarWindows<V, S extends string> extends Gridded<V, S> {
  /** Ends so many units earlier: `overDays(1).shift(7)` is the same day a week ago. */
  shift<const N extends number>(units: WholeUnit<N, 'units'>): Gridded<V, S>
}

type Counted<U extends string, N extends number> = N extends 1 ? `_1${U}` : `_${N}${U}s`

type WholeUnits<N extends Counts, U extends string> = { readonly [I in keyof N]: WholeUnit<N[I], U> }
type WholeUnit<N extends number, U extends string> = number extends N
  ? N
  : `${N}` extends `${string}.${string}` | `-${string}` | `${string}e${string}` | '0'
    ? `${N} is not a whole number of ${U}, at least 1`
    : N

type Known<U extends readonly string[]> = {
  readonly [I in keyof U]: string extends U[I]
    ? U[I]
    : U[I] extends CalendarUnit
      ? U[I]
      : `there is no unit '${U[I]}'; there are day, week, month, quarter and year`
}

/** Makes the plan of one feature over a window. */
export type FeatureOver = (
  name: string,
  window: WindowPlan,
  place: Place,
) => ReturnType<Features<never, never>['plans']>[number]

/** Makes the features of an aggregate, or those of each aggregate of a pivot, from how one of them is planned. */
export type EachFeature = (planned: (feature: FeatureOver) => Plans) => Plans

export function calendarWords<V, P extends string = ''>(every: EachFeature): CalendarWords<V, P> {
  const over =
    (unit: CalendarUnit) =>
    (...counts: readonly (number | string)[]) => ({
      ...every((feature) => wholeUnits(feature, unit, counts, undefined)),
      shift: (units: number | string) => every((feature) => wholeUnits(feature, unit, counts, units)),
    })
  const each = (units: readonly string[], windowed: (unit: CalendarUnit) => Named): Plans =>
    every((feature) =>
      featuresOf((key, place) => {
        checkOnce(units, place)
        return units.map((unit) => {
          const { suffix, window } = windowed(knownUnit(unit, place))
          return feature(`${key}_${suffix}`, window, place)
        })
      }),
    )
  return {
    overDays: over('day'),
    overWeeks: over('week'),
    overMonths: over('month'),
    toDate: (...units: readonly string[]) =>
      each(units, (unit) => ({
        suffix: `${unit}_to_date`,
        window: { kind: 'toDate', unit } satisfies ToDateWindow,
      })),
    previous: (...units: readonly string[]) =>
      each(units, (unit) => ({
        suffix: `previous_${unit}`,
        window: { kind: 'calendar', unit, units: 1, shift: 0 } satisfies CalendarWindow,
      })),
  }
}

interface Named {
  readonly suffix: string
  readonly window: WindowPlan
}

function wholeUnits(
  feature: FeatureOver,
  unit: CalendarUnit,
  counts: readonly (number | string)[],
  shift: number | string | undefined,
): Plans {
  return featuresOf((key, place) => {
    checkOnce(counts.map(String), place)
    const by = shift === undefined ? 0 : wholeNumber(shift, `shift(${shift})`, unit, place)
    return counts.map((count) => {
      const units = wholeNumber(count, `over${unit[0]?.toUpperCase()}${unit.slice(1)}s(${count})`, unit, place)
      const window: CalendarWindow = { kind: 'calendar', unit, units, shift: by }
      return feature(`${key}_${units}${unit}${units === 1 ? '' : 's'}`, window, place)
    })
  })
}

const mostUnits = 10_000

function wholeNumber(given: number | string, what: string, unit: CalendarUnit, place: Place): number {
  if (typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= mostUnits) return given
  throw invalid(place, `${what} must be a whole number of ${unit}s, from 1 to ${mostUnits}`)
}

function knownUnit(unit: string, place: Place): CalendarUnit {
  if (isUnit(unit)) return unit
  throw invalid(place, `there is no unit '${unit}'; there are ${calendarUnits.join(', ')}`)
}

function isUnit(unit: string): unit is CalendarUnit {
  return calendarUnits.includes(unit)
}

function checkOnce(texts: readonly string[], place: Place): void {
  if (texts.length === 0) throw invalid(place, 'it names no window')
  const twin = texts.find((text, i) => texts.indexOf(text) !== i)
  if (twin !== undefined) throw invalid(place, `window ${twin} is named twice; name it once`)
}
