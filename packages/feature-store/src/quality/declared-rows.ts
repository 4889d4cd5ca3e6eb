import { rowsOf, sql, type ColumnBatch, type Leaves, type Sql, type Warehouse } from '@martlet/warehouse'
import type { CheckPlan } from '../plan/check-plan.ts'
import type { SourcePlan } from '../plan/source-plan.ts'
import type { RowValue } from '../vocabulary/checks/check-kind.ts'
import { checkKind } from '../vocabulary/checks/list.ts'
import { declaredIn } from './computed-checks.ts'
import type { Run, TableScan } from './table-scan.ts'

/** How many failing rows a finding shows. */
export const EXAMPLES = 3
/** A text longer than this is cut in an example. */
const LONGEST = 200

/** The checks that a source declares and whose columns its table has. */
export function runnableChecks(source: SourcePlan, present: ReadonlySet<string>): readonly CheckPlan[] {
  return (source.checks ?? []).filter((check) =>
    checkKind(check)
      .reads(check)
      .every((name) => present.has(name)),
  )
}

/** The value of a column in the rows `s` of the scan that all checks of rows share. */
export function rowValue(leaves: Leaves, source: SourcePlan): RowValue {
  return (name) => {
    const column = source.columns.find((one) => one.name === name)
    if (column === undefined) throw new Error(`${source.table} has no column ${name}`)
    return { sql: declaredIn(leaves, column), type: column.type }
  }
}

/** The columns of a row that a finding shows: who and when, and what the check reads. */
export function shownColumns(scan: TableScan, check: CheckPlan, present: ReadonlySet<string>): readonly string[] {
  return [...new Set([...scan.identity, ...checkKind(check).reads(check)])].filter((name) => present.has(name))
}

/** Up to three of the rows of a query, as text: `shipment_id S1, kg 7; …`. */
export async function examplesOf(
  warehouse: Warehouse,
  failing: Sql,
  columns: readonly string[],
  run: Run,
): Promise<string | null> {
  if (columns.length === 0) return null
  const shown = columns.map((name) => sql.id('x', name))
  const list = shown.map((column, at) => sql`${column} AS ${sql.id(`x${at}`)}`)
  const found = await warehouse.read(
    sql`SELECT ${sql.join(list)} FROM (${failing}) x ORDER BY ${sql.join(shown)} LIMIT ${sql.lit(EXAMPLES)}`,
    run,
  )
  return exampleText(found, columns)
}

/** Rows as text, each column by its name; `names`: those that are shown instead of the batch's own. */
export function exampleText(found: ColumnBatch, names: readonly string[] = found.names): string | null {
  const types = new Map(found.names.map((name, at) => [name, found.columns[at]?.type]))
  const rows = rowsOf(found).map((row) =>
    found.names.map((column, at) => `${names[at]} ${shown(row[column], types.get(column) === 'date')}`).join(', '),
  )
  return rows.length === 0 ? null : rows.join('; ')
}

/** What a cell of a batch may be, dates and nulls aside. */
type Cell = string | number | bigint | boolean

// As erasures look for keys.
function shown(value: unknown, isDate: boolean): string {
  if (value === null || value === undefined) return 'null'
  const words = value instanceof Date ? value.toISOString().slice(0, isDate ? 10 : undefined) : `${value as Cell}`
  return words.length > LONGEST ? `${words.slice(0, LONGEST)}…` : words
}
