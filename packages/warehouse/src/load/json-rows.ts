import { scanFile, type FileFormat, type FileScan } from '../duckdb/file-scan.ts'
import { openDuckDb } from '../duckdb/open-duckdb.ts'
import type { Cell } from '../duckdb/cell.ts'
import type { ColumnSpec, ColumnType } from '../column.ts'
import { sql, type Sql } from '../sql.ts'
import { loadError } from './load-error.ts'

export interface JsonRows {
  readonly path: string
  readonly format: Exclude<FileFormat, 'json'>
  /** What separates the cells of a CSV file. @default ',' */
  readonly delimiter?: string
  /** The columns whose cells are read as their types; others are text. */
  readonly columns: readonly ColumnSpec[]
  /** How many rows are left out at the beginning. @default 0 */
  readonly skip?: number
  /** The most rows in one batch. @default 16384 */
  readonly batchRows?: number
}

/**
 * The rows of a CSV or Parquet file as JSON objects, in the order of the file. Cells become values of their columns' types:
 * numbers with all digits, times as ISO text in UTC; what does not fit its column stays text.
 * @throws MartletError LOAD_FAILED when the file cannot be read
 *
 * @example for await (const rows of jsonRows({ path: 'payments.csv', format: 'csv', columns })) console.log(rows[0])
 */
export async function* jsonRows(options: JsonRows): AsyncIterable<readonly string[]> {
  const { path, format, delimiter = ',', columns, skip = 0, batchRows = 16_384 } = options
  await using reader = await openDuckDb({ threads: 1 })
  try {
    const scan = await scanFile(reader, path, format, delimiter)
    const after = skip === 0 ? sql`` : sql` OFFSET ${sql.lit(skip)}`
    const rows = sql`SELECT ${objectText(scan, columns)} AS row_json FROM ${scan.from}${after}`
    for await (const batch of reader.stream(rows, { batchRows })) {
      const [texts] = batch.columns
      if (texts?.type === 'text') yield texts.values
    }
  } catch (error) {
    throw loadError(error, path)
  }
}

function objectText(scan: FileScan, columns: readonly ColumnSpec[]): Sql {
  const fields = scan.columns.map((name) => {
    const type = columns.find((column) => column.name === name)?.type ?? 'text'
    return sql`${sql.lit(`${JSON.stringify(name)}:`)} || ${valueText(scan.cell(name, type), scan.cell(name, 'text'), type)}`
  })
  return sql`'{' || ${sql.join(fields, sql` || ',' || `)} || '}'`
}

function valueText({ empty, value }: Cell, text: Cell, type: ColumnType): Sql {
  const asIs = sql`CAST(to_json(${text.value}) AS VARCHAR)`
  if (type === 'text') return sql`CASE WHEN ${empty} THEN 'null' ELSE ${asIs} END`
  if (typeof type !== 'object')
    return sql`CASE WHEN ${empty} THEN 'null' ELSE COALESCE(${jsonOf(value, type)}, ${asIs}) END`
  // A cast would round digits that the column has no place for.
  const digits = sql`trim(${text.value})`
  return sql`
    CASE
      WHEN ${empty} THEN 'null'
      WHEN regexp_full_match(${digits}, '-?[0-9]+([.][0-9]+)?') THEN '"' || ${digits} || '"'
      ELSE COALESCE(${jsonOf(value, type)}, ${asIs}) END
  `
}

function jsonOf(value: Sql, type: Exclude<ColumnType, 'text'>): Sql {
  if (type === 'timestamp') return sql`strftime(${value}, '"%Y-%m-%dT%H:%M:%S.%fZ"')`
  if (type === 'date') return sql`strftime(${value}, '"%Y-%m-%d"')`
  // JSON has neither NaN nor infinities.
  if (type === 'double') return sql`CASE WHEN isfinite(${value}) THEN CAST(to_json(${value}) AS VARCHAR) END`
  return sql`CAST(${value} AS VARCHAR)`
}
