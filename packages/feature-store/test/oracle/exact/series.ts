import fc from 'fast-check'

export const HOUR = 3_600_000_000
export const DAY = 24 * HOUR
/** Days in which most facts lie; some lie up to three years before. */
export const DAYS = 12

/** A value at a time in µs since the first of the days. */
export interface Sample {
  readonly at: number
  readonly x: number
}

const pick = <const T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)

/** Full hours, so that ties and exact edges of windows are common, some of them of many events, and times between them. */
const time = fc.oneof(
  { weight: 2, arbitrary: pick((DAYS - 5) * DAY, (DAYS - 3) * DAY - HOUR, (DAYS - 2) * DAY + 7 * HOUR) },
  { weight: 6, arbitrary: fc.integer({ min: (DAYS - 6) * 24, max: DAYS * 24 }).map((hour) => hour * HOUR) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: DAYS * 24 }).map((hour) => hour * HOUR) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: DAYS * 86_400 }).map((second) => second * 1_000_000 + 1) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 1_000 }).map((day) => -day * DAY) },
)
const longAgo = fc.integer({ min: 20, max: 1_000 }).map((day) => -day * DAY)

const MOST = { maxLength: 20, size: 'max' } as const
const sampled = (
  x: fc.Arbitrary<number>,
  at = time,
  length: fc.ArrayConstraints = MOST,
): fc.Arbitrary<readonly Sample[]> => fc.array(fc.record({ at, x }), length)

/** Readings of a meter, in hundredths: no sum of them is exact in binary. */
const reading = fc.integer({ min: 0, max: 1_000 }).map((i) => i / 100)
/** What systems write when they have no value, and the ends of the range of doubles. */
export const SENTINELS = [1e6, 1e9, 1e17, -9999, 1e30, 1e200, 1e308, 1.5e308, 5e-324, 1e-300] as const

const both = (
  one: fc.Arbitrary<readonly Sample[]>,
  other: fc.Arbitrary<readonly Sample[]>,
): fc.Arbitrary<readonly Sample[]> => fc.tuple(one, other).map(([a, b]) => [...a, ...b])

/** Any double up to `most` of whose square doubles keep all digits; the sentinels have some of which they do not. */
const double = (most: number): fc.Arbitrary<number> =>
  fc.double({ min: -most, max: most, noNaN: true }).map((x) => (Math.abs(x) < 1e-140 ? 0 : x))

/** Values of one series that cancel each other, wherever a window cuts them apart. */
const cancelling = fc.oneof(
  pick(
    [1e17, 1, -1e17, 0.125],
    [0.1, 0.2, -0.3, 0.3, -0.2, -0.1],
    [1e9, -1e9, 1e-3],
    [1e200, -1e200, 1, 2],
    [3e15, -3e15, 0.5, -0.5],
  ),
  double(1e6).map((x) => [x, -x, 2 ** -20]),
)

const level = fc.record({ at: pick(0.1, 1e9, 1e15, -1e9, 12.5), step: pick(0, 1e-3, 0.25, 1 / 8) })

/** Kinds of series as warehouses hold them, by what is hard about them. */
export const series = {
  tame: sampled(reading),
  sentinels: both(
    sampled(fc.oneof({ weight: 5, arbitrary: reading }, { weight: 1, arbitrary: pick(...SENTINELS) })),
    fc.oneof(
      sampled(pick(...SENTINELS), longAgo, { maxLength: 3 }),
      fc.array(longAgo, { minLength: 2, maxLength: 2 }).map((times) => times.map((at) => ({ at, x: 1.5e308 }))),
    ),
  ),
  cancelling: cancelling.chain((values) => sampled(pick(...values))),
  'a small spread on a large mean': level.chain(({ at: mean, step }) =>
    sampled(fc.integer({ min: -8, max: 8 }).map((i) => mean + i * step)),
  ),
  'constant after other constants': fc
    .tuple(fc.array(pick(0.1, 0.3, 1e9 + 0.1, 1e17, 0, -0, 7), { minLength: 1, maxLength: 4 }), fc.array(time, MOST))
    .map(([levels, times]) =>
      times.map((at) => ({ at, x: levels[Math.max(0, Math.floor(at / (3 * DAY))) % levels.length] ?? 0 })),
    ),
  wandering: fc
    .tuple(pick(0, 1e5, 1e7), fc.array(fc.record({ at: time, step: fc.integer({ min: 1, max: 100 }) }), MOST))
    .map(([start, steps]) => {
      let reached = start
      return steps
        .toSorted((a, b) => a.at - b.at)
        .map(({ at, step }) => ({ at, x: (reached += at < 0 ? step * 1e4 : step / 10) }))
    }),
  'heavy tails': sampled(
    fc
      .tuple(fc.double({ min: 2 ** -30, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([radius, turn]) => Math.exp(3 * Math.sqrt(-2 * Math.log(radius)) * Math.cos(2 * Math.PI * turn))),
  ),
  zeros: sampled(pick(0, -0)),
  'mixed signs': sampled(
    fc.oneof(
      reading,
      reading.map((x) => -x),
      pick(0, -0),
      double(1e3),
    ),
  ),
} satisfies Readonly<Record<string, fc.Arbitrary<readonly Sample[]>>>

export type SeriesName = keyof typeof series
// The keys of the object just above.
export const seriesNames = Object.keys(series) as readonly SeriesName[]
