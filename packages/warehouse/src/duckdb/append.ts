import type { ColumnVector } from '../column.ts'
import { MartletError } from '../errors.ts'
import { firstLine } from './errors.ts'
import type { Session } from './session.ts'
import { CHUNK_ROWS, writeChunk } from './vector-writer.ts'

/** Appends inside the open transaction of the session. */
export async function appendColumns(
  session: Session,
  table: string,
  parts: readonly string[],
  columns: readonly ColumnVector[],
  rows: number,
): Promise<void> {
  const [name = '', schema, database] = parts.toReversed()
  const appender = await session.connection.createAppender(name, schema, database)
  try {
    for (let from = 0; from < rows; from += CHUNK_ROWS)
      appender.appendDataChunk(writeChunk(columns, from, Math.min(rows, from + CHUNK_ROWS)))
    appender.closeSync()
  } catch (cause) {
    const message = cause instanceof Error ? firstLine(cause.message) : String(cause)
    throw new MartletError('APPEND_FAILED', `Rows cannot be appended to ${table}: ${message}. Nothing was appended.`, {
      data: { table },
      cause,
    })
  }
}
