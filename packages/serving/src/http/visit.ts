import { performance } from 'node:perf_hooks'
import { authorize, type Authenticator, type Principal } from './api-keys.ts'
import { interrupted, type Body, type Call } from './call.ts'
import type { Failure } from './gate.ts'
import type { Held } from './held-bytes.ts'
import { parseObject } from './json-body.ts'
import type { Limits } from './limits.ts'
import type { ServingMetrics } from './metrics.ts'
import { Problem, problemOf, problemReply } from './problem.ts'
import type { Reply } from './reply.ts'
import type { GatedRoute } from './route.ts'
import type { Turns, Work } from './turns.ts'

/** One request on its way through a handler. */
export interface Exchange {
  readonly call: Call
  readonly principal: Principal
  readonly requestId: string
  /** The caller of a route that is open to everybody, when it sends a key that is known. */
  identify(): Principal | undefined
  /** The body as a JSON object; refuses nesting beyond the limit before anything is built from it. */
  object(): Promise<Readonly<Record<string, unknown>>>
  /** Takes a place for work that takes long: its owner waits for a turn before every step. */
  begin(): Work
  /** Refuses to go on when the deadline has passed or the caller has hung up: called between steps so that no work is done for nobody. */
  check(): void
}

/** A 200 answer in JSON, or any other answer in full. */
export type Answer =
  | string
  | {
      readonly status: number
      readonly body: string
      readonly contentType: string
      readonly headers?: Readonly<Record<string, string>>
    }

export type Handler = (exchange: Exchange) => Answer | Promise<Answer>

export interface Wrapped {
  readonly route: GatedRoute
  readonly handler: Handler
  /** Counts towards `limits.inFlight`. */
  readonly counts: boolean
  readonly ok: { observe(seconds: number): void }
}

interface Parts {
  readonly limits: Limits
  readonly metrics: ServingMetrics
  readonly authenticator: Authenticator
  readonly requestIdOf: (call: Call) => string
  readonly turns: Turns
  readonly arriving: Held
  readonly unsent: Held
  readonly isDraining: () => boolean
  readonly onFailure: (failure: Failure) => void
  /** Takes a slot, or says why there is none. */
  readonly enter: (principal: Principal) => string | undefined
  readonly leave: (principal: Principal) => void
}

export interface VisitClass {
  new (wrapped: Wrapped, call: Call): { run(): void }
  /** Ends what has taken too long, in whatever state it is. */
  sweep(now: number): void
  count(): number
}

/** Milliseconds after the deadline at which work that never ends stops to count as under way. */
const abandonMs = 30_000
/** Characters of a body from which reading it waits for its turn. */
const longBody = 65_536
const nobody: Principal = { name: 'anonymous', scopes: new Set(), maySee: () => false, seesEvery: () => false }

/**
 * A visit holds its slot from its arrival until its handler has ended and its answer has left, or until the sweep ends it:
 * there is no third way out, and each of the two ends at a fixed time.
 */
