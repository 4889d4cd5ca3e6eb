import { performance } from 'node:perf_hooks'
import process from 'node:process'
import type { Authenticator, Principal } from './api-keys.ts'
import type { Call } from './call.ts'
import { heldBytes } from './held-bytes.ts'
import type { Limits } from './limits.ts'
import type { ServingMetrics } from './metrics.ts'
import { requestIds } from './request-ids.ts'
import type { GatedRoute } from './route.ts'
import { turnsOf } from './turns.ts'
import { visitClass, type Handler } from './visit.ts'

export interface Failure {
  readonly requestId: string
  readonly route: string
  readonly error: unknown
}

/** Takes a call and, sooner or later but exactly once, answers it. */
export type Serve = (call: Call) => void

export interface Gate {
  /** Wraps a handler with identity, limits, deadline, metrics and problem answers: one function per route, no middleware. */
  wrap(route: GatedRoute, handler: Handler): Serve
  /** From now on answers close their connection, so that clients go elsewhere. */
  drain(): void
  close(): void
}

interface GateParts {
  readonly authenticator: Authenticator
  readonly limits: Limits
  readonly metrics: ServingMetrics
  readonly onFailure: (failure: Failure) => void
}

export function gateOf({ authenticator, limits, metrics, onFailure }: GateParts): Gate {
  const perKey = authenticator.principals > 1 ? limits.inFlightPerKey : limits.inFlight
  const underWay = new Map<Principal, number>()
  let counted = 0
  let draining = false
  const unsent = heldBytes('answers that have not been read', limits.unsentBytes)
  const Visit = visitClass({
    limits,
    metrics,
    authenticator,
    requestIdOf: requestIds(),
    turns: turnsOf(),
    arriving: heldBytes('bodies', limits.arrivingBytes),
    unsent,
    isDraining: () => draining,
    onFailure: safely(onFailure),
    enter(principal) {
      const own = underWay.get(principal) ?? 0
      if (counted >= limits.inFlight) return `${limits.inFlight} requests are under way, the limit`
      if (own >= perKey) return `${perKey} requests of the key ${principal.name} are under way, the limit for one key`
      counted++
      underWay.set(principal, own + 1)
      return undefined
    },
    leave(principal) {
      counted--
      underWay.set(principal, (underWay.get(principal) ?? 1) - 1)
    },
  })
  const sweep = setInterval(() => Visit.sweep(performance.now()), Math.max(5, Math.min(100, limits.deadlineMs / 10)))
  sweep.unref()
  metrics.beforeScrape(() => {
    metrics.inFlight.set(Visit.count())
    metrics.unsentBytes.set(unsent.bytes)
  })

  return {
    wrap(route, handler) {
      // Operations must answer when nothing else does.
      const wrapped = {
        route,
        handler,
        counts: route.group !== 'operations',
        ok: metrics.requests.labels(route.method, route.path, '200'),
      }
      return (call) => new Visit(wrapped, call).run()
    },
    drain() {
      draining = true
    },
    close() {
      clearInterval(sweep)
    },
  }
}

/** A listener that fails must not keep a request from being answered. */
function safely(onFailure: (failure: Failure) => void): (failure: Failure) => void {
  return (failure) => {
    try {
      onFailure(failure)
    } catch (error) {
      process.emitWarning(`onError of serving() failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
