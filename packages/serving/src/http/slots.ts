import type { Limits } from '../desk/limits.ts'
import type { Principal } from '../desk/principal.ts'

/** Requests under way, counted for all callers together and for each of them. */
export interface Slots {
  /** Takes a slot, or says why there is none. */
  enter(principal: Principal): string | undefined
  leave(principal: Principal): void
}

/** @param principals how many callers can be distinguished */
export function slotsOf(limits: Limits, principals: number): Slots {
  const perKey = principals > 1 ? limits.inFlightPerKey : limits.inFlight
  const underWay = new Map<Principal, number>()
  let all = 0
  return {
    enter(principal) {
      const own = underWay.get(principal) ?? 0
      if (all >= limits.inFlight) return `${limits.inFlight} requests are under way, the limit`
      if (own >= perKey) return `${perKey} requests of the key ${principal.name} are under way, the limit for one key`
      all++
      underWay.set(principal, own + 1)
      return undefined
    },
    leave(principal) {
      all--
      underWay.set(principal, (underWay.get(principal) ?? 1) - 1)
    },
  }
}
