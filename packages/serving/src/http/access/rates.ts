import { MartletError } from '@martlet/warehouse'
import type { Principal, RateLimit } from '../../desk/principal.ts'

/** How often each caller has called. */
export interface Rates {
  /** Counts a request of a caller. Returns 0, or the milliseconds after which it may call again. */
  take(caller: Pick<Principal, 'id' | 'rate'>): number
}

interface Bucket {
  /** Requests that may come now. */
  left: number
  /** When that was so, in milliseconds. */
  at: number
}

/** Callers that are remembered. Those that have not called for longest are forgotten first: their buckets are the fullest. */
const REMEMBERED = 10_000

/**
 * Token buckets, one for each caller.
 *
 * @param shares over how many processes the requests of a caller are spread: each allows its share
 * @param clock milliseconds that never go back
 */
export function ratesOf(shares: number, clock: () => number, remembered: number = REMEMBERED): Rates {
  const buckets = new Map<string, Bucket>()
  return {
    take({ id, rate }) {
      if (rate === undefined) return 0
      const perMs = rate.perSecond / shares / 1000
      const burst = Math.max(1, burstOf(rate) / shares)
      const now = clock()
      const known = buckets.get(id)
      const bucket = known ?? { left: burst, at: now }
      bucket.left = Math.min(burst, bucket.left + (now - bucket.at) * perMs)
      bucket.at = now
      if (known !== undefined) buckets.delete(id)
      buckets.set(id, bucket)
      if (buckets.size > remembered)
        for (const oldest of buckets.keys()) {
          buckets.delete(oldest)
          break
        }
      // Sums of fractions may miss a whole number by a hair.
      if (bucket.left < 1 - 1e-9) return (1 - bucket.left) / perMs
      bucket.left -= 1
      return 0
    },
  }
}

function burstOf({ perSecond, burst }: RateLimit): number {
  return burst ?? Math.max(1, perSecond)
}

/**
 * Checks a limit of the configuration.
 *
 * @throws MartletError `INVALID_AUTH` when it could not work
 */
export function checkRate(rate: RateLimit | undefined, place: string): void {
  if (rate === undefined) return
  const isPositive = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value > 0
  if (typeof rate !== 'object' || rate === null || !isPositive(rate.perSecond)) {
    const message = `${place}.perSecond must be a number above 0: requests per second in the long run.`
    throw new MartletError('INVALID_AUTH', message)
  }
  if (rate.burst !== undefined && !(isPositive(rate.burst) && rate.burst >= 1))
    throw new MartletError('INVALID_AUTH', `${place}.burst must be at least 1: requests that may come at once.`)
}
