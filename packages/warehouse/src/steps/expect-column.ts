import type { ColumnSpec } from '../column.ts'
import { nearestName } from '../nearest-name.ts'
import { tableRef } from '../table/table-name.ts'
import type { Warehouse } from '../warehouse.ts'
import { stepError, type StepName } from './step-error.ts'
import { sql } from '../sql.ts'

/** @throws MartletError BAD_STEP when an option names a column that is not there */
export function expectColumn(
  step: StepName,
  option: string,
  wanted: string,
  columns: readonly ColumnSpec[],
  where: string,
): void {
  const names = columns.map(({ name }) => name.toLowerCase())
  if (names.includes(wanted)) return
  const near = nearestName(wanted, names)
  const hint = near === undefined ? `It has ${names.join(', ')}.` : `Did you mean ${near}?`
  throw stepError('BAD_STEP', step, `${option} needs ${wanted}, which is no column of ${where}. ${hint}`, {
    option,
    column: wanted,
  })
}

/** @throws MartletError BAD_STEP when an option names a column that is not there, or is no timestamp */
export function expectTimestamp(
  step: StepName,
  option: string,
  wanted: string,
  columns: readonly ColumnSpec[],
  where: string,
): void {
  expectColumn(step, option, wanted, columns, where)
  if (columns.some(({ name, type }) => name.toLowerCase() === wanted && type === 'timestamp')) return
  throw stepError('BAD_STEP', step, `${option} ${wanted} is not a timestamp. CAST it in a query.`, {
    option,
    column: wanted,
  })
}

/**
 * The columns of a target.
 * @throws MartletError TABLE_NOT_FOUND when it does not exist
 * @throws MartletError COLUMN_TYPE_UNSUPPORTED when it has a column of a type that has no name here, which would stay empty
 */
export async function targetColumns(session: Warehouse, step: StepName, into: string): Promise<readonly ColumnSpec[]> {
  const columns = await session.introspect(into)
  if (columns === undefined)
    throw stepError('TABLE_NOT_FOUND', step, `there is no table ${into} to write to. Create it first.`, { table: into })
  await session.read(sql`SELECT * FROM ${tableRef(into)} LIMIT 0`)
  return columns
}
