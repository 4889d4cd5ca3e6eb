import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { authorize, type Authenticate, type Principal } from './api-keys.ts'
import { header, type ServingContext } from './body.ts'
import type { Limits } from './limits.ts'
import type { ServingMetrics } from './metrics.ts'
import { Problem, problemOf, problemResponse } from './problem.ts'
import type { Route } from './route.ts'

/** One request on its way through a handler. */
export interface Exchange {
  readonly c: ServingContext
  readonly principal: Principal
  readonly requestId: string
  /** Throws the 504 problem once the deadline has passed: called between steps so that no work is done for nobody. */
  checkDeadline(): void
}

/** A 200 answer in JSON, or any other answer in full. */
export type Answer = string | { readonly status: number; readonly body: string; readonly contentType: string; readonly headers?: Readonly<Record<string, string>> }

export type Handler = (exchange: Exchange) => Answer | Promise<Answer>

export interface Failure {
  readonly requestId: string
  readonly route: string
  readonly error: unknown
}

export interface Gate {
  /** Wraps a handler with identity, limits, deadline, metrics and problem answers: one function a route, no middleware. */
  wrap(route: Route, handler: Handler): (c: ServingContext) => Response | Promise<Response>
  readonly inFlight: number
  /** From now on answers close their connection, so that clients go elsewhere. */
  drain(): void
  close(): void
}

interface Flight {
  readonly startedAt: number
  expire: (() => void) | undefined
}

interface GateParts {
  readonly authenticate: Authenticate
  readonly limits: Limits
  readonly metrics: ServingMetrics
  readonly onFailure: (failure: Failure) => void
}

export function gateOf({ authenticate, limits, metrics, onFailure }: GateParts): Gate {
  // In order of arrival, and all have the same time to live: the oldest come first, so one timer serves all.
  const flights = new Set<Flight>()
  let counted = 0
  let draining = false
  const idPrefix = randomBytes(6).toString('hex')
  let idCounter = 0
  const sweep = setInterval(() => {
    const oldest = performance.now() - limits.deadlineMs
    for (const flight of flights) {
      if (flight.startedAt > oldest) break
      flight.expire?.()
    }
  }, Math.max(5, Math.min(100, limits.deadlineMs / 10)))
  sweep.unref()
  metrics.beforeScrape(() => metrics.inFlight.set(flights.size))

  function requestIdOf(c: ServingContext): string {
    const given = header(c, 'x-request-id')
    if (given !== undefined && /^[\w.:/+=-]{1,128}$/.test(given)) return given
    return `${idPrefix}-${(idCounter++).toString(36)}`
  }

  function identify(c: ServingContext, route: Route): Principal {
    if (route.scope === null) return nobody
    const principal = authenticate(header(c, 'authorization'), header(c, 'x-api-key'))
    authorize(principal, route.scope)
    return principal
  }

  function wrap(route: Route, handler: Handler): (c: ServingContext) => Response | Promise<Response> {
    const labels = { method: route.method, route: route.path }
    const ok = metrics.requests.labels(route.method, route.path, '200')
    // Operations must answer when nothing else does.
    const counts = route.group !== 'operations'
    return (c) => {
      const startedAt = performance.now()
      const requestId = requestIdOf(c)
      const flight: Flight = { startedAt, expire: undefined }

      function answered(answer: Answer): Response {
        const seconds = (performance.now() - startedAt) / 1000
        if (typeof answer === 'string' || answer.status === 200) ok.observe(seconds)
        else metrics.requests.observe({ ...labels, status: String(answer.status) }, seconds)
        return respond(answer, requestId, draining)
      }
      function failed(error: unknown): Response {
        const problem = problemOf(error)
        if (problem.status >= 500 && !(error instanceof Problem)) onFailure({ requestId, route: route.path, error })
        metrics.requests.observe({ ...labels, status: String(problem.status) }, (performance.now() - startedAt) / 1000)
        return problemResponse(problem, requestId, draining)
      }
      function leave(): void {
        flights.delete(flight)
        if (counts) counted--
      }

      if (counts && counted >= limits.inFlight) {
        metrics.rejected.inc({ reason: 'overloaded' })
        return failed(new Problem(503, 'OVERLOADED', `${limits.inFlight} requests are under way, the limit; try again shortly`, { retryAfter: 1 }))
      }
      flights.add(flight)
      if (counts) counted++
      let result: Answer | Promise<Answer>
      try {
        const principal = identify(c, route)
        const checkDeadline = (): void => {
          if (performance.now() - startedAt > limits.deadlineMs) throw late(limits)
        }
        result = handler({ c, principal, requestId, checkDeadline })
      } catch (error) {
        leave()
        return failed(error)
      }
      if (!(result instanceof Promise)) {
        leave()
        return answered(result)
      }
      const pending = result
      return new Promise((resolve) => {
        flight.expire = () => {
          flight.expire = undefined
          flights.delete(flight)
          metrics.rejected.inc({ reason: 'deadline' })
          resolve(failed(late(limits)))
        }
        // After the deadline the work still counts as in flight until it really ends.
        async function settle(): Promise<void> {
          try {
            const answer = await pending
            if (flight.expire !== undefined) resolve(answered(answer))
          } catch (error) {
            if (flight.expire !== undefined) resolve(failed(error))
          } finally {
            leave()
          }
        }
        void settle()
      })
    }
  }

  return {
    wrap,
    get inFlight() {
      return flights.size
    },
    drain() {
      draining = true
    },
    close() {
      clearInterval(sweep)
    },
  }
}

const nobody: Principal = { name: 'anonymous', scopes: new Set(), maySee: () => false }

function late(limits: Limits): Problem {
  return new Problem(504, 'DEADLINE', `the answer took longer than the deadline of ${limits.deadlineMs} ms`, { retryAfter: 1 })
}

function respond(answer: Answer, requestId: string, close: boolean): Response {
  const json = typeof answer === 'string'
  const headers: Record<string, string> = {
    'content-type': json ? 'application/json' : answer.contentType,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'x-request-id': requestId,
    ...(json ? undefined : answer.headers),
  }
  if (close) headers['connection'] = 'close'
  return new Response(json ? answer : answer.body, { status: json ? 200 : answer.status, headers })
}
