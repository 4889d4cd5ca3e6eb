import type { Micros } from '../feature-plan.ts'

const SECOND = 1_000_000n
const MINUTE = 60n * SECOND
const HOUR = 60n * MINUTE

/** The steps that the start of a continuous window may move in, longest first. */
const HOPS: readonly bigint[] = [
  ...[24n, 12n, 6n, 3n, 2n, 1n].map((hours) => hours * HOUR),
  ...[30n, 15n, 10n, 5n, 2n, 1n].map((minutes) => minutes * MINUTE),
  ...[30n, 15n, 10n, 5n, 1n].map((seconds) => seconds * SECOND),
]

/** No window of a continuous view is divided into fewer steps than this. */
const STEPS = 48n

/**
 * The step in which the start of a continuous window moves: the longest of a fixed list of durations that divides the window
 * into at least 48 steps. A window of length w at t covers `[floor((t − w) / hop) · hop, t)`, so that it can be made of
 * whole tiles and the newest events: it reaches back w, and at most a forty-eighth more.
 *
 * @throws RangeError for windows shorter than a minute.
 * @example hopOf(3_600_000_000) // => 60_000_000: one hour moves minute by minute
 */
export function hopOf(window: Micros): Micros {
  if (window < Number(MINUTE)) throw new RangeError(`A continuous window of ${window} µs is shorter than a minute.`)
  const longest = BigInt(window) / STEPS
  return Number(HOPS.find((hop) => hop <= longest) ?? SECOND)
}
