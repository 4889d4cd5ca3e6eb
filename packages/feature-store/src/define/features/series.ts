import { invalid, type Place } from '../invalid-definition.ts'

/** How many windows a series may have: a view holds at most a thousand features. */
const LONGEST = 999

export function seriesLength(given: unknown, place: Place): number {
  if (typeof given !== 'number' || !Number.isSafeInteger(given) || given < 1)
    throw invalid(place, `a series has a whole number of windows, at least 1, and not ${String(given)}`)
  if (given > LONGEST) throw invalid(place, `a series has at most ${LONGEST} windows, and not ${given}`)
  return given
}

/** 1 to N; any number where N is not known. */
export type UpTo<N extends number> = number extends N ? number : [N] extends [never] ? never : CountTo<N>
type CountTo<
  N extends number,
  Done extends readonly unknown[] = readonly [],
  All extends number = never,
> = Done['length'] extends N
  ? All
  : CountTo<N, readonly [...Done, unknown], All | (readonly [...Done, unknown])['length']>

/** The number where a series can have so many windows, and otherwise the sentence that says why not. */
export type SeriesLength<N extends number> = number extends N
  ? N
  : `${N}` extends '0' | `-${string}` | `${string}.${string}` | `${string}e${string}`
    ? `a series has a whole number of windows, at least 1, and not ${N}`
    : `${N}` extends `${Digit}${Digit}${Digit}${Digit}${string}`
      ? `a series has at most 999 windows, and not ${N}`
      : N
type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
