import type { Problem } from '../../desk/problem.ts'

/** The headers of a refusal, whatever its body looks like. */
export function refusalHeaders(problem: Problem, requestId: string, contentType: string): Record<string, string> {
  const { retryAfter } = problem.details
  const headers: Record<string, string> = {
    'content-type': contentType,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'x-request-id': requestId,
  }
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter)
  if (problem.status === 401) headers['www-authenticate'] = challengeFor(problem)
  return headers
}

/** As RFC 6750 says: a client whose token is refused may get another one. */
function challengeFor({ code }: Problem): string {
  return code.startsWith('TOKEN_') ? 'Bearer error="invalid_token"' : 'Bearer'
}
