import { stat } from 'node:fs/promises'
import type { ColumnType } from '../column.ts'
import { MartletError } from '../errors.ts'
import { rowsOf } from '../rows.ts'
import type { Warehouse } from '../warehouse.ts'
import { textCell, typedCell } from './cell.ts'
import type { Cell } from './cell.ts'
import { exactFile } from './exact-file.ts'
import { columnTypeOf } from './table-columns.ts'
import { sql, type Sql } from '../sql.ts'

export type FileFormat = 'parquet' | 'csv' | 'json'

/** One file as a FROM item, with its columns. */
export interface FileScan {
  readonly file: string
  readonly format: FileFormat
  readonly columns: readonly string[]
  readonly from: Sql
  cell(column: string, type: ColumnType): Cell
  /** The narrowest types that hold every value of the columns. */
  detect(reader: Warehouse): Promise<ReadonlyMap<string, ColumnType>>
}

/**
 * The file of exactly that name, otherwise the files that match it as a glob, in order.
 * @throws MartletError FILE_NOT_FOUND when there is none
 */
export async function listFiles(reader: Warehouse, path: string): Promise<readonly string[]> {
  if (await isFile(path)) return [path]
  const { columns } = await reader.read(sql`SELECT file FROM glob(${path}) ORDER BY file`)
  const [files] = columns
  if (files?.type !== 'text' || files.values.length === 0) {
    throw new MartletError('FILE_NOT_FOUND', `There is no file at ${path}. Check the path.`, { data: { path } })
  }
  return files.values
}

export function scanFile(reader: Warehouse, file: string, format: FileFormat, delimiter: string): Promise<FileScan> {
  if (format === 'parquet') return scanParquet(reader, file)
  return format === 'csv' ? scanCsv(reader, file, delimiter) : scanJson(reader, file)
}

async function scanParquet(reader: Warehouse, file: string): Promise<FileScan> {
  const from = sql`read_parquet(${exactFile(file)}, hive_partitioning = false)`
  const types = await describe(reader, from)
  return {
    file,
    format: 'parquet',
    columns: [...types.keys()],
    from,
    cell: (column, type) => typedCell(sql.id(column), types.get(column) ?? 'VARCHAR', type),
    detect: async () => new Map([...types].map(([name, dataType]) => [name, columnTypeOf(dataType) ?? 'text'])),
  }
}

async function scanCsv(reader: Warehouse, file: string, delimiter: string): Promise<FileScan> {
  // One column whose delimiter does not occur is the whole line.
  const source = sql`${exactFile(file)}, hive_partitioning = false`
  const wholeLine = sql`delim = ${sql.lit('\u0001')}, quote = '', escape = '', auto_detect = false`
  const line = sql`read_csv(${source}, header = false, columns = {'line': 'VARCHAR'}, ${wholeLine})`
  const [header] = rowsOf<{ line: string | null }>(await reader.read(sql`SELECT line FROM ${line} LIMIT 1`))
  const columns = splitHeader(header?.line ?? '', delimiter)
  if (columns.every((name) => name === ''))
    throw new MartletError('LOAD_FAILED', `${file} has no header line. Add one with the names of its columns.`, {
      data: { file },
    })
  const quotes = sql`quote = '"', escape = '"'`
  const dialect = sql`delim = ${sql.lit(delimiter)}, ${quotes}, skip = 0, auto_detect = false, allow_quoted_nulls = false`
  return textScan(
    file,
    'csv',
    columns,
    sql`read_csv(${source}, header = true, columns = ${textColumns(columns)}, ${dialect})`,
  )
}

async function scanJson(reader: Warehouse, file: string): Promise<FileScan> {
  const source = sql`${exactFile(file)}, hive_partitioning = false`
  const types = await describe(reader, sql`read_json(${source}, sample_size = -1, maximum_depth = 1)`)
  const columns = [...types.keys()]
  return textScan(file, 'json', columns, sql`read_json(${source}, columns = ${textColumns(columns)}, records = 'true')`)
}

