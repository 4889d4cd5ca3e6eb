import { func, i32, i32x4, repeatWhile, v128, type Func } from './assembly.ts'

/** The sum of products of 16-bit numbers, eight at a time; those from `from` to `end` with as many from `other` on. */
export const sumOfProducts: Func = func(
  { from: 'i32', end: 'i32', other: 'i32' },
  { sums: 'v128' },
  ({ from, end, other, sums }) => [
    sums.set(i32x4.splat(i32.const(0))),
    repeatWhile(
      i32.lt_u(from, end),
      sums.set(i32x4.add(sums, i32x4.dot_i16x8_s(v128.load(from), v128.load(other)))),
      from.set(i32.add(from, i32.const(16))),
      other.set(i32.add(other, i32.const(16))),
    ),
    i32.add(
      i32.add(i32x4.extract_lane(0, sums), i32x4.extract_lane(1, sums)),
      i32.add(i32x4.extract_lane(2, sums), i32x4.extract_lane(3, sums)),
    ),
  ],
)
