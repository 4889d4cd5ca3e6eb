/** Milliseconds from the epoch to the last instant that a Date holds, in the year 275760. */
const FARTHEST_MS = 8.64e15

/** ISO 8601 in UTC. Engines have times that a Date cannot hold: such a one is taken for the last that it can. */
export function isoOfMicros(micros: number): string {
  return new Date(Math.max(-FARTHEST_MS, Math.min(FARTHEST_MS, micros / 1000))).toISOString()
}
