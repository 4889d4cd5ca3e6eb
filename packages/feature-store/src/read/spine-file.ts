import { MartletError } from '@martlet/warehouse'

/** The file that a spine's query was read from. */
export interface SpineFile {
  readonly file: string
  /** The line of the file on which the query begins, counted from 1. @default 1 */
  readonly line?: number
}

const LOCATED: ReadonlySet<string> = new Set(['BAD_SPINE', 'SQL_FAILED', 'COLUMN_TYPE_UNSUPPORTED'])

/**
 * The same error with the file in front, and the line when the engine reports one. Errors that are not about the
 * query stay as they are.
 */
export function inSpineFile(error: unknown, { file, line: first = 1 }: SpineFile, queryLines: number): unknown {
  if (!(error instanceof MartletError) || !LOCATED.has(error.code)) return error
  // Martlet's own SQL around the query adds no lines before it, but the error may be on one after it.
  const within = error.data['line']
  const line = typeof within === 'number' && within <= queryLines ? first + within - 1 : undefined
  const { line: _, ...data } = error.data
  const where = line === undefined ? file : `${file}, line ${line}`
  return new MartletError(error.code, `${where}: ${error.message}`, {
    data: { ...data, file, ...(line === undefined ? {} : { line }) },
    cause: error,
  })
}
