import { json, type DoubleRequest, type SnowflakeDouble } from '../../../warehouse/test/snowflake/double/double.ts'

/**
 * Where the connection breaks for good: before the n-th statement like this runs, or after it has run and before it
 * is answered.
 */
export interface Break {
  readonly at: 'before' | 'after'
  readonly like: RegExp
  readonly times: number
}

/** The statement of a request, if it has one. */
export const textOf = (request: DoubleRequest): string | undefined =>
  request.path === '/queries/v1/query-request' ? String(request.body['sqlText']) : undefined
export const statementsOf = (double: SnowflakeDouble | undefined): number =>
  double?.requests.filter((request) => textOf(request) !== undefined).length ?? 0

/** Breaks the connection once, for whoever holds it; tells whether it has. `heal` lets others in again. */
export function breakConnection(double: SnowflakeDouble, { at, like, times }: Break): () => boolean {
  let seen = 0
  let broken = false
  double.fault = async (request, response) => {
    const text = textOf(request)
    if (!broken && text !== undefined && like.test(text) && ++seen === times && at === 'before') {
      broken = true
      await double.dropSessions()
    }
    if (broken) json(response, { success: false, code: '390104', message: 'The session does not exist.', data: {} })
    return broken
  }
  double.faultAfter = async (request, response) => {
    const text = textOf(request)
    if (broken || text === undefined || !like.test(text) || seen !== times) return false
    broken = true
    await double.dropSessions()
    json(response, { success: false, code: '390104', message: 'The session does not exist.', data: {} })
    return true
  }
  return () => broken
}

export function heal(double: SnowflakeDouble): void {
  double.fault = () => false
  double.faultAfter = () => false
}
