import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { authorize, type Authenticate, type Principal } from './api-keys.ts'
import type { Call, Reply } from './call.ts'
import type { Limits } from './limits.ts'
import type { ServingMetrics } from './metrics.ts'
import { Problem, problemOf, problemReply } from './problem.ts'
import type { Route } from './route.ts'

/** One request on its way through a handler. */
export interface Exchange {
  readonly call: Call
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

/** Takes a call and, sooner or later but exactly once, sends the reply. */
export type Serve = (call: Call, send: (reply: Reply) => void) => void

export interface Gate {
  /** Wraps a handler with identity, limits, deadline, metrics and problem answers: one function a route, no middleware. */
  wrap(route: Route, handler: Handler): Serve
  /** From now on answers close their connection, so that clients go elsewhere. */
  drain(): void
  close(): void
}

interface GateParts {
  readonly authenticate: Authenticate
  readonly limits: Limits
  readonly metrics: ServingMetrics
  readonly onFailure: (failure: Failure) => void
}

export function gateOf({ authenticate, limits, metrics, onFailure }: GateParts): Gate {
  // In order of arrival, and all have the same time to live: the oldest come first, so one timer serves all.
  const visits = new Set<Visit>()
  let counted = 0
  let draining = false
  const idPrefix = randomBytes(6).toString('hex')
  let idCounter = 0
  const sweep = setInterval(() => {
    const oldest = performance.now() - limits.deadlineMs
    for (const visit of visits) {
      if (visit.startedAt > oldest) break
      visits.delete(visit)
      metrics.rejected.inc({ reason: 'deadline' })
      visit.fail(late(limits))
    }
  }, Math.max(5, Math.min(100, limits.deadlineMs / 10)))
  sweep.unref()
  metrics.beforeScrape(() => metrics.inFlight.set(visits.size))

  /** Closed over by nothing and made of methods, because one is made for every request. */
  class Visit implements Exchange {
    readonly startedAt: number = performance.now()
    readonly call: Call
    readonly requestId: string
    principal: Principal = nobody
    readonly #wrapped: Wrapped
    readonly #send: (reply: Reply) => void
    #sent = false

    constructor(wrapped: Wrapped, call: Call, send: (reply: Reply) => void) {
      this.call = call
      this.#wrapped = wrapped
      this.#send = send
      this.requestId = requestIdOf(call)
    }

    run(): void {
      const { route, handler, counts } = this.#wrapped
      if (counts && counted >= limits.inFlight) {
        metrics.rejected.inc({ reason: 'overloaded' })
        this.fail(new Problem(503, 'OVERLOADED', `${limits.inFlight} requests are under way, the limit; try again shortly`, { retryAfter: 1 }))
        return
      }
      visits.add(this)
      if (counts) counted++
      try {
        if (route.scope !== null) {
          this.principal = authenticate(this.call.header('authorization'), this.call.header('x-api-key'))
          authorize(this.principal, route.scope)
        }
        const answer = handler(this)
        if (answer instanceof Promise) void this.#settle(answer)
        else {
          this.#leave()
          this.#succeed(answer)
        }
      } catch (error) {
        this.#leave()
        this.fail(error)
      }
    }

    checkDeadline(): void {
      if (performance.now() - this.startedAt > limits.deadlineMs) throw late(limits)
    }

    /** After the deadline the work still counts as in flight until it really ends. */
    async #settle(pending: Promise<Answer>): Promise<void> {
      try {
        const answer = await pending
        this.#leave()
        this.#succeed(answer)
      } catch (error) {
        this.#leave()
        this.fail(error)
      }
    }

    #leave(): void {
      visits.delete(this)
      if (this.#wrapped.counts) counted--
    }

    #succeed(answer: Answer): void {
      if (this.#sent) return
      this.#sent = true
      const { route, ok } = this.#wrapped
      const seconds = (performance.now() - this.startedAt) / 1000
      if (typeof answer === 'string') {
        ok.observe(seconds)
        this.#send({ status: 200, headers: this.#headers('application/json'), body: answer })
        return
      }
      metrics.requests.observe({ method: route.method, route: route.path, status: String(answer.status) }, seconds)
      this.#send({ status: answer.status, headers: { ...this.#headers(answer.contentType), 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...answer.headers }, body: answer.body })
    }

    #headers(contentType: string): Record<string, string> {
      const headers: Record<string, string> = { 'content-type': contentType, 'x-request-id': this.requestId }
      if (draining) headers['connection'] = 'close'
      return headers
    }

    fail(error: unknown): void {
      if (this.#sent) return
      this.#sent = true
      const { route } = this.#wrapped
      const problem = problemOf(error)
      if (problem !== error) onFailure({ requestId: this.requestId, route: route.path, error })
      metrics.requests.observe({ method: route.method, route: route.path, status: String(problem.status) }, (performance.now() - this.startedAt) / 1000)
      this.#send(problemReply(problem, this.requestId, draining))
    }
  }

  function requestIdOf(call: Call): string {
    const given = call.header('x-request-id')
    if (given !== undefined && /^[\w.:/+=-]{1,128}$/.test(given)) return given
    return `${idPrefix}-${(idCounter++).toString(36)}`
  }

  return {
    wrap(route, handler) {
      // Operations must answer when nothing else does.
      const wrapped: Wrapped = { route, handler, counts: route.group !== 'operations', ok: metrics.requests.labels(route.method, route.path, '200') }
      return (call, send) => new Visit(wrapped, call, send).run()
    },
    drain() {
      draining = true
    },
    close() {
      clearInterval(sweep)
    },
  }
}

interface Wrapped {
  readonly route: Route
  readonly handler: Handler
  /** Counts towards `limits.inFlight`. */
  readonly counts: boolean
  readonly ok: { observe(seconds: number): void }
}

const nobody: Principal = { name: 'anonymous', scopes: new Set(), maySee: () => false }

function late(limits: Limits): Problem {
  return new Problem(504, 'DEADLINE', `the answer took longer than the deadline of ${limits.deadlineMs} ms`, { retryAfter: 1 })
}
