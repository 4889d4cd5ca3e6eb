import type { ColumnSpec } from '../column.ts'
import { nearestName } from '../nearest-name.ts'
import { stepError, type StepName } from './step-error.ts'

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
