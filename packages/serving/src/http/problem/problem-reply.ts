import type { Problem } from '../../desk/problem.ts'
import type { Reply } from '../call/reply.ts'
import type { ProblemBody } from './problem-body.ts'

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
  const { path, suggestion, problems, retryAfter, allow } = problem.details
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
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'x-request-id': requestId,
  }
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter)
  if (allow !== undefined) headers['allow'] = allow
  if (problem.status === 401) headers['www-authenticate'] = challengeFor(problem)
  return { status: problem.status, headers, body: JSON.stringify(body) }
}

/** As RFC 6750 says: a client whose token is refused may get another one. */
function challengeFor({ code }: Problem): string {
  return code.startsWith('TOKEN_') ? 'Bearer error="invalid_token"' : 'Bearer'
}
