import { performance } from 'node:perf_hooks'
import { unaudited } from '../audit/audit-log.ts'
import { authorize, type Principal, type Scope } from '../desk/principal.ts'
import type { Problem } from '../desk/problem.ts'
import type { RequestTrace, Subject } from '../desk/request-context.ts'
import type { Work } from '../desk/turns.ts'
import { TOKEN_ID } from './access/api-keys.ts'
import { principalOf } from './access/grants.ts'
import { interrupted } from './body/body-checks.ts'
import type { Integers } from './body/json-body.ts'
import { RequestBody } from './body/request-body.ts'
import type { Call } from './call/call.ts'
import type { Reply } from './call/reply.ts'
import { answerReply, isBody } from './answer-reply.ts'
import type { Answer, Exchange } from './exchange.ts'
import type { Admission, GateState } from './gate-state.ts'
import { problemOf } from './problem/problem-of.ts'
import { problemReply } from './problem/problem-reply.ts'
import { overloaded, tooLate, tooOften } from './problem/refusals.ts'
import { Sending } from './sending.ts'
import type { RequestSpan } from './telemetry/request-telemetry.ts'
import { traceIdOf } from './telemetry/trace-parent.ts'

/** Milliseconds after the deadline at which work that never ends no longer counts as under way. */
const ABANDON_MS = 30_000
/** Bytes of a body from which parsing it waits for a turn. */
const LONG_BODY = 65_536
/** A caller who is not known. No key has this id, and no token is without a subject behind it. */
const nobody = principalOf({ name: 'anonymous', id: TOKEN_ID, kind: 'none', rate: undefined, grants: [] })

/**
 * One request on its way. It holds its slot from arrival until its handler has ended and its answer has left, or until the sweep
 * ends it. There is no third way, and each of the two ends at a fixed time.
 */
export class Visit implements Exchange {
  readonly #gate: GateState
  readonly startedAt: number = performance.now()
  readonly call: Call
  readonly requestId: string
  principal: Principal = nobody
  readonly #admission: Admission
  readonly #body: RequestBody
  #entered = false
  #working = true
  #answered = false
  /** Undefined before there is an answer and after it has left. */
  #sending: Sending | undefined
  #subject: Subject | undefined
  readonly #span: RequestSpan | undefined

  constructor(gate: GateState, admission: Admission, call: Call) {
    this.#gate = gate
    this.call = call
    this.#admission = admission
    this.#body = new RequestBody(call, gate)
    this.requestId = gate.requestIdOf(call)
    this.#span = admission.telemetry?.begin(call)
  }

  get traceId(): string | undefined {
    return this.#span?.traceId ?? traceIdOf(this.call.header('traceparent'))
  }

  get trace(): RequestTrace | undefined {
    return this.#span?.trace
  }

  run(): void {
    this.#gate.visits.add(this)
    if (this.#span === undefined) this.#start()
    else this.#span.within(() => this.#start())
  }

  #start(): void {
    try {
      const answer = this.#handle()
      if (answer instanceof Promise) void this.#settle(answer)
      else this.#succeed(answer)
    } catch (error) {
      this.#fail(error)
    }
  }

