import { kolmogorovTwoSidedTail } from './kolmogorov-two-sided.ts'
import { ksExact } from './ks-exact.ts'

/** The exact count is used up to this many rows on each side. */
export const KS_EXACT_ROWS = 10_000

/**
 * The p of a two-sample Kolmogorov-Smirnov gap: exact up to 10 000 rows on each side, else the one-sample law at the
 * effective size n·m/(n+m) rounded half to even (scipy's `ks_2samp` makes the same choice).
 *
 * @example ksTest(0.00735, 20_000, 15_000) // 0.740543350800…
 */
export function ksTest(statistic: number, n: number, m: number): number {
  if (n === 0 || m === 0) return Number.NaN
  if (Math.max(n, m) <= KS_EXACT_ROWS) return ksExact(n, m, Math.round(statistic * n * m))
  return kolmogorovTwoSidedTail(statistic, roundHalfEven((n / (n + m)) * m))
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  if (value - floor !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}
