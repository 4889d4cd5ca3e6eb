/** The largest gap of two empirical distribution functions and where it is. */
export interface KsGap {
  /** `sup |F − G|` */
  readonly statistic: number
  /** The smallest value at which the gap is reached; NaN when there is no gap. */
  readonly location: number
  /** `max |i·m − j·n|` over the steps: the gap times n·m, a whole number. */
  readonly scaled: number
}

/**
 * The two-sample Kolmogorov-Smirnov statistic of two ascending arrays of finite numbers; −0 equals 0.
 *
 * Formula: `max |i/n − j/m|` over the distinct values of both, i and j the counts at or below the value.
 *
 * @example ksStatistic([1, 2, 3, 4, 5], [3, 4, 5, 6, 7]).statistic // 0.4
 */
export function ksStatistic(reference: ArrayLike<number>, current: ArrayLike<number>): KsGap {
  const n = reference.length
  const m = current.length
  let i = 0
  let j = 0
  let scaled = 0
  let location = Number.NaN
  while (i < n && j < m) {
    const value = Math.min(reference[i] ?? 0, current[j] ?? 0)
    while (i < n && (reference[i] ?? 0) <= value) i += 1
    while (j < m && (current[j] ?? 0) <= value) j += 1
    const gap = Math.abs(i * m - j * n)
    if (gap > scaled) {
      scaled = gap
      location = value
    }
  }
  return { statistic: scaled / n / m, location, scaled }
}
