import { MartletError } from '../errors.ts'
import { rowsOf } from '../rows.ts'
import { tableRef } from '../table/table-name.ts'
import type { Warehouse } from '../warehouse.ts'
import type { Session } from './session.ts'
import { compileText } from './query-compiler.ts'
import type { StageFolder } from './stage.ts'
import { fromStaged, stagedName, toStaged } from './staged-columns.ts'
import type { StagedColumn } from './staged-columns.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * Writes the rows of a query to Parquet files of about 100 MB and returns their number. `columns` are the query's, with the
 * types of the table.
 */
export function writeStaged(
  reader: Warehouse,
  query: Sql,
  columns: readonly StagedColumn[],
  folder: string,
): Promise<number> {
  const cells = columns.map(
    ({ name, type }, index) => sql`${toStaged(sql.id(name), type)} AS ${sql.id(stagedName(index))}`,
  )
  return reader.run(sql`
    COPY (SELECT ${sql.join(cells)} FROM (${query}) AS given) TO ${sql.lit(folder)}
    (FORMAT parquet, COMPRESSION zstd, FILE_SIZE_BYTES '128MB', OVERWRITE_OR_IGNORE, FILENAME_PATTERN 'rows_{i}')
  `)
}

/**
 * Loads the files of the stage's folder into a table, all rows or none. It is not DDL: a transaction around it stays open.
 * @throws MartletError LOAD_INCOMPLETE when Snowflake loaded fewer rows than there are
 */
export async function copyIntoTable(
  session: Session,
  table: string,
  columns: readonly StagedColumn[],
  { place }: StageFolder,
  rows: number,
): Promise<number> {
  const { batch } = await session.read({
    sql: compileText(copyIntoTableStatement(table, columns, place)),
    parameters: [],
  })
  const loaded = rowsOf<{ rows_loaded?: number }>(batch).reduce((sum, file) => sum + (file.rows_loaded ?? 0), 0)
  if (loaded !== rows) {
    throw new MartletError(
      'LOAD_INCOMPLETE',
      `Snowflake loaded ${loaded} of ${rows} rows from ${place} into ${table}. Nothing was written; load them again.`,
      { data: { table, stage: place, loaded, rows } },
    )
  }
  return loaded
}

export function copyIntoTableStatement(table: string, columns: readonly StagedColumn[], place: string): Sql {
  const names = sql.join(columns.map(({ name }) => sql.id(name)))
  const cells = sql.join(columns.map(({ type }, index) => fromStaged(index, type)))
  return sql`
    COPY INTO ${tableRef(table)} (${names})
    FROM (SELECT ${cells} FROM ${sql.raw(place)}) FILE_FORMAT = (TYPE = PARQUET) ON_ERROR = ABORT_STATEMENT
  `
}
