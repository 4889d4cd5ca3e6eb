import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Column } from 'snowflake-sdk'
import type { UnloadedColumn, UnloadedFiles } from '../bulk-warehouse.ts'
import type { ColumnType } from '../column.ts'
import { isWideDecimal } from '../decimal.ts'
import { MartletError } from '../errors.ts'
import { columnType } from '../leaves/column-type.ts'
import { epochMicros, fromEpochMicros } from '../leaves/timestamp.ts'
import { rowsOf } from '../rows.ts'
import type { CompiledSql, RunOptions } from '../warehouse.ts'
import { batchDecoder } from './columns.ts'
import { mayBeWrapped } from './epoch-columns.ts'
import type { Session } from './session.ts'
import { compileText } from './query-compiler.ts'
import { getFiles } from './stage.ts'
import type { StageFolder } from './stage.ts'
import { stagedName } from './staged-columns.ts'
import { sql, type Sql } from '../sql.ts'

/** Small enough that memory does not matter on either side. */
const FILE_BYTES = 64 * 1024 * 1024

/**
 * Lets Snowflake write the rows of a query to files and downloads them; undefined for a query that orders its rows or whose
 * columns have no unique names, which has to be streamed.
 * @throws MartletError COLUMN_TYPE_UNSUPPORTED when a column's type cannot be read
 * @throws MartletError STAGE_GET_FAILED when the files cannot be downloaded
 * @throws MartletError RESULT_BROKEN when Snowflake does not report how many rows it wrote
 */
export async function unloadQuery(
  session: Session,
  statement: CompiledSql,
  folder: StageFolder,
  options: RunOptions,
): Promise<UnloadedFiles | undefined> {
  if (!mayBeWrapped(statement.sql)) return undefined
  const described = await session.describe(statement, options)
  const unload = unloadStatement(statement.sql, described, folder.place)
  if (unload === undefined) return undefined
  const { batch } = await session.read({ sql: compileText(unload), parameters: statement.parameters }, options)
  const rows = rowsOf<{ rows_unloaded?: number }>(batch)[0]?.rows_unloaded
  if (rows === undefined)
    throw new MartletError(
      'RESULT_BROKEN',
      `Snowflake did not report how many rows it wrote to ${folder.place}. Run the query again.`,
      { data: { stage: folder.place } },
    )
  if (rows > 0) await getFiles(session, folder, options)
  const names = (await readdir(folder.local)).filter((name) => name.endsWith('.parquet')).toSorted()
  return { rows, files: names.map((name) => join(folder.local, name)), columns: described.map(unloadedColumn) }
}

/** Writes the columns of a result, named by their position; times as whole numbers, because Parquet files take no time zones. */
export function unloadStatement(text: string, columns: readonly Column[], place: string): Sql | undefined {
  batchDecoder(columns)
  const names = columns.map((column) => column.getName())
  // The dialect upper-cases names, so names in other case could not be found again.
  if (new Set(names).size < names.length || names.some((name) => name === '' || name !== name.toUpperCase()))
    return undefined
  const cells = columns.map((column, index) => {
    const name = sql.id(column.getName())
    return sql`${isTime(column) ? epochMicros.snowflake(name) : name} AS ${sql.id(stagedName(index))}`
  })
  // The query's text is on a line of its own, because it may end in a comment.
  return sql`
    COPY INTO ${sql.raw(place)}
    FROM (SELECT ${sql.join(cells)} FROM (${sql.raw(`${text}\n`)}) AS rows_to_write)
    FILE_FORMAT = (TYPE = PARQUET) HEADER = TRUE MAX_FILE_SIZE = ${sql.raw(String(FILE_BYTES))}
  `
}

// A file has the narrowest type that holds its own values, so the files of one query differ.
function unloadedColumn(column: Column, index: number): UnloadedColumn {
  const name = column.getName().toLowerCase()
  const cell = sql.id(stagedName(index))
  const cast = (type: Extract<ColumnType, string>): UnloadedColumn => ({
    name,
    type,
    cell: sql`CAST(${cell} AS ${columnType.duckdb(type)})`,
  })
  if (isTime(column)) return { name, type: 'timestamp', cell: fromEpochMicros.duckdb(cell) }
  switch (column.getType().toLowerCase()) {
    case 'fixed':
      if (column.getScale() > 0) {
        const type: ColumnType = { decimal: [column.getPrecision(), column.getScale()] }
        if (isWideDecimal(type)) return { name, type, cell: sql`CAST(${cell} AS ${columnType.duckdb(type)})` }
        return { name, type: 'double', cell: sql`CAST(CAST(${cell} AS VARCHAR) AS DOUBLE)` }
      }
      return cast(column.getPrecision() <= 10 ? 'integer' : 'bigint')
    case 'real':
      return cast('double')
    case 'boolean':
      return cast('boolean')
    case 'date':
      return cast('date')
    default:
      return cast('text')
  }
}

function isTime(column: Column): boolean {
  return column.getType().toLowerCase().startsWith('timestamp_')
}
