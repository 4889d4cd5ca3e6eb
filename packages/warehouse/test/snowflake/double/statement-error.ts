import { ObjectError } from './account-objects.ts'
import { Refused } from './tokens.ts'

/** What a statement failed with, as Snowflake would number it. */
export class StatementError extends Error {
  readonly code: string
  readonly sqlState: string

  constructor(code: string, sqlState: string, message: string) {
    super(message)
    this.code = code
    this.sqlState = sqlState
  }
}

export function asStatementError(error: unknown): StatementError {
  if (error instanceof StatementError) return error
  if (error instanceof ObjectError) return new StatementError(error.code, '42000', error.message)
  if (error instanceof Refused) return new StatementError('001003', '42000', `The double refuses ${error.message}`)
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  if (/Division by zero/i.test(message)) return new StatementError('100051', '22012', 'Division by zero')
  if (/^INTERRUPT/i.test(message)) return new StatementError('000604', '57014', 'SQL execution canceled')
  if (/conflict/i.test(message) && /transaction|commit|catalog/i.test(message))
    return new StatementError('000625', '57014', message)
  return new StatementError(/does not exist|not found/i.test(message) ? '002003' : '001003', '42000', message)
}
