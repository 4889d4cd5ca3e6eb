import { f64, f64x2, func, i32, i32x4, repeatWhile, v128, when, type Func } from './assembly.ts'

/**
 * Whether all doubles from one address to another are finite: 1 or 0. The differences of infinities and of what is no number from
 * themselves are no numbers, which the sum of all then is.
 */
export const areFinite: Func = func({ from: 'i32', end: 'i32' }, { pair: 'v128', sum: 'v128' }, (use) => {
  const { from, end, pair, sum } = use
  const total = f64x2.extract_lane(0, sum)
  return [
    sum.set(i32x4.splat(i32.const(0))),
    // An even number of doubles in pairs, and the last one of an odd number by itself.
    repeatWhile(
      i32.lt_u(i32.add(from, i32.const(8)), end),
      pair.set(v128.load(from)),
      sum.set(f64x2.add(sum, f64x2.sub(pair, pair))),
      from.set(i32.add(from, i32.const(16))),
    ),
    when(i32.lt_u(from, end), [pair.set(f64x2.splat(f64.load(from))), sum.set(f64x2.add(sum, f64x2.sub(pair, pair)))]),
    i32.and(f64.eq(total, total), f64.eq(f64x2.extract_lane(1, sum), f64x2.extract_lane(1, sum))),
  ]
})

/**
 * Moves doubles to the front that are finite, in no row that `nulls` marks and in a window from 0 on, and their windows with them.
 * Returns where the last one ends. Every row is written, and the next one over it where it is not kept: no branch is guessed wrongly.
 */
export const keepFinite: Func = func(
  { from: 'i32', end: 'i32', nulls: 'i32', windows: 'i32', keptWindows: 'i32' },
  { value: 'f64', window: 'i32', isKept: 'i32', out: 'i32' },
  ({ from, end, nulls, windows, keptWindows, value, window, isKept, out }) => [
    out.set(from),
    repeatWhile(
      i32.lt_u(from, end),
      value.set(f64.load(from)),
      window.set(i32.load(windows)),
      f64.store(out, value),
      i32.store(keptWindows, window),
      isKept.set(i32.and(f64.eq(f64.sub(value, value), f64.const(0)), i32.eqz(i32.load8_u(nulls)))),
      isKept.set(i32.and(isKept, i32.ge_s(window, i32.const(0)))),
      out.set(i32.add(out, i32.shl(isKept, i32.const(3)))),
      keptWindows.set(i32.add(keptWindows, i32.shl(isKept, i32.const(2)))),
      from.set(i32.add(from, i32.const(8))),
      windows.set(i32.add(windows, i32.const(4))),
      nulls.set(i32.add(nulls, i32.const(1))),
    ),
    out,
  ],
)
