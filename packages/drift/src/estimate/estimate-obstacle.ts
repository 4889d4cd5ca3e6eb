import { typeText, type ColumnSpec } from '@martlet/warehouse'
import { columnNamed } from '../count/spelling.ts'
import { estimatedColumns, type PerformanceCalibration } from './performance-calibration.ts'

/** Whether a column can be read as numbers, as booleans can. */
export function readsAsNumber({ type }: Pick<ColumnSpec, 'type'>): boolean {
  return type !== 'text' && type !== 'timestamp' && type !== 'date'
}

/** Why rows with these columns cannot be estimated; null when they can. */
export function estimateObstacle(calibration: PerformanceCalibration, columns: readonly ColumnSpec[]): string | null {
  const names = estimatedColumns(calibration)
  const missing = names.filter((name) => columnNamed(columns, name) === undefined)
  if (missing.length > 0) return `the rows have no column ${missing.join(', ')}.`
  const texts = new Set(
    calibration.kind === 'classifier'
      ? []
      : calibration.features.filter(({ values }) => values !== null).map(({ name }) => name),
  )
  const odd = names.flatMap((name) => {
    const found = columnNamed(columns, name)
    if (found === undefined || (texts.has(name) ? found.type === 'text' : readsAsNumber(found))) return []
    return [`${name} is ${typeText(found.type)}, not ${texts.has(name) ? 'text' : 'a number'}`]
  })
  return odd.length === 0 ? null : `column ${odd.join(', column ')}.`
}
