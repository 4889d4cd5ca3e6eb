import type { Histogram } from './histogram.ts'

/** How high bars are drawn: one that is much higher than all others is cut, so that these are seen. */
export interface BarScale {
  /** The share at the top. */
  readonly top: number
  /** The cell whose bar is cut. */
  readonly cut: number | null
}

/** A bar this many times as high as the second is cut. */
const TOWERING = 3
const ABOVE_SECOND = 1.35

export function barScale({ reference, current, below, above, missing }: Histogram): BarScale {
  const tall = reference.map((share, cell) => Math.max(share, current[cell] ?? 0))
  const highest = tall.indexOf(Math.max(...tall))
  const others = tall.filter((_, cell) => cell !== highest)
  const second = Math.max(...others, ...below, ...above, ...missing)
  const first = tall[highest] ?? 0
  return second > 0 && first > TOWERING * second
    ? { top: second * ABOVE_SECOND, cut: highest }
    : { top: Math.max(first, second) || 1, cut: null }
}
