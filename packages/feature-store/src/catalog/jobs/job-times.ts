import { instantText } from '../instant.ts'

/** For so long a worker has a job without a sign of life, in milliseconds. */
export const JOB_LEASE_MS = 60_000

/** Milliseconds since the epoch as the catalog writes instants. */
export function jobInstant(millis: number): string {
  return instantText(BigInt(Math.round(millis)) * 1000n)
}
