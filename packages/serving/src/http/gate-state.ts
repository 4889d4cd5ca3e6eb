import type { Limits } from '../desk/limits.ts'
import type { Turns } from '../desk/turns.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Authenticator } from './access/authenticator.ts'
import type { Rates } from './access/rates.ts'
import type { HeldBytes } from './body/held-bytes.ts'
import type { Call } from './call/call.ts'
import type { OnFailure } from './failure.ts'
import type { HttpMetrics } from './http-metrics.ts'
import type { PendingTimes, Times } from './pending-times.ts'
import type { GatedRoute } from './route.ts'
import type { Slots } from './slots.ts'
import type { RouteTelemetry } from './telemetry/request-telemetry.ts'

/** A route with what is prepared once for all its visits. */
export interface Admission {
  readonly route: GatedRoute
  /** The type that a POST must have where no key is needed; undefined for other methods. */
  readonly contentType: string | undefined
  readonly ok: Times
  /** Undefined where nobody listens. */
  readonly telemetry: RouteTelemetry | undefined
}

/** What all visits of a gate share. */
export interface GateState {
  /** In order of arrival. */
  readonly visits: Set<Sweepable>
  readonly limits: Limits
  readonly metrics: HttpMetrics
  /** Of requests that were answered with 200. */
  readonly times: PendingTimes
  readonly authenticator: Authenticator
  readonly rates: Rates
  /** Undefined when nobody wants to know. */
  readonly audit: AuditLog | undefined
  readonly requestIdOf: (call: Call) => string
  readonly turns: Turns
  readonly slots: Slots
  /** Bytes of bodies and of unread answers. */
  readonly arriving: HeldBytes
  readonly unsent: HeldBytes
  readonly isDraining: () => boolean
  readonly onFailure: OnFailure
}

/** A request under way that may take too long. */
interface Sweepable {
  readonly startedAt: number
  /** Ends what has taken too long, whatever state it is in. */
  sweep(now: number): void
}

/** Ends everything that has taken too long. */
export function sweepVisits({ visits, limits }: GateState, now: number): void {
  const shortest = Math.min(limits.deadlineMs, limits.sendMs)
  for (const visit of visits) {
    // All may take the same time, so those after it are not due either.
    if (now - visit.startedAt < shortest) break
    visit.sweep(now)
  }
}
