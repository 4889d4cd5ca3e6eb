import {
  columnBatch,
  rowsOf,
  sql,
  tableRef,
  type ColumnInput,
  type ColumnSpec,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'

/** A value of a row of these tables. */
export type Cell = string | number | bigint | Date | null
export type Row = Readonly<Record<string, Cell>>

const text = (name: string, nullable = true): ColumnSpec => ({ name, type: 'text', nullable })
const whole = (name: string, nullable = true): ColumnSpec => ({ name, type: 'bigint', nullable })
const instant = (name: string): ColumnSpec => ({ name, type: 'timestamp' })

/** Jobs: those that are asked for in SQL (a row without a state), and all that the catalog has. */
export const jobColumns: readonly ColumnSpec[] = [
  text('id', false),
  text('type', false),
  whole('priority'),
  text('input'),
  text('created_by'),
  instant('created_at'),
  text('job_id'),
  text('state'),
  whole('attempts'),
  text('worker'),
  instant('lease_until'),
  instant('started_at'),
  instant('ended_at'),
  text('output'),
  text('error'),
]

/** Each time that a worker began a job. */
export const runColumns: readonly ColumnSpec[] = [
  text('job_id', false),
  whole('attempt', false),
  text('worker', false),
  instant('started_at'),
  instant('ended_at'),
  text('outcome'),
  text('error_code'),
  whole('exit_code'),
]

/** Files that jobs wrote. */
export const artifactColumns: readonly ColumnSpec[] = [
  text('job_id', false),
  text('name', false),
  text('media_type', false),
  text('sha256', false),
  whole('bytes', false),
]

/** Numbers that jobs noted. */
export const measureColumns: readonly ColumnSpec[] = [
  text('job_id', false),
  text('name', false),
  { name: 'value', type: 'double', nullable: false },
]

/** The tables of a schema. */
export const jobTables: readonly {
  readonly name: 'jobs' | 'job_runs' | 'job_artifacts' | 'job_measures'
  readonly columns: readonly ColumnSpec[]
}[] = [
  { name: 'jobs', columns: jobColumns },
  { name: 'job_runs', columns: runColumns },
  { name: 'job_artifacts', columns: artifactColumns },
  { name: 'job_measures', columns: measureColumns },
]

/** Statements with many values are sent in parts. */
const PART = 500

/** Of some ids, those of rows of `jobs` that have no state yet, or that have one. */
export async function idsOfRows(
  warehouse: Warehouse,
  schema: string,
  which: 'without a state' | 'with a state',
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const state = which === 'with a state' ? sql`state IS NOT NULL` : sql`state IS NULL`
  const found = new Set<string>()
  for (let at = 0; at < ids.length; at += PART) {
    const some = sql.join(ids.slice(at, at + PART))
    const query = sql`SELECT id FROM ${tableRef(`${schema}.jobs`)} WHERE ${state} AND id IN (${some})`
    for (const { id } of rowsOf<{ id: string }>(await warehouse.read(query))) found.add(id)
  }
  return found
}

/** Removes the rows with these values of a column, and returns how many there were. */
export async function removeRows(
  warehouse: Warehouse,
  table: string,
  column: string,
  values: readonly string[],
  besides: Sql = sql``,
): Promise<number> {
  let removed = 0
  for (let at = 0; at < values.length; at += PART) {
    const some = sql.join(values.slice(at, at + PART))
    removed += await warehouse.run(sql`DELETE FROM ${tableRef(table)} WHERE ${sql.id(column)} IN (${some})${besides}`)
  }
  return removed
}

/** Adds rows with all columns of a table. */
export async function addRows(
  warehouse: Warehouse,
  table: string,
  columns: readonly ColumnSpec[],
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return
  const inputs = columns.map(({ name, type }) => [name, { type, values: rows.map((row) => row[name] ?? null) }])
  await warehouse.append(table, columnBatch(Object.fromEntries(inputs) as Record<string, ColumnInput>))
}

/** The columns of a query, as they are stored. */
export function columnList(columns: readonly ColumnSpec[]): Sql {
  return sql.join(columns.map(({ name }) => sql.id(name)))
}
