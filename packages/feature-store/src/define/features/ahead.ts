import { invalid, type Place } from '../invalid-definition.ts'
import type { Outcome } from './outcome.ts'

/** An aggregate over the time after t. */
export interface Ahead<V> extends Outcome<V> {
  /**
   * So many windows, one after the other, as columns `next_1`, `next_2` … of a label named `next`.
   *
   * @example label('next', { of: customer, from: usage, value: (f) => f.sum('kwh').ahead('1d').steps(7) })
   */
  steps<const N extends number>(count: WholeSteps<N>): Outcome<V, Readonly<Record<`_${UpTo<N>}`, V>>>
}

type WholeSteps<N extends number> = number extends N
  ? N
  : `${N}` extends `${string}.${string}` | `-${string}` | `${string}e${string}` | '0'
    ? `${N} is not a whole number of steps, at least 1`
    : `${N}` extends `${number}${number}${number}${number}`
      ? `a label has at most 200 steps, not ${N}`
      : N

/** 1 | 2 | … | N */
type UpTo<N, Found extends number = never, Counted extends readonly 0[] = readonly []> = N extends number
  ? number extends N
    ? number
    : Counted['length'] extends N
      ? Found
      : UpTo<N, Found | [...Counted, 0]['length'], readonly [...Counted, 0]>
  : never

/** More columns than that are hardly one label, and their windows are looked up all at once. */
const MOST_STEPS = 200

export function ahead<V>(one: Outcome<V>): Ahead<V> {
  return Object.freeze({
    plan: (place) => one.plan(place),
    steps: (count) =>
      Object.freeze({
        plan: (place: Place) => {
          if (!Number.isSafeInteger(count) || Number(count) < 1)
            throw invalid(place, `steps(${String(count)}) must be a whole number of windows, at least 1`)
          if (Number(count) > MOST_STEPS)
            throw invalid(place, `a label has at most ${MOST_STEPS} steps, not ${String(count)}`)
          return { ...one.plan(place), steps: Number(count) }
        },
      }),
  } satisfies Ahead<V>)
}
