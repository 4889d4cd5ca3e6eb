import { MartletError } from '@martlet/warehouse'
import { Problem } from '../../desk/problem.ts'

type Unavailable = 'CATALOG_UNAVAILABLE' | 'ONLINE_STORE_UNAVAILABLE' | 'REGISTRY_UNAVAILABLE'

/** Failures of a store that may be gone the next time: code and subject for the caller. The errors themselves name addresses. */
const UNAVAILABLE: Readonly<Record<string, readonly [code: Unavailable, what: string]>> = {
  ONLINE_READ_FAILED: ['ONLINE_STORE_UNAVAILABLE', 'The online store'],
  ONLINE_STORE_CLOSED: ['ONLINE_STORE_UNAVAILABLE', 'The online store'],
  ONLINE_TABLE_FAILED: ['ONLINE_STORE_UNAVAILABLE', 'The online store'],
  REGISTRY_UNREADABLE: ['REGISTRY_UNAVAILABLE', 'The model registry'],
  CATALOG_UNREADABLE: ['CATALOG_UNAVAILABLE', 'The catalog'],
}

/** Turns whatever was thrown into a problem. What is not meant for the caller becomes a 500 without any detail. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof MartletError) {
    if (error.code === 'ONLINE_SCHEMA_MISMATCH') return notMaterialized(error)
    if (error.code === 'ON_DEMAND_FAILED') return notComputed(error)
    const [code, what] = UNAVAILABLE[error.code] ?? []
    const detail = `${what} cannot be read at the moment. The server's log has the reason under this request id.`
    if (code !== undefined) return new Problem(503, code, detail, { retryAfter: 5 })
  }
  return new Problem(
    500,
    'INTERNAL',
    "The server failed to answer this request. The server's log has the reason under this request id.",
  )
}

/** A function of the definitions failed on what it was given. What it says is for the server's log. */
function notComputed({ data }: MartletError): Problem {
  const name = typeof data['onDemand'] === 'string' ? ` ${data['onDemand']}` : ''
  const detail = `The function of on-demand feature${name} failed. The server's log has the reason under this request id.`
  return new Problem(500, 'ON_DEMAND_FAILED', detail)
}

/** A definition is ahead of the published rows until its view has been materialized. */
function notMaterialized({ message, data }: MartletError): Problem {
  const view = typeof data['view'] === 'string' ? data['view'] : undefined
  const detail =
    view === undefined ? message : `View ${view} has not been materialized under its present definition: ${message}`
  return new Problem(503, 'VIEW_NOT_MATERIALIZED', detail, { retryAfter: 30 })
}