export function visitClass(parts: Parts): VisitClass {
  const { limits, metrics, authenticator, turns, arriving, unsent } = parts
  // In order of arrival, and all have the same time to live: the oldest come first, so one timer serves all.
  const visits = new Set<Visit>()
  const shortest = Math.min(limits.deadlineMs, limits.sendMs)

  /** Closed over by nothing and made of methods, because one is made for every request. */
  class Visit implements Exchange {
    readonly startedAt: number = performance.now()
    readonly call: Call
    readonly requestId: string
    principal: Principal = nobody
    readonly #wrapped: Wrapped
    #body: Body | undefined
    #entered = false
    #working = true
    #answered = false
    /** When the answer was given to the connection; 0: it was not, or it has left. */
    #sendingSince = 0
    #unsentBytes = 0

    constructor(wrapped: Wrapped, call: Call) {
      this.call = call
      this.#wrapped = wrapped
      this.requestId = parts.requestIdOf(call)
    }

    static sweep(now: number): void {
      for (const visit of visits) {
        if (now - visit.startedAt < shortest) break
        visit.#sweep(now)
      }
    }

    static count(): number {
      return visits.size
    }

    run(): void {
      visits.add(this)
      try {
        const answer = this.#handle()
        if (answer instanceof Promise) void this.#settle(answer)
        else this.#succeed(answer)
      } catch (error) {
        this.#fail(error)
      }
    }

    #handle(): Answer | Promise<Answer> {
      const { route, handler, counts } = this.#wrapped
      authenticator.admit(this.call, route.method)
      if (route.scope !== null) {
        this.principal = authenticator.identify(this.call)
        authorize(this.principal, route.scope)
      }
      if (counts) {
        const full = parts.enter(this.principal)
        if (full !== undefined) throw this.#overloaded(full)
        this.#entered = true
        if (unsent.full()) throw this.#rejected(unsent.refusal())
      }
      return handler(this)
    }

    #overloaded(reason: string): Problem {
      return this.#rejected(new Problem(503, 'OVERLOADED', `${reason}; try again shortly`, { retryAfter: 1 }))
    }

    #rejected(problem: Problem): Problem {
      metrics.rejected.inc({ reason: 'overloaded' })
      return problem
    }

    identify(): Principal | undefined {
      try {
        return authenticator.identify(this.call)
      } catch {
        return undefined
      }
    }

    async object(): Promise<Readonly<Record<string, unknown>>> {
      const body = this.call.body(limits, arriving)
      this.#body = body
      try {
        const text = await body.text
        if (text.length > longBody) {
          const work = this.begin()
          try {
            await work.turn()
            this.check()
            return parseObject(text, limits)
          } finally {
            work.end()
          }
        }
        this.check()
        return parseObject(text, limits)
      } finally {
        this.#body = undefined
        body.release()
      }
    }

    begin(): Work {
      return turns.begin(this.principal)
    }

    check(): void {
      if (performance.now() - this.startedAt > limits.deadlineMs) throw this.#late()
      if (this.call.gone()) throw interrupted()
      if (unsent.full()) throw this.#rejected(unsent.refusal())
    }

    async #settle(pending: Promise<Answer>): Promise<void> {
      try {
        this.#succeed(await pending)
      } catch (error) {
        this.#fail(error)
      }
    }

    #succeed(answer: Answer): void {
      this.#working = false
      if (this.#answered) return this.#leave()
      const { route, ok } = this.#wrapped
      const seconds = (performance.now() - this.startedAt) / 1000
      if (typeof answer === 'string') {
        ok.observe(seconds)
        return this.#send({ status: 200, headers: this.#headers('application/json'), body: answer })
      }
      metrics.requests.observe({ method: route.method, route: route.path, status: String(answer.status) }, seconds)
      const more = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...answer.headers }
      this.#send({
        status: answer.status,
        headers: { ...this.#headers(answer.contentType), ...more },
        body: answer.body,
      })
    }

    #headers(contentType: string): Record<string, string> {
      const headers: Record<string, string> = { 'content-type': contentType, 'x-request-id': this.requestId }
      if (parts.isDraining()) headers['connection'] = 'close'
      return headers
    }

    #fail(error: unknown): void {
      this.#working = false
      if (this.#answered) this.#leave()
      else this.#refuse(error)
    }

    #refuse(error: unknown): void {
      const { route } = this.#wrapped
      const problem = problemOf(error)
      if (problem !== error) parts.onFailure({ requestId: this.requestId, route: route.path, error })
      const labels = { method: route.method, route: route.path, status: String(problem.status) }
      metrics.requests.observe(labels, (performance.now() - this.startedAt) / 1000)
      this.#send(problemReply(problem, this.requestId, parts.isDraining()))
    }

    #late(): Problem {
      if (!this.#answered) metrics.rejected.inc({ reason: 'deadline' })
      return new Problem(504, 'DEADLINE', `the answer took longer than the deadline of ${limits.deadlineMs} ms`, {
        retryAfter: 1,
      })
    }

    #send(reply: Reply): void {
      this.#answered = true
      this.#sendingSince = performance.now()
      this.#unsentBytes = reply.body.length
      unsent.add(this.#unsentBytes)
      try {
        this.call.send(reply, () => this.#sent())
      } catch (error) {
        this.call.cut()
        this.#sent()
        parts.onFailure({ requestId: this.requestId, route: this.#wrapped.route.path, error })
      }
    }

    #sent(): void {
      if (this.#sendingSince === 0) return
      this.#sendingSince = 0
      unsent.give(this.#unsentBytes)
      this.#leave()
    }

    #leave(): void {
      if (this.#working || this.#sendingSince !== 0) return
      this.#depart()
    }

    #depart(): void {
      if (!visits.delete(this) || !this.#entered) return
      this.#entered = false
      parts.leave(this.principal)
    }

    #sweep(now: number): void {
      if (this.#sendingSince !== 0 && now - this.#sendingSince > limits.sendMs) {
        metrics.rejected.inc({ reason: 'unread' })
        this.call.cut()
        this.#sent()
      }
      const age = now - this.startedAt
      if (!this.#working || age < limits.deadlineMs) return
      if (!this.#answered) {
        // A handler that waits for the body ends with it, and answers; any other is answered for, and its work still counts.
        if (this.#body !== undefined) this.#body.abort(this.#late())
        else this.#refuse(this.#late())
      } else if (age > limits.deadlineMs + abandonMs) this.#depart()
    }
  }
  return Visit
}
