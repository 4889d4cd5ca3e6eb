import { f64, f64x2, type Local, type Step, type Value } from './assembly.ts'

/** Doubles from here on have no digits after the point, so that adding it rounds to a whole number, in the lowest bits. */
const WHOLE = 2 ** 52

/** The locals and parameters by which the cells of two numbers are found. */
export interface Grid {
  readonly low: Local<'f64'>
  readonly scale: Local<'f64'>
  /** The last cell. */
  readonly last: Local<'f64'>
  readonly lows: Local<'v128'>
  readonly scales: Local<'v128'>
  readonly lasts: Local<'v128'>
  readonly zeros: Local<'v128'>
  readonly wholes: Local<'v128'>
}

/** Their types, but for the parameters. */
export const GRID_LOCALS = { lows: 'v128', scales: 'v128', lasts: 'v128', zeros: 'v128', wholes: 'v128' } as const

/** Prepares {@link cellsOfPair}. */
export function spreadGrid({ low, scale, last, lows, scales, lasts, zeros, wholes }: Grid): readonly Step[] {
  return [
    lows.set(f64x2.splat(low)),
    scales.set(f64x2.splat(scale)),
    lasts.set(f64x2.splat(last)),
    zeros.set(f64x2.splat(f64.const(0))),
    wholes.set(f64x2.splat(f64.const(WHOLE))),
  ]
}

/** The cells of two numbers, in the lower halves of both lanes. A number that is none is in the first cell. */
export function cellsOfPair({ lows, scales, lasts, zeros, wholes }: Grid, pair: Value<'v128'>): Value<'v128'> {
  const places = f64x2.mul(f64x2.sub(pair, lows), scales)
  return f64x2.add(f64x2.pmin(lasts, f64x2.pmax(zeros, places)), wholes)
}

/**
 * The same of one number, outside of kernels. It never falls as the number rises: differences, and products with a positive number,
 * are rounded in order.
 */
export function cellOf(value: number, low: number, scale: number, last: number): number {
  const place = (value - low) * scale
  return (place > 0 ? Math.min(place, last) : 0) + WHOLE - WHOLE
}
