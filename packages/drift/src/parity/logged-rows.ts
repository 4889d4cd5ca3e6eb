import { MartletError, rowsOf, sql, tableRef, type ColumnSpec, type Sql, type Warehouse } from '@martlet/warehouse'
import { windowSql, type WindowSql } from '../count/windows.ts'
import { columnNamed } from '../count/spelling.ts'
import { keyColumn } from '../predictions/prediction-rows.ts'
import { predictionTable } from '../predictions/prediction-tables.ts'
import { asDeclared } from './as-declared.ts'
import type { ParityRequest } from './parity-request.ts'

/** The predictions of a service in the windows. */
export interface LoggedRows {
  readonly table: string
  readonly columns: readonly ColumnSpec[]
  readonly where: Sql
  /** The version of a row; 0 where it has none. */
  readonly version: Sql
  readonly versions: readonly number[]
  /** How many there are, by window. */
  readonly counts: ReadonlyMap<number, number>
  readonly windows: WindowSql
}

export interface Logged {
  /** By service; services without predictions are left out. */
  readonly services: ReadonlyMap<string, LoggedRows>
  /** Predictions by window, in the order of the request, that are of none of the services, or lack a key. */
  readonly skipped: ReadonlyMap<number, number>
}

/**
 * The predictions that a request is about, by service.
 *
 * @throws MartletError TABLE_NOT_FOUND when no predictions were loaded
 */
export async function loggedRows(
  warehouse: Warehouse,
  request: ParityRequest,
  services: readonly { readonly name: string; readonly keys: readonly ColumnSpec[] }[],
): Promise<Logged> {
  const table = predictionTable(request.model)
  const columns = await warehouse.introspect(table)
  if (columns === undefined)
    throw new MartletError(
      'TABLE_NOT_FOUND',
      `There is no table ${table} with the predictions of ${request.model}. Run \`martlet log load ${request.model}\` first.`,
      { data: { table, model: request.model } },
    )
  const windows = windowSql(warehouse.leaves, sql.id('predicted_at'), request.windows)
  const version = sql`COALESCE(model_version, 0)`
  const ofVersion = request.version === undefined ? sql`` : sql` AND model_version = ${sql.lit(request.version)}`
  const inWindows = sql`${windows.where}${ofVersion}`
  const found = new Map<string, LoggedRows>()
  const skipped = byWindow(await countsOf(warehouse, table, windows, version, inWindows))
  for (const { name, keys } of services) {
    const present = keys.map((key) => {
      const column = columnNamed(columns, keyColumn(key.name))
      return column === undefined ? sql`1 = 0` : sql`${asDeclared(warehouse.leaves, column, key.type)} IS NOT NULL`
    })
    const where = sql.join([sql`${inWindows} AND service = ${name}`, ...present], sql` AND `)
    const counts = await countsOf(warehouse, table, windows, version, where)
    if (counts.length === 0) continue
    const own = byWindow(counts)
    for (const [window, n] of own) skipped.set(window, (skipped.get(window) ?? 0) - n)
    const versions = [...new Set(counts.map((one) => one.version))]
    found.set(name, { table, columns, where, version, versions, counts: own, windows })
  }
  return { services: found, skipped }
}

function byWindow(counts: readonly Count[]): Map<number, number> {
  const rows = new Map<number, number>()
  for (const { window, n } of counts) rows.set(window, (rows.get(window) ?? 0) + n)
  return rows
}

interface Count {
  readonly window: number
  readonly version: number
  readonly n: number
}

async function countsOf(
  warehouse: Warehouse,
  table: string,
  windows: WindowSql,
  version: Sql,
  where: Sql,
): Promise<readonly Count[]> {
  const rows = rowsOf(
    await warehouse.read(sql`
      SELECT ${windows.number} AS w, ${version} AS version, COUNT(*) AS n FROM ${tableRef(table)} WHERE ${where}
      GROUP BY ${windows.number}, ${version} ORDER BY w, version
    `),
  )
  return rows.flatMap((row) => {
    const window = windows.indexOf(Number(row['w']))
    return window === undefined ? [] : [{ window, version: Number(row['version']), n: Number(row['n']) }]
  })
}
