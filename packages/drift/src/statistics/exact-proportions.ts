import { logMidTail } from './hypergeometric.ts'

/** An exact test that two shares are the same. */
export interface ExactProportionTest {
  /** Current share minus reference share. */
  readonly difference: number
  readonly p: number
  readonly logP: number
}

/**
 * The exact test that two shares are the same: given how many hits there are in all, how many of them fell into the current rows.
 *
 * Formula: twice the smaller tail of the hypergeometric distribution, the observed count itself by half (mid-p). Right for any
 * counts, close to {@link twoProportions} when they are large.
 *
 * Source: Fisher (1935); Lancaster, "Significance tests in discrete distributions" (1961).
 *
 * @example exactProportions(0, 1000, 1, 30).p // 0.029126213592… = 30/1030
 */
export function exactProportions(hits: number, n: number, currentHits: number, m: number): ExactProportionTest {
  const difference = currentHits / m - hits / n
  const marked = hits + currentHits
  const population = n + m
  // Seen from the side that has more hits than its share of the rows, so that the tail is summed outwards.
  const above = currentHits * population >= marked * m
  const log = above
    ? logMidTail(currentHits, { marked, draws: m, population })
    : logMidTail(hits, { marked, draws: n, population })
  const tail = Math.exp(log)
  const logP = tail <= 0.5 ? Math.LN2 + log : Math.LN2 + Math.log1p(-Math.min(1, tail))
  return { difference, p: Math.min(1, Math.exp(logP)), logP: Math.min(0, logP) }
}
