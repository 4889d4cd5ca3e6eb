const HOUR = 3600
const DAY = 24 * HOUR

/** Lengths of stretches of time that people think in, seconds; each is a multiple of those before it. */
const LENGTHS = [HOUR, DAY, 7 * DAY, 28 * DAY]
/** With fewer stretches their spread is not known. */
const FEWEST = 8
const MOST = 1000

/** The lengths of stretches, in seconds, of which a span has enough to see how its stretches differ, and not too many. */
export function blockLengths(spanSeconds: number): readonly number[] {
  return LENGTHS.filter((length) => spanSeconds >= FEWEST * length && spanSeconds <= MOST * length)
}
