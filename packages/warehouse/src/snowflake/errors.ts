import { MartletError } from '../errors.ts'

// A lock that was not acquired in time, or a transaction aborted to end a deadlock.
const CONFLICT_CODES: ReadonlySet<string> = new Set(['000625', '625'])

/** The SDK's own codes for no answer, or an answer that is not Snowflake's. */
const UNREACHABLE_CODES: ReadonlySet<string> = new Set(['401001', '401002', '401003'])
const ROLE_REFUSED = '390189'

interface Failure {
  readonly message: string
  readonly code: string | undefined
  readonly sqlState: string | undefined
  readonly queryId: string | undefined
}

/** The SDK's error as a `MartletError`. The SDK's own object is not kept: it holds requests and tokens. */
export function sqlError(cause: unknown, sql: string): MartletError {
  if (cause instanceof MartletError) return cause
  const { message, code, sqlState, queryId } = failureOf(cause)
  const data = {
    sql: shorten(sql),
    ...(code === undefined ? {} : { code }),
    ...(sqlState === undefined ? {} : { sqlState }),
    ...(queryId === undefined ? {} : { queryId }),
  }
  if (code !== undefined && CONFLICT_CODES.has(code)) {
    return new MartletError(
      'TRANSACTION_CONFLICT',
      `Another transaction changed the same rows first: ${message}. Run the whole transaction again.`,
      { data },
    )
  }
  if (code !== undefined && /^(?:39\d{4}|407002)$/.test(code)) {
    return new MartletError(
      'SESSION_LOST',
      `The Snowflake session has ended: ${message}. What was not committed in it is rolled back; open a new one.`,
      { data },
    )
  }
  const line = lineOf(cause)
  return new MartletError('SQL_FAILED', message, { data: line === undefined ? data : { ...data, line } })
}

/** The line of the statement, counted from 1, in `… error line 2 at position 7`. */
function lineOf(cause: unknown): number | undefined {
  const message = cause instanceof Error ? cause.message : String(cause)
  const [, line] = /\berror line (\d+) at position \d+/.exec(message) ?? []
  return line === undefined ? undefined : Number(line)
}

export function loginFailed(cause: unknown, secrets: readonly string[]): MartletError {
  const { message, code } = failureOf(cause)
  const said = redact(message, secrets).replace(/\.$/, '')
  if (code !== undefined && UNREACHABLE_CODES.has(code)) {
    return new MartletError(
      'WAREHOUSE_OPEN_FAILED',
      `Snowflake cannot be reached: ${said}. Check the account identifier, the access URL and the network.`,
      { data: { code } },
    )
  }
  const check =
    code === ROLE_REFUSED ? 'Check the role, and that it is granted to the user' : 'Check account, user and credentials'
  return new MartletError('WAREHOUSE_OPEN_FAILED', `Snowflake refused the login: ${said}. ${check}.`, {
    data: code === undefined ? {} : { code },
  })
}

export function cancelled(sql: string, reason: unknown): MartletError {
  return new MartletError(
    'CANCELLED',
    'The statement was stopped by its signal, and Snowflake was asked to cancel it.',
    { data: { sql: shorten(sql) }, cause: reason },
  )
}

export function timedOut(sql: string, seconds: number, doing: string): MartletError {
  return new MartletError(
    'STATEMENT_TIMEOUT',
    `Snowflake did not finish ${doing} within ${seconds} seconds, and was asked to cancel it. ` +
      'Raise the limit, or make the statement smaller.',
    { data: { sql: shorten(sql), seconds } },
  )
}

export function sessionsExhausted(sessions: number, seconds: number): MartletError {
  return new MartletError(
    'SESSIONS_EXHAUSTED',
    `All ${sessions} sessions were in use for ${seconds} seconds. Inside a session or transaction, use the warehouse that ` +
      'it is given: each use of the outer one waits for another session. Otherwise raise maxSessions.',
    { data: { sessions, seconds } },
  )
}

export function closedError(): MartletError {
  return new MartletError('WAREHOUSE_CLOSED', 'The warehouse is closed. Open it again.')
}

/** A result that could not be read to its end. */
export function brokenResult(error: unknown, sql: string): MartletError {
  const failure = sqlError(error, sql)
  return new MartletError(
    'RESULT_BROKEN',
    `The result could not be read to its end: ${failure.message}. Run the query again.`,
    { data: failure.data },
  )
}

export function incompleteResult(sql: string, seen: number, rows: number): MartletError {
  return new MartletError(
    'RESULT_BROKEN',
    `The result has ${rows} rows, but only ${seen} arrived. Run the query again.`,
    { data: { sql: shorten(sql), rows, seen } },
  )
}

export function ddlInTransaction(sql: string): MartletError {
  return new MartletError(
    'DDL_IN_TRANSACTION',
    'Snowflake would commit the open transaction before this statement. Create and drop tables, temporary ones too, before it.',
    { data: { sql: shorten(sql) } },
  )
}

export function streamOpen(sql: string): MartletError {
  return new MartletError(
    'STREAM_OPEN',
    'A stream is open on this connection. Read it to its end first, or use the warehouse outside the transaction.',
    { data: { sql: shorten(sql) } },
  )
}

export function redact(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length > 0).reduce((clean, secret) => clean.replaceAll(secret, '***'), text)
}

function failureOf(cause: unknown): Failure {
  const field = (name: string, of: unknown = cause): string | undefined => {
    if (typeof of !== 'object' || of === null || !(name in of)) return undefined
    const value: unknown = Reflect.get(of, name)
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }
  const data: unknown = typeof cause === 'object' && cause !== null && 'data' in cause ? cause.data : undefined
  const message = (field('message') ?? String(cause)).split('\n')[0] ?? ''
  return { message, code: field('code'), sqlState: field('sqlState'), queryId: field('queryId', data) }
}

function shorten(sql: string): string {
  return sql.length <= 2000 ? sql : `${sql.slice(0, 1999)}…`
}
