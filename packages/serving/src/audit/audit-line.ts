import type { Principal } from '../desk/principal.ts'
import type { Subject } from '../desk/request-context.ts'

/** One answer of a route that is not open to everyone. */
export interface AuditEntry {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Undefined for a caller who is not known. */
  readonly who: Pick<Principal, 'name' | 'kind'> | undefined
  readonly requestId: string
  readonly method: string
  /** As it is documented, with the names of its parameters instead of what was asked for. */
  readonly route: string
  readonly subject: Subject | undefined
  readonly status: number
}

/** A line of the audit, without anything that came with the request apart from its id. */
export function auditLine({ at, who, requestId, method, route, subject, status }: AuditEntry): string {
  const line = {
    at: new Date(at).toISOString(),
    who: who?.name ?? null,
    kind: who?.kind ?? null,
    requestId,
    method,
    route,
    ...subject,
    status,
  }
  return `${JSON.stringify(line)}\n`
}
