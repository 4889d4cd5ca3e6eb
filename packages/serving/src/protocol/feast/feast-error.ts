import { z } from 'zod'
import { refusalHeaders } from '../../http/problem/refusal-headers.ts'
import type { ProtocolRoute, Refuse } from '../protocol.ts'

/** How a problem is an error of Feast: a class of `feast.errors`, and the status that Feast gives it. */
interface FeastError {
  readonly name: string
  readonly status?: number
}

/** Problems that Feast has a class for. Every other one is a `FeastError`, the base of all. */
const CLASSES: Readonly<Record<string, FeastError>> = {
  SERVICE_UNKNOWN: { name: 'FeatureServiceNotFoundException' },
  VIEW_UNKNOWN: { name: 'FeatureViewNotFoundException' },
  VIEW_VERSION_UNKNOWN: { name: 'FeatureViewVersionNotFound' },
  REQUEST_MISSING: { name: 'RequestDataNotFoundInEntityRowsException', status: 404 },
  FEATURE_NAMES_COLLIDE: { name: 'FeatureNameCollisionError' },
  FEATURES_REPEATED: { name: 'FeatureNameCollisionError' },
  PUSH_SOURCE_UNKNOWN: { name: 'PushSourceNotFoundException' },
  SCOPE_MISSING: { name: 'FeastPermissionError' },
  NAME_NOT_ALLOWED: { name: 'FeastPermissionError' },
  KEY_REQUIRED: { name: 'FeastPermissionError' },
  KEY_UNKNOWN: { name: 'FeastPermissionError' },
}

/**
 * A refusal as Feast's clients read it: a JSON string that holds the JSON of `{module, class, message}`, from which they
 * raise that class with that message. What a body has wrong is a 422 there.
 */
export const refuseAsFeast: Refuse = (problem, requestId) => {
  const { code, status, message } = problem
  const { name, status: own } = CLASSES[code] ?? { name: 'FeastError' }
  return {
    status: own ?? (status === 400 ? 422 : status),
    headers: refusalHeaders(problem, requestId, 'application/json'),
    body: JSON.stringify(JSON.stringify({ module: 'feast.errors', class: name, message })),
  }
}

const refusal = z.string().meta({
  description: 'The JSON text of `{"module": "feast.errors", "class": …, "message": …}`, as Feast has it.',
})

/** How every route of this protocol refuses. */
export const REFUSING: Pick<ProtocolRoute, 'refusal' | 'refuse'> = { refusal, refuse: refuseAsFeast }
