import type { Kysely } from 'kysely'
import { columnBatch, ensureTable, type ColumnSpec, type TableSpec, type Warehouse } from '@martlet/warehouse'
import { clockNow, instantText } from '../catalog/instant.ts'
import type { CatalogTables, QualityResultsTable } from '../catalog/tables.ts'
import type { CheckResult } from './finding.ts'

const table = 'monitoring.quality_results'
/** Of `monitoring.quality_results`. */
export const columns: readonly ColumnSpec[] = [
  { name: 'run_id', type: 'text' },
  { name: 'view_name', type: 'text' },
  { name: 'table_name', type: 'text' },
  { name: 'column_name', type: 'text' },
  { name: 'check_name', type: 'text' },
  { name: 'severity', type: 'text' },
  { name: 'passed', type: 'boolean' },
  { name: 'failed_rows', type: 'bigint' },
  { name: 'checked_rows', type: 'bigint' },
  { name: 'example', type: 'text' },
  { name: 'query', type: 'text' },
  { name: 'scanned', type: 'text' },
  { name: 'checked_at', type: 'timestamp' },
]

/** The table of results for SQL users. */
export const qualityResults: TableSpec = { table, columns }

/** Keeps the results of one run in the catalog and, for SQL users, in `monitoring.quality_results`. */
export async function storeResults(
  db: Kysely<CatalogTables>,
  warehouse: Warehouse,
  run: string,
  results: readonly CheckResult[],
): Promise<void> {
  if (results.length === 0) return
  const now = clockNow()
  await db.transaction().execute(async (transaction) => {
    // SQLite takes some 32000 parameters a statement.
    for (let start = 0; start < results.length; start += 500) {
      await transaction
        .insertInto('quality_results')
        .values(
          results.slice(start, start + 500).map((result): QualityResultsTable => ({
            run_id: run,
            view: result.view,
            table_name: result.table,
            column_name: result.column,
            check_name: result.check,
            severity: result.severity,
            count: result.count,
            total: result.total,
            example: result.example,
            query: result.query,
            scanned: result.scanned,
            checked_at: instantText(now),
          })),
        )
        .execute()
    }
  })
  await storeForSql(warehouse, run, results, now)
}

/** Keeps results in `monitoring.quality_results` only, under a name of their own in place of a run. */
export async function storeForSql(
  warehouse: Warehouse,
  run: string,
  results: readonly CheckResult[],
  now: bigint = clockNow(),
): Promise<void> {
  if (results.length === 0) return
  await ensureTable(warehouse, { table, columns })
  const text = (value: (result: CheckResult) => string | null) => ({
    type: 'text' as const,
    values: results.map(value),
  })
  await warehouse.append(
    table,
    columnBatch({
      run_id: text(() => run),
      view_name: text(({ view }) => view),
      table_name: text((result) => result.table),
      column_name: text(({ column }) => column),
      check_name: text(({ check }) => check),
      severity: text(({ severity }) => severity),
      passed: { type: 'boolean', values: results.map(({ count }) => count === 0) },
      failed_rows: { type: 'bigint', values: results.map(({ count }) => count) },
      checked_rows: { type: 'bigint', values: results.map(({ total }) => total) },
      example: text(({ example }) => example),
      query: text(({ query }) => query),
      scanned: text(({ scanned }) => scanned),
      checked_at: { type: 'timestamp', values: results.map(() => now) },
    }),
  )
}

/** The newest results of a view, or of all; `findings` only: those that failed. */
export async function listQualityResults(
  db: Kysely<CatalogTables>,
  options: { readonly view?: string; readonly run?: string; readonly findings?: boolean; readonly limit?: number } = {},
): Promise<readonly QualityResultsTable[]> {
  let query = db
    .selectFrom('quality_results')
    .selectAll()
    .orderBy('checked_at', (order) => order.desc().nullsLast())
    .orderBy('table_name')
    .orderBy('column_name', (order) => order.asc().nullsFirst())
    .orderBy('check_name')
    .limit(options.limit ?? 1000)
  if (options.view !== undefined) query = query.where('view', '=', options.view)
  if (options.run !== undefined) query = query.where('run_id', '=', options.run)
  if (options.findings === true) query = query.where('count', '>', 0)
  return query.execute()
}
