import { typeText, type ColumnSpec } from '@martlet/warehouse'
import { columnNamed } from '../count/spelling.ts'
import { calibrationRefused } from './calibration-refused.ts'
import { readsAsNumber } from './estimate-obstacle.ts'

/**
 * A column of the reference.
 *
 * @throws MartletError CALIBRATION_INVALID when it has none of that name
 */
export function referenceColumn(columns: readonly ColumnSpec[], name: string): ColumnSpec {
  const found = columnNamed(columns, name)
  if (found === undefined) throw calibrationRefused(`it has no column ${name}`, { column: name })
  return found
}

/**
 * A column of the reference that has numbers.
 *
 * @throws MartletError CALIBRATION_INVALID when it has none of that name, or it is of another type
 */
export function numberColumn(columns: readonly ColumnSpec[], name: string): ColumnSpec {
  const found = referenceColumn(columns, name)
  if (readsAsNumber(found)) return found
  throw calibrationRefused(`column ${found.name} is ${typeText(found.type)}, not a number`, { column: found.name })
}
