import type { ColumnSpec } from '@martlet/warehouse'
import { PREDICTION } from '../predictions/prediction-line.ts'

/** Columns that an error names. */
const MOST_NAMED = 4

/** Columns of a table of predictions that have numbers of a model's outputs, such as `prediction__output_probability__1`. */
export function outputColumns(columns: readonly ColumnSpec[]): readonly string[] {
  return columns
    .filter(({ name, type }) => name.toLowerCase().startsWith(`${PREDICTION}__`) && type === 'double')
    .map(({ name }) => name)
}

/** What to name instead, as the end of a sentence; nothing where no output is a number. */
export function insteadOf(outputs: readonly string[]): string {
  const [only] = outputs
  if (only === undefined) return ''
  if (outputs.length === 1) return `; give \`prediction: '${only}'\``
  const more = outputs.length > MOST_NAMED ? ` and ${outputs.length - MOST_NAMED} more` : ''
  return `; name one of its outputs as \`prediction\`: ${outputs.slice(0, MOST_NAMED).join(', ')}${more}`
}
