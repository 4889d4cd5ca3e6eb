import { extname } from 'node:path'
import type { ColumnSpec } from '../column.ts'
import { checked } from '../duckdb/cell.ts'
import { openDuckDb } from '../duckdb/open-duckdb.ts'
import { listFiles, scanFile } from '../duckdb/file-scan.ts'
import type { FileFormat, FileScan } from '../duckdb/file-scan.ts'
import { MartletError } from '../errors.ts'
import { dropTable, ensureTable } from '../table/ensure-table.ts'
import { tableRef } from '../table/table-name.ts'
import { ddlRollsBack } from '../table/unit-of-work.ts'
import type { Warehouse } from '../warehouse.ts'
import { isBulk } from '../bulk-warehouse.ts'
import { matchColumns, newColumns } from './load-columns.ts'
import type { LoadColumn, LoadColumns } from './load-columns.ts'
import { findBadCell, loadError } from './load-error.ts'
import { sql, type Sql } from '../sql.ts'

export interface LoadFile {
  readonly table: string
  /**
   * A file, or when none has exactly that name a glob such as `readings/*.csv`. Folders such as `day=1` add no columns.
   * CSV has a header line; JSON is an array of objects, or one object per line.
   */
  readonly path: string
  /** @default by the extension: .parquet, .csv, .json, .ndjson, .jsonl (also with .gz) */
  readonly format?: FileFormat
  /** What separates the cells of a CSV file. @default ',' */
  readonly delimiter?: string
  /**
   * The columns to load: the type of each (used when the table is created) or its name in the file. Other columns of the
   * file are ignored, other columns of the table are null. Without it, the file and the table have the same columns.
   */
  readonly columns?: LoadColumns
  /** `create` makes a new table, `replace` makes one or first empties the existing one, `append` adds to the existing one. */
  readonly mode: 'create' | 'replace' | 'append'
  /** Whether files without rows may empty a table that has rows. @default false: `LOAD_EMPTY` */
  readonly allowEmpty?: boolean
  /** Whether a new table is temporary: it then lives as long as its session. @default false */
  readonly temporary?: boolean
}

/**
 * Loads files into a table in one transaction: all rows or, after an error, none.
 * @throws MartletError LOAD_BAD_CELL when a cell does not fit, naming file, row, line, column and value
 * @throws MartletError LOAD_COLUMNS_DIFFER when the file and the table have different columns
 * @throws MartletError LOAD_EMPTY when files without rows would empty a table that has some
 * @throws MartletError LOAD_FAILED when a file cannot be read
 * @throws MartletError FILE_NOT_FOUND when there is no file at the path
 * @throws MartletError TABLE_EXISTS, TABLE_NOT_FOUND when the table exists for `create`, or does not for `append`
 */
export async function loadFile(warehouse: Warehouse, load: LoadFile): Promise<{ readonly rows: number }> {
  checkPath(load.path)
  await using reader = await openDuckDb()
  const format = load.format ?? formatOf(load.path)
  const scans: FileScan[] = []
  for (const file of await listFiles(reader, load.path)) {
    scans.push(
      await scanFile(reader, file, format, load.delimiter ?? ',').catch((error: unknown) =>
        Promise.reject(loadError(error, file)),
      ),
    )
  }
  const existing = await existingColumns(warehouse, load)
  const columns = existing ?? (await newColumns(reader, load, scans))
  const table = { table: load.table, columns, temporary: load.temporary ?? false }
  // Where creating a table commits, it is created before the transaction, and dropped when that fails.
  const apart = existing === undefined && !ddlRollsBack(warehouse)
  const work = async (transaction: Warehouse): Promise<number> => {
    if (existing === undefined && !apart) await ensureTable(transaction, table)
    const before = load.mode === 'replace' ? await transaction.run(sql`DELETE FROM ${tableRef(load.table)}`) : 0
    let rows = 0
    for (const scan of scans) rows += await loadOne(transaction, reader, load, scan, columns)
    if (rows === 0 && before > 0 && load.allowEmpty !== true) throw emptied(load, before)
    return rows
  }
  if (apart) await ensureTable(warehouse, table)
  try {
    return { rows: await warehouse.transaction(work) }
  } catch (error) {
    if (apart) await dropTable(warehouse, load.table)
    throw error
  }
}

/** An export that failed halfway looks like this; thrown inside the transaction, so that the old rows stay. */
function emptied({ table, path }: LoadFile, rows: number): MartletError {
  return new MartletError(
    'LOAD_EMPTY',
    `${path} has no rows, and loading it would empty ${table}, which has ${rows}. Nothing was changed. ` +
      'If that is what you want, load with allowEmpty: true.',
    { data: { path, table, rows } },
  )
}

async function loadOne(
  warehouse: Warehouse,
  reader: Warehouse,
  load: LoadFile,
  scan: FileScan,
  columns: readonly ColumnSpec[],
): Promise<number> {
  const matched = matchColumns(load, scan, columns)
  const cells = matched.map(
    ({ source, name, type, nullable }) =>
      sql`${checked(scan.cell(source, type), nullable === false)} AS ${sql.id(name)}`,
  )
  const query = sql`SELECT ${sql.join(cells)} FROM ${scan.from}`
  try {
    return await insert(warehouse, reader, load.table, matched, query)
  } catch (error) {
    throw (await findBadCell(reader, scan, matched, error)) ?? loadError(error, scan.file)
  }
}

function insert(
  warehouse: Warehouse,
  reader: Warehouse,
  table: string,
  columns: readonly LoadColumn[],
  query: Sql,
): Promise<number> {
  if (isBulk(warehouse)) return warehouse.appendQuery(table, columns, reader, query)
  return warehouse.run(
    sql`INSERT INTO ${tableRef(table)} (${sql.join(columns.map(({ name }) => sql.id(name)))}) ${query}`,
  )
}

async function existingColumns(
  warehouse: Warehouse,
  { table, mode }: LoadFile,
): Promise<readonly ColumnSpec[] | undefined> {
  const existing = await warehouse.introspect(table)
  if (existing !== undefined && mode === 'create') {
    throw new MartletError('TABLE_EXISTS', `Table ${table} already exists. Load with mode 'append' or 'replace'.`, {
      data: { table },
    })
  }
  if (existing === undefined && mode === 'append') {
    throw new MartletError('TABLE_NOT_FOUND', `There is no table ${table} to append to. Load with mode 'create'.`, {
      data: { table },
    })
  }
  return existing
}

function checkPath(path: unknown): void {
  if (typeof path === 'string' && path !== '') return
  throw new MartletError('LOAD_FAILED', '`path` is not the path of a file. Give it as text.')
}

function formatOf(path: string): FileFormat {
  const name = path.endsWith('.gz') ? path.slice(0, -3) : path
  const format = FORMATS[extname(name).toLowerCase()]
  if (format === undefined)
    throw new MartletError('LOAD_FAILED', `The format of ${path} is not clear from its name. Give \`format\`.`, {
      data: { path },
    })
  return format
}

const FORMATS: Readonly<Record<string, FileFormat>> = {
  '.parquet': 'parquet',
  '.csv': 'csv',
  '.json': 'json',
  '.ndjson': 'json',
  '.jsonl': 'json',
}