function textScan(file: string, format: FileFormat, columns: readonly string[], from: Sql): FileScan {
  return {
    file,
    format,
    columns,
    from,
    cell: (column, type) => textCell(sql.id(column), type),
    detect: (reader) => detectTypes(reader, columns, from),
  }
}

const CANDIDATES = ['boolean', 'bigint', 'double', 'date', 'timestamp'] as const

type Candidate = (typeof CANDIDATES)[number]

const SAMPLE_ROWS = 2048

async function detectTypes(
  reader: Warehouse,
  columns: readonly string[],
  from: Sql,
): Promise<ReadonlyMap<string, ColumnType>> {
  const all = columns.map((column) => ({ column, types: CANDIDATES }))
  const sampled = await firstFitting(reader, all, sql`(SELECT * FROM ${from} LIMIT ${sql.lit(SAMPLE_ROWS)}) AS sample`)
  // Every row is checked against the type of the first rows; only where that fails are all types tried.
  const likely = [...sampled].map(([column, type]) => ({ column, types: [type] }))
  const confirmed = await firstFitting(reader, likely, from)
  const open = all.filter(({ column }) => !confirmed.has(column))
  const found = await firstFitting(reader, open, from)
  return new Map(columns.map((column) => [column, confirmed.get(column) ?? found.get(column) ?? 'text']))
}

async function firstFitting(
  reader: Warehouse,
  columns: readonly { readonly column: string; readonly types: readonly Candidate[] }[],
  from: Sql,
): Promise<ReadonlyMap<string, Candidate>> {
  const tests = columns.flatMap(({ column, types }) => types.map((type) => ({ column, type })))
  if (tests.length === 0) return new Map()
  const fits = tests.map(({ column, type }, index) => {
    const text = sql.id(column)
    const { empty, value } = textCell(text, type)
    const all = sql`bool_and((${value}) IS NOT NULL AND ${isPlain(text, type)}) FILTER (WHERE NOT (${empty}))`
    return sql`COALESCE(${all}, FALSE) AS ${sql.id(`fit_${index}`)}`
  })
  const { columns: results } = await reader.read(sql`SELECT ${sql.join(fits)} FROM ${from}`)
  const found = new Map<string, Candidate>()
  tests.forEach(({ column, type }, index) => {
    if (results[index]?.values[0] === 1 && !found.has(column)) found.set(column, type)
  })
  return found
}

// 007 is not meant as a number, 43.0 not as a whole number, and a column of 1 and 0 not as booleans.
function isPlain(text: Sql, type: Candidate): Sql {
  if (type === 'boolean') return sql`lower(trim(${text})) IN ('true', 'false')`
  if (type === 'bigint') return sql`regexp_full_match(trim(${text}), '[+-]?(0|[1-9][0-9]*)')`
  return type === 'double' ? sql`NOT regexp_matches(trim(${text}), '^[+-]?0[0-9]')` : sql`TRUE`
}

async function describe(reader: Warehouse, from: Sql): Promise<ReadonlyMap<string, string>> {
  const rows = rowsOf<{ column_name: string; column_type: string }>(
    await reader.read(sql`DESCRIBE SELECT * FROM ${from}`),
  )
  return new Map(rows.map((row) => [row.column_name, row.column_type]))
}

function textColumns(columns: readonly string[]): Sql {
  return sql`{${sql.join(columns.map((name) => sql`${sql.lit(name)}: 'VARCHAR'`))}}`
}

function splitHeader(line: string, delimiter: string): readonly string[] {
  const names: string[] = []
  let rest = line.replace(/^\uFEFF/, '')
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"/.exec(rest)
    const end = rest.indexOf(delimiter, quoted?.[0].length ?? 0)
    names.push(quoted?.[1]?.replaceAll('""', '"') ?? (end < 0 ? rest : rest.slice(0, end)).trim())
    if (end < 0) return names
    rest = rest.slice(end + delimiter.length)
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}
