import { MartletError } from '@martlet/warehouse'
import type { Reply } from './reply.ts'

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  413: 'Too large',
  415: 'Unsupported encoding',
  422: 'Cannot be processed',
  500: 'Internal error',
  503: 'Not available now',
  504: 'Deadline passed',
}

export interface ProblemDetails {
  /** The place in the request that is wrong, such as `keys[3].customer_id`. */
  readonly path?: string
  /** A name that exists and is close to the one asked for. */
  readonly suggestion?: string
  /** Every further problem of the same request, when several rows are wrong. */
  readonly problems?: readonly { readonly path: string; readonly detail: string }[]
  /** Seconds; sent as `Retry-After`. */
  readonly retryAfter?: number
  /** The methods that exist; sent as `Allow`. */
  readonly allow?: string
}

/** A refusal that the caller can understand: becomes an `application/problem+json` answer (RFC 9457). */
export class Problem extends MartletError {
  override readonly name: string = 'Problem'
  readonly status: number
  readonly details: ProblemDetails

  constructor(status: number, code: string, detail: string, details: ProblemDetails = {}) {
    super(code, detail)
    this.status = status
    this.details = details
  }
}

/** The body of a problem answer. */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly requestId: string
  readonly path?: string | undefined
  readonly suggestion?: string | undefined
  readonly problems?: readonly { readonly path: string; readonly detail: string }[] | undefined
}

/** The problem as a reply; the request id ties it to logs. */
export function problemReply(problem: Problem, requestId: string, close: boolean): Reply {
  const { path, suggestion, problems, retryAfter, allow } = problem.details
  const body: ProblemBody = {
    type: `urn:martlet:problem:${problem.code.toLowerCase().replaceAll('_', '-')}`,
    title: titles[problem.status] ?? 'Problem',
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    ...(path === undefined ? {} : { path }),
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(problems === undefined ? {} : { problems }),
    requestId,
  }
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'x-request-id': requestId,
  }
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter)
  if (allow !== undefined) headers['allow'] = allow
  if (problem.status === 401) headers['www-authenticate'] = 'Bearer'
  if (close) headers['connection'] = 'close'
  return { status: problem.status, headers, body: JSON.stringify(body) }
}

/** What cannot be read now and may be the next time: the message for the caller, by code. The errors themselves name addresses. */
const unavailable: ReadonlyMap<string, readonly [code: string, what: string]> = new Map<
  string,
  readonly [string, string]
>([
  ['ONLINE_READ_FAILED', ['ONLINE_STORE_UNAVAILABLE', 'the online store']],
  ['ONLINE_STORE_CLOSED', ['ONLINE_STORE_UNAVAILABLE', 'the online store']],
  ['ONLINE_TABLE_FAILED', ['ONLINE_STORE_UNAVAILABLE', 'the online store']],
  ['REGISTRY_UNREADABLE', ['REGISTRY_UNAVAILABLE', 'the model registry']],
  ['CATALOG_UNREADABLE', ['CATALOG_UNAVAILABLE', 'the catalog']],
])

/** Anything thrown as a problem; what is not one becomes a 500 that says nothing of the inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof MartletError) {
    // Keys are checked before they are read; should the two checks ever disagree, the caller's key is still the caller's mistake.
    if (error.code === 'BAD_ENTITY_KEY') return new Problem(400, 'KEY_INVALID', error.message, { path: 'keys' })
    if (error.code === 'ONLINE_SCHEMA_MISMATCH') return notMaterialized(error)
    const [code, what] = unavailable.get(error.code) ?? []
    const later = `${what} cannot be read now; the request id finds the reason in the log`
    if (code !== undefined) return new Problem(503, code, later, { retryAfter: 5 })
  }
  return new Problem(
    500,
    'INTERNAL',
    'the server failed to answer this request; the request id finds the reason in its log',
  )
}

/** The definitions are ahead of the rows that were published, until the view has been materialized. */
function notMaterialized({ message, data }: MartletError): Problem {
  const view = typeof data['view'] === 'string' ? data['view'] : undefined
  const detail =
    view === undefined ? message : `view ${view} has not been materialized under its present definition: ${message}`
  return new Problem(503, 'VIEW_NOT_MATERIALIZED', detail, { retryAfter: 30 })
}