  #handle(): Answer | Promise<Answer> {
    const { route, contentType } = this.#admission
    this.#gate.authenticator.admit(this.call, contentType)
    if (route.scope === null) return this.#enter()
    const caller = this.#gate.authenticator.identify(this.call)
    return caller instanceof Promise ? this.#letLater(caller, route.scope) : this.#let(caller, route.scope)
  }

  async #letLater(caller: Promise<Principal>, scope: Scope): Promise<Answer> {
    const known = await caller
    this.principal = known.within(scope)
    this.check()
    return this.#let(known, scope)
  }

  #let(caller: Principal, scope: Scope): Answer | Promise<Answer> {
    this.principal = caller.within(scope)
    const pauseMs = this.#gate.rates.take(caller)
    if (pauseMs > 0) throw this.#tooOften(pauseMs)
    authorize(caller, scope)
    if (this.#gate.audit?.refuses() === true) throw unaudited()
    return this.#enter()
  }

  #tooOften(pauseMs: number): Problem {
    this.#gate.metrics.rejected.inc({ reason: 'rate' })
    return tooOften(this.principal.name, pauseMs)
  }

  #enter(): Answer | Promise<Answer> {
    const { route } = this.#admission
    if (route.always !== true) {
      const full = this.#gate.slots.enter(this.principal)
      if (full !== undefined) throw this.#rejected(overloaded(full))
      this.#entered = true
      this.#refuseUnread()
    }
    return route.handle(this)
  }

  #rejected(problem: Problem): Problem {
    this.#gate.metrics.rejected.inc({ reason: 'overloaded' })
    return problem
  }

  async identify(): Promise<Principal | undefined> {
    try {
      return await this.#gate.authenticator.identify(this.call)
    } catch {
      return undefined
    }
  }

  arrived(): Buffer<ArrayBuffer> | undefined {
    return this.#body.arrived(this.principal.id)
  }

  async bytes(): Promise<Buffer<ArrayBuffer>> {
    const bytes = await this.#body.read(this.principal.id)
    this.check()
    return bytes
  }

  async object(integers?: Integers): Promise<Readonly<Record<string, unknown>>> {
    const bytes = await this.#body.read(this.principal.id)
    if (bytes.length > LONG_BODY) return this.#parseInTurn(bytes, integers)
    this.check()
    return this.#body.parse(bytes, integers)
  }

  async #parseInTurn(bytes: Buffer, integers?: Integers): Promise<Readonly<Record<string, unknown>>> {
    const work = this.begin()
    try {
      await work.turn()
      this.check()
      return this.#body.parse(bytes, integers)
    } finally {
      work.end()
    }
  }

  begin(): Work {
    return this.#gate.turns.begin(this.principal.id)
  }

  check(): void {
    if (performance.now() - this.startedAt > this.#gate.limits.deadlineMs) throw this.#late()
    if (this.call.gone()) throw interrupted()
    this.#refuseUnread()
  }

  #refuseUnread(): void {
    if (this.#gate.unsent.bytes === 0) return
    const unsent = this.#gate.unsent.of(this.principal.id)
    if (unsent.full()) throw this.#rejected(unsent.refusal())
  }

  about(subject: Subject): void {
    if (this.#gate.audit !== undefined) this.#subject = { ...this.#subject, ...subject }
  }

  /** One line for each answer of a route that is not open to everyone. */
  #audit(status: number): void {
    const { audit } = this.#gate
    const { method, path, scope } = this.#admission.route
    if (audit === undefined || scope === null) return
    const { principal, requestId } = this
    const who = principal === nobody ? undefined : principal
    audit.offer({ at: Date.now(), who, requestId, method, route: path, subject: this.#subject, status })
  }

  async #settle(pending: Promise<Answer>): Promise<void> {
    try {
      this.#succeed(await pending)
    } catch (error) {
      this.#fail(error)
    }
  }

  #succeed(answer: Answer): void {
    this.#endWork()
    if (this.#answered) return this.#leave()
    const { ok } = this.#admission
    const now = performance.now()
    const seconds = (now - this.startedAt) / 1000
    if (isBody(answer)) {
      this.#gate.times.add(ok, seconds)
      this.#span?.end(200, seconds, this.requestId)
    } else this.#observe(answer.status, seconds)
    this.#send(answerReply(answer, this.requestId), now)
  }

  #observe(status: number, seconds: number, code?: string): void {
    const { method, path } = this.#admission.route
    this.#gate.metrics.requests.observe({ method, route: path, status: String(status) }, seconds)
    this.#span?.end(status, seconds, this.requestId, code)
  }

  #fail(error: unknown): void {
    this.#endWork()
    if (this.#answered) this.#leave()
    else this.#refuse(error)
  }

  #endWork(): void {
    this.#working = false
    this.#body.end()
  }

  #refuse(error: unknown): void {
    const { route } = this.#admission
    const problem = problemOf(error)
    if (problem !== error) this.#gate.onFailure({ requestId: this.requestId, route: route.path, error })
    const reply = this.#refusal(problem)
    this.#observe(reply.status, (performance.now() - this.startedAt) / 1000, problem.code)
    this.#send(reply)
  }

  /** As the route refuses. A route that fails to refuse must not leave its caller without an answer. */
  #refusal(problem: Problem): Reply {
    const { path, refuse = problemReply } = this.#admission.route
    try {
      return refuse(problem, this.requestId, this.traceId)
    } catch (error) {
      this.#gate.onFailure({ requestId: this.requestId, route: path, error })
      return problemReply(problem, this.requestId, this.traceId)
    }
  }

  #late(): Problem {
    if (!this.#answered) this.#gate.metrics.rejected.inc({ reason: 'deadline' })
    return tooLate(this.#gate.limits)
  }

  #send(reply: Reply, now: number = performance.now()): void {
    this.#audit(reply.status)
    if (this.#gate.isDraining()) reply.headers['connection'] = 'close'
    this.#answered = true
    this.#sending = new Sending(reply, now)
    try {
      this.call.send(reply, () => this.#sent())
      // Most answers have left already.
      this.#sending?.count(this.#gate.unsent.of(this.principal.id))
    } catch (error) {
      this.call.cut()
      this.#sent()
      this.#gate.onFailure({ requestId: this.requestId, route: this.#admission.route.path, error })
    }
  }

  #sent(): void {
    if (this.#sending === undefined) return
    this.#sending.end()
    this.#sending = undefined
    this.#leave()
  }

  #leave(): void {
    if (this.#working || this.#sending !== undefined) return
    this.#depart()
  }

  #depart(): void {
    if (!this.#gate.visits.delete(this) || !this.#entered) return
    this.#entered = false
    this.#gate.slots.leave(this.principal)
  }

  sweep(now: number): void {
    if (this.#sending !== undefined && now - this.#sending.since > this.#gate.limits.sendMs) {
      this.#gate.metrics.rejected.inc({ reason: 'unread' })
      this.call.cut()
      this.#sent()
    }
    const age = now - this.startedAt
    if (!this.#working || age < this.#gate.limits.deadlineMs) return
    if (!this.#answered) {
      // A handler that waits for its body fails with it. Any other is answered for, while its work still counts.
      const late = this.#late()
      if (!this.#body.abort(late)) this.#refuse(late)
    } else if (age > this.#gate.limits.deadlineMs + ABANDON_MS) this.#depart()
  }
}
