import type { Problem } from '../../desk/problem.ts'
import type { Reply } from '../call/reply.ts'
import type { ProblemBody } from './problem-body.ts'
import { refusalHeaders } from './refusal-headers.ts'

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  416: 'Range not satisfiable',
  422: 'Cannot be processed',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available now',
  504: 'Deadline passed',
}

/** A refusal as `application/problem+json` (RFC 9457): what a route sends unless it refuses in a way of its own. */
export function problemReply(problem: Problem, requestId: string, traceId?: string): Reply {
  const { path, suggestion, problems } = problem.details
  const body: ProblemBody = {
    type: `urn:martlet:problem:${problem.code.toLowerCase().replaceAll('_', '-')}`,
    title: TITLES[problem.status] ?? 'Problem',
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    ...(path === undefined ? {} : { path }),
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(problems === undefined ? {} : { problems }),
    requestId,
    ...(traceId === undefined ? {} : { traceId }),
  }
  const headers = refusalHeaders(problem, requestId, 'application/problem+json')
  return { status: problem.status, headers, body: JSON.stringify(body) }
}
