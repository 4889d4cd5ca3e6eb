import { typeText } from '../column.ts'
import { isBad } from '../duckdb/cell.ts'
import type { FileScan } from '../duckdb/file-scan.ts'
import { MartletError } from '../errors.ts'
import { rowsOf } from '../rows.ts'
import type { Warehouse } from '../warehouse.ts'
import type { LoadColumn } from './load-columns.ts'
import { sql, type Sql } from '../sql.ts'

interface BadRow {
  readonly file_row: number
  readonly line_breaks: number
  readonly bad_column: number
  readonly bad_value: string | null
}

/** The first cell of a file that does not fit its column, as an error; undefined when `cause` has another reason. */
export async function findBadCell(
  reader: Warehouse,
  scan: FileScan,
  columns: readonly LoadColumn[],
  cause: unknown,
): Promise<MartletError | undefined> {
  const bad = columns.map(({ source, type, nullable }) => isBad(scan.cell(source, type), nullable === false))
  // A quoted CSV cell may hold line breaks, which move the lines below it.
  const breaks =
    scan.format === 'csv'
      ? sql.join(
          scan.columns.map(
            (name) => sql`COALESCE(length(${text(name)}) - length(replace(${text(name)}, chr(10), '')), 0)`,
          ),
          sql` + `,
        )
      : sql`0`
  const which = sql`CASE ${sql.join(
    bad.map((is, index) => sql`WHEN ${is} THEN ${sql.raw(String(index))}`),
    sql` `,
  )} END`
  const value = sql`CASE ${sql.join(
    bad.map((is, index) => sql`WHEN ${is} THEN ${text(columns[index]?.source ?? '')}`),
    sql` `,
  )} END`
  const query = sql`
    SELECT * FROM (
      SELECT row_number() OVER () AS file_row, sum(${breaks}) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS line_breaks,
        ${which} AS bad_column, ${value} AS bad_value
      FROM ${scan.from}
    ) WHERE bad_column IS NOT NULL ORDER BY file_row LIMIT 1
  `
  const [found] = rowsOf<BadRow>(await reader.read(query).catch(() => ({ rows: 0, names: [], columns: [] })))
  const column = found === undefined ? undefined : columns[found.bad_column]
  if (found === undefined || column === undefined) return undefined
  const line = lineOf(scan, found)
  const where = `${scan.file}, ${line === undefined ? `row ${found.file_row}` : `line ${line}`}, column ${JSON.stringify(column.source)}`
  const what =
    found.bad_value === null || found.bad_value === ''
      ? 'is empty, but the column is NOT NULL'
      : `${JSON.stringify(found.bad_value)} is not ${describeType(column)}`
  return new MartletError('LOAD_BAD_CELL', `${where}: ${what}. Nothing was loaded.`, {
    data: {
      file: scan.file,
      row: found.file_row,
      ...(line === undefined ? {} : { line }),
      column: column.source,
      value: found.bad_value,
    },
    cause,
  })
}

/** Any other failure to read a file, with its line when the engine names one. */
export function loadError(cause: unknown, file: string): MartletError {
  if (cause instanceof MartletError && cause.code !== 'SQL_FAILED') return cause
  const message =
    cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause)
  const line = /(?:on Line: |in line )(\d+)/.exec(message)?.[1]
  const [first = '', , third] = message.split('\n')
  const detail = third?.startsWith('Expected Number of Columns') === true ? `${first}: ${third}` : first
  return new MartletError('LOAD_FAILED', `${file} cannot be loaded: ${detail}. Nothing was loaded.`, {
    data: { file, ...(line === undefined ? {} : { line: Number(line) }) },
    cause,
  })
}

function text(column: string): Sql {
  return sql`CAST(${sql.id(column)} AS VARCHAR)`
}

function lineOf(scan: FileScan, { file_row, line_breaks }: BadRow): number | undefined {
  if (scan.format === 'csv') return file_row + 1 + (line_breaks ?? 0)
  return scan.format === 'json' && /\.(ndjson|jsonl)(\.gz)?$/i.test(scan.file) ? file_row : undefined
}

function describeType({ type }: LoadColumn): string {
  return typeof type === 'string' ? `of type ${type}` : `a ${typeText(type)}`
}
