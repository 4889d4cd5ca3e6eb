import type { Limits } from '../desk/limits.ts'
import type { Principal } from '../desk/principal.ts'

/** Requests under way, counted for all callers together and for each of them. */
export interface Slots {
  /** Takes a slot, or says why there is none. */
  enter(principal: Principal): string | undefined
  leave(principal: Principal): void
}

/** @param hasSeveral whether several callers can be distinguished */
export function slotsOf(limits: Limits, hasSeveral: () => boolean): Slots {
  const underWay = new Map<string, number>()
  let all = 0
  return {
    enter(principal) {
      const own = underWay.get(principal.id) ?? 0
      const perKey = hasSeveral() ? limits.inFlightPerKey : limits.inFlight
      if (all >= limits.inFlight) return `${limits.inFlight} requests are under way, the limit`
      if (own >= perKey) return `${perKey} requests of ${principal.name} are under way, the limit for one caller`
      all++
      underWay.set(principal.id, own + 1)
      return undefined
    },
    leave(principal) {
      all--
      const own = (underWay.get(principal.id) ?? 1) - 1
      if (own > 0) underWay.set(principal.id, own)
      else underWay.delete(principal.id)
    },
  }
}
