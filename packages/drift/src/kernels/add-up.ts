import { f64, f64x2, func, i32, repeatWhile, v128, type Func } from './assembly.ts'

/**
 * What is kept of each bin, side by side, so that a number finds all of it in one place: the sums of distances from the centre and of
 * their squares, what was rounded away from either, and the count. All are doubles.
 */
export const SUM = 0
export const SQUARE = 8
export const SUM_REST = 16
export const SQUARE_REST = 24
export const COUNT = 32
export const BIN_BYTES = 48

/**
 * Adds the doubles from one address to another to their bins. Both sums are added up at once, as two lanes. Every addition keeps what
 * it rounds away (Knuth's two-sum).
 */
export const addUp: Func = func(
  { from: 'i32', end: 'i32', bins: 'i32', fields: 'i32', centre: 'f64' },
  { at: 'i32', distance: 'f64', both: 'v128', sums: 'v128', next: 'v128', added: 'v128', rests: 'v128' },
  ({ from, end, bins, fields, centre, at, distance, both, sums, next, added, rests }) => [
    repeatWhile(
      i32.lt_u(from, end),
      at.set(i32.add(fields, i32.mul(i32.load(bins), i32.const(BIN_BYTES)))),
      distance.set(f64.sub(f64.load(from), centre)),
      both.set(f64x2.replace_lane(1, f64x2.splat(distance), f64.mul(distance, distance))),
      sums.set(v128.load(at, SUM)),
      next.set(f64x2.add(sums, both)),
      added.set(f64x2.sub(next, sums)),
      v128.store(at, next, SUM),
      rests.set(f64x2.add(v128.load(at, SUM_REST), f64x2.sub(sums, f64x2.sub(next, added)))),
      v128.store(at, f64x2.add(rests, f64x2.sub(both, added)), SUM_REST),
      f64.store(at, f64.add(f64.load(at, COUNT), f64.const(1)), COUNT),
      from.set(i32.add(from, i32.const(8))),
      bins.set(i32.add(bins, i32.const(4))),
    ),
  ],
)
