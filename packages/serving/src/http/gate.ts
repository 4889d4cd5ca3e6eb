import { performance } from 'node:perf_hooks'
import type { Limits } from '../desk/limits.ts'
import type { MetricsPage } from '../desk/desk-metrics.ts'
import { turnsOf } from '../desk/turns.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Authenticator } from './access/authenticator.ts'
import { ratesOf, type Rates } from './access/rates.ts'
import { heldBytes } from './body/held-bytes.ts'
import { NOT_OF_FORMS } from './access/open-access.ts'
import type { Call } from './call/call.ts'
import { requestIds } from './call/request-ids.ts'
import { safely, type OnFailure } from './failure.ts'
import { sweepVisits, type GateState } from './gate-state.ts'
import { httpMetrics } from './http-metrics.ts'
import { pendingTimes } from './pending-times.ts'
import type { GatedRoute } from './route.ts'
import { slotsOf } from './slots.ts'
import type { RouteTelemetry } from './telemetry/request-telemetry.ts'
import { Visit } from './visit.ts'

/** Takes a call and answers it sooner or later, exactly once. */
export type Serve = (call: Call) => void

export interface Gate {
  /** A route behind identity, limits, deadline, metrics and refusals: one function per route, no middleware. */
  admit(route: GatedRoute): Serve
  /** From now on answers close their connections, so that clients go elsewhere. */
  drain(): void
  close(): void
}

interface GateParts {
  readonly authenticator: Authenticator
  /** @default no process shares them */
  readonly rates?: Rates
  /** @default nobody wants to know */
  readonly audit?: AuditLog | undefined
  readonly limits: Limits
  readonly metrics: MetricsPage
  readonly onFailure: OnFailure
  /** What OpenTelemetry is told about the requests of a route. @default nothing */
  readonly telemetry?: ((route: GatedRoute) => RouteTelemetry) | undefined
}

export function gateOf(parts: GateParts): Gate {
  const { authenticator, audit, limits, metrics: page, onFailure, telemetry } = parts
  let draining = false
  const metrics = httpMetrics(page)
  const unsent = heldBytes('Unread answers', limits.unsentBytes, authenticator.hasSeveral)
  const state: GateState = {
    visits: new Set(),
    limits,
    metrics,
    times: pendingTimes(page),
    authenticator,
    rates: parts.rates ?? ratesOf(1, () => performance.now()),
    audit,
    requestIdOf: requestIds(),
    turns: turnsOf(),
    slots: slotsOf(limits, authenticator.hasSeveral),
    arriving: heldBytes('Request bodies', limits.arrivingBytes, authenticator.hasSeveral),
    unsent,
    isDraining: () => draining,
    onFailure: safely(onFailure),
  }
  const sweep = setInterval(
    () => sweepVisits(state, performance.now()),
    Math.max(5, Math.min(100, limits.deadlineMs / 10)),
  )
  sweep.unref()
  page.beforeScrape(() => {
    metrics.inFlight.set(state.visits.size)
    metrics.unsentBytes.set(unsent.bytes)
  })

  return {
    admit(route) {
      const { method, path, body, anyContentType } = route
      const bodyType = typeof body === 'string' ? body : 'application/json'
      const admission = {
        route,
        contentType: method !== 'POST' ? undefined : anyContentType === true ? NOT_OF_FORMS : bodyType,
        ok: metrics.requests.labels(method, path, '200'),
        telemetry: telemetry?.(route),
      }
      return (call) => new Visit(state, admission, call).run()
    },
    drain() {
      draining = true
    },
    close() {
      clearInterval(sweep)
    },
  }
}
