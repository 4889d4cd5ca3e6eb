import { MartletError } from '../errors.ts'

/** What DuckDB threw as a `MartletError`, unless it is one already. */
export function sqlError(cause: unknown, sql: string): MartletError {
  if (cause instanceof MartletError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  const data = { sql: shorten(sql) }
  if (isConflict(message)) {
    return new MartletError(
      'TRANSACTION_CONFLICT',
      `Another transaction changed the same rows first: ${firstLine(message)}. Run the whole transaction again.`,
      { data, cause },
    )
  }
  if (/No space left on device|failed to offload data block/i.test(message)) {
    return new MartletError(
      'DISK_FULL',
      `The disk of the DuckDB file, or the one that it spills to, is full: ${firstLine(message)}. ` +
        'Free some space and run the statement again; the transaction has changed nothing.',
      { data, cause },
    )
  }
  const line = lineOf(message)
  return new MartletError('SQL_FAILED', withHint(message), {
    data: line === undefined ? data : { ...data, line },
    cause,
  })
}

/** The line of the statement, counted from 1, that DuckDB shows below its message. */
function lineOf(message: string): number | undefined {
  const [, line] = /\n\nLINE (\d+): [^\n]*\n *\^/.exec(message) ?? []
  return line === undefined ? undefined : Number(line)
}

export function cancelled(sql: string, reason: unknown): MartletError {
  return new MartletError('CANCELLED', 'The statement was stopped by its signal. It changed nothing.', {
    data: { sql: shorten(sql) },
    cause: reason,
  })
}

export function closedError(): MartletError {
  return new MartletError('WAREHOUSE_CLOSED', 'The warehouse is closed. Open it again.')
}

export function firstLine(message: string): string {
  const end = message.indexOf('\n')
  return end < 0 ? message : message.slice(0, end)
}

/** DuckDB's message and the names that it suggests, as one sentence, without its excerpt of the statement. */
function withHint(message: string): string {
  const [first = '', second = ''] = message.split('\n')
  if (!/^(Did you mean|Candidate )/.test(second)) return first
  return `${first.replace(/[.!]$/, '')}; ${second.charAt(0).toLowerCase()}${second.slice(1)}`
}

function isConflict(message: string): boolean {
  return message.startsWith('TransactionContext Error') && /conflict/i.test(message)
}

function shorten(sql: string): string {
  return sql.length <= 2000 ? sql : `${sql.slice(0, 1999)}…`
}
