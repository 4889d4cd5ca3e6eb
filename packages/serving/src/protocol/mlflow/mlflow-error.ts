import { z } from 'zod'
import { Problem } from '../../desk/problem.ts'
import { refusalHeaders } from '../../http/problem/refusal-headers.ts'
import type { ProtocolRoute, Refuse } from '../protocol.ts'

/** A refusal as MLflow's clients read it. */
export interface MlflowError {
  readonly error_code: string
  readonly message: string
}

/** The error codes of MLflow by status. Its clients raise them as `MlflowException.error_code`. */
const CODES: Readonly<Record<number, string>> = {
  400: 'INVALID_PARAMETER_VALUE',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'RESOURCE_DOES_NOT_EXIST',
  405: 'ENDPOINT_NOT_FOUND',
  409: 'RESOURCE_CONFLICT',
  422: 'INVALID_PARAMETER_VALUE',
  429: 'REQUEST_LIMIT_EXCEEDED',
  500: 'INTERNAL_ERROR',
  503: 'TEMPORARILY_UNAVAILABLE',
  504: 'TEMPORARILY_UNAVAILABLE',
}

const refuseAsMlflow: Refuse = (problem, requestId) => {
  const { code, status, message } = problem
  const error: MlflowError = {
    error_code: code === 'ROUTE_UNKNOWN' ? 'ENDPOINT_NOT_FOUND' : (CODES[status] ?? 'BAD_REQUEST'),
    message,
  }
  return { status, headers: refusalHeaders(problem, requestId, 'application/json'), body: JSON.stringify(error) }
}

const refusal: z.ZodType<MlflowError> = z
  .strictObject({ error_code: z.string(), message: z.string() })
  .meta({ description: 'An error code of MLflow, and what is wrong.' })

/** What all routes of this protocol have in common. Its clients send a body with DELETE, too. */
export const COMMON: Pick<ProtocolRoute, 'group' | 'refusal' | 'refuse' | 'anyContentType'> = {
  group: 'mlflow',
  refusal,
  refuse: refuseAsMlflow,
  anyContentType: true,
}

/** The refusal of a parameter. */
export function invalid(path: string, detail: string): Problem {
  return new Problem(400, 'MLFLOW_INVALID', `${path} ${detail}.`, { path })
}
