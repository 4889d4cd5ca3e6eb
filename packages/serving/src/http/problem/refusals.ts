import type { Limits } from '../../desk/limits.ts'
import { Problem } from '../../desk/problem.ts'

/** @param reason which limit was reached, as the beginning of a sentence */
export function overloaded(reason: string): Problem {
  return new Problem(503, 'OVERLOADED', `${reason}. Try again shortly.`, { retryAfter: 1 })
}

/** @param pauseMs milliseconds after which the caller may ask again */
export function tooOften(caller: string, pauseMs: number): Problem {
  const retryAfter = Math.max(1, Math.ceil(pauseMs / 1000))
  const detail = `More requests have come from ${caller} than its limit allows. Try again in ${retryAfter} s.`
  return new Problem(429, 'RATE_LIMITED', detail, { retryAfter })
}

export function tooLate({ deadlineMs }: Limits): Problem {
  const deadline = `The answer took longer than the deadline of ${deadlineMs} ms.`
  return new Problem(504, 'DEADLINE', `${deadline} Ask for fewer keys, or try again shortly.`, { retryAfter: 1 })
}
