import type { EventsPlan } from '../../plan/source-plan.ts'
import { numbersOnly } from '../../vocabulary/aggregates/column-families.ts'
import type { NumberColumn, Numeric } from '../../vocabulary/aggregates/typed-columns.ts'
import type { AlongWindow } from '../../vocabulary/windows/along.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import { columnNamed } from '../sources/source.ts'
import type { EachFeature } from './calendar-windows.ts'
import { featuresOf, type Gridded } from './features.ts'

const cannot = 'it is no meter'

/** Windows along a meter instead of along time. */
export interface AlongWords<V, R, P extends string = ''> {
  /**
   * The events at which a counter that only grows stands less than so far below where it stands at the newest event:
   * the last 250 engine hours, whatever time they took, named `key_250_engine_hours`. The counter may start anew.
   */
  along<C extends NumberColumn<R>, const D extends readonly [number, ...number[]]>(
    meter: Numeric<R, C, typeof cannot>,
    ...distances: WholeDistances<D>
  ): Gridded<V, `${P}_${D[number]}_${C}`>
}

type WholeDistances<D extends readonly number[]> = {
  readonly [I in keyof D]: number extends D[I]
    ? D[I]
    : `${D[I]}` extends `${string}.${string}` | `-${string}` | `${string}e${string}` | '0'
      ? `${D[I]} is not a whole distance of the meter, at least 1`
      : D[I]
}

export function alongWords<V, R, P extends string = ''>(fact: EventsPlan, every: EachFeature): AlongWords<V, R, P> {
  return {
    along: (meter: string, ...distances: readonly (number | string)[]) =>
      every((feature) =>
        featuresOf((key, place) => {
          const refused = numbersOnly(cannot)([columnNamed(fact.columns, meter, 'fact', place)])
          if (refused !== undefined) throw invalid(place, refused)
          if (distances.length === 0) throw invalid(place, 'it names no window')
          return distances.map((given) => {
            const distance = wholeDistance(given, place)
            if (distances.filter((other) => other === given).length > 1)
              throw invalid(place, `window ${distance} is named twice; name it once`)
            const window: AlongWindow = { kind: 'along', meter, distance }
            return feature(`${key}_${distance}_${meter}`, window, place)
          })
        }),
      ),
  }
}

function wholeDistance(given: number | string, place: Place): number {
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= 1) return given
  throw invalid(place, `along(…, ${given}) must be a whole distance of the meter, at least 1`)
}
