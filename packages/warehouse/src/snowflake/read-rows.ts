import { MartletError } from '../errors.ts'
import { brokenResult, cancelled, incompleteResult, timedOut } from './errors.ts'
import { Stalled, type Row, type RowReader } from './row-reader.ts'

export interface RowsToRead {
  readonly sql: string
  /** How many rows the result has. */
  readonly rows: number
  /** How many rows to yield at once. */
  readonly groupRows: number
  /** The longest to wait for the next rows. */
  readonly seconds: number
  readonly signal: AbortSignal | undefined
}

/** The rows of a result in groups; refuses a result that does not come to its end. */
export async function* readRows(
  reader: RowReader,
  { sql, rows, groupRows, seconds, signal }: RowsToRead,
): AsyncGenerator<readonly Row[]> {
  const onAbort = (): void => reader.fail(cancelled(sql, signal?.reason))
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted === true) onAbort()
  try {
    let group: Row[] = []
    let seen = 0
    for (let some = await reader.pull(groupRows); some !== null; some = await reader.pull(groupRows - group.length)) {
      for (const row of some) group.push(row)
      seen += some.length
      if (group.length >= groupRows) {
        yield group
        group = []
      }
    }
    if (seen !== rows) throw incompleteResult(sql, seen, rows)
    if (group.length > 0) yield group
  } catch (error) {
    if (error instanceof Stalled) throw timedOut(sql, seconds, 'sending rows of the result')
    throw error instanceof MartletError ? error : brokenResult(error, sql)
  } finally {
    signal?.removeEventListener('abort', onAbort)
    reader.close()
  }
}
