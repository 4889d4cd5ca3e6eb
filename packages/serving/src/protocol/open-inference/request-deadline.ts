import { Problem } from '../../desk/problem.ts'
import type { RequestContext } from '../../desk/request-context.ts'

/** A request with a deadline of its own, which counts from its arrival. */
export function withTimeout(context: RequestContext, startedAt: number, timeoutMs: number | undefined): RequestContext {
  if (timeoutMs === undefined) return context
  return {
    principal: context.principal,
    requestId: context.requestId,
    traceId: context.traceId,
    trace: context.trace,
    begin: () => context.begin(),
    about: (subject) => context.about(subject),
    check() {
      context.check()
      if (performance.now() - startedAt <= timeoutMs) return
      const detail = `The answer took longer than parameters.timeout, ${timeoutMs * 1000} microseconds.`
      throw new Problem(504, 'DEADLINE', detail, { retryAfter: 1, path: 'parameters.timeout' })
    },
  }
}
