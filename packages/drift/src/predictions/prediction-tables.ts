import { createHash } from 'node:crypto'
import type { ColumnSpec, TableSpec } from '@martlet/warehouse'

/**
 * Where the predictions of a model are. Of a name that is no plain identifier the other characters are `_`, and a few
 * digits of its hash follow, so that no two models share a table.
 *
 * @example predictionTable('next_day_kwh') // 'monitoring.predictions_next_day_kwh'
 */
export function predictionTable(model: string): string {
  const plain = model.replaceAll(/\W/g, '_')
  const isPlain = plain === model && model === model.toLowerCase()
  const hash = createHash('sha256').update(model).digest('hex').slice(0, 8)
  return `monitoring.predictions_${isPlain ? plain : `${plain.toLowerCase()}_${hash}`}`
}

/** What every table of predictions has, beside keys, outputs and features. */
export const OWN_COLUMNS: readonly ColumnSpec[] = [
  { name: 'predicted_at', type: 'timestamp', nullable: false },
  { name: 'request_id', type: 'text' },
  { name: 'request_row', type: 'bigint' },
  { name: 'model_version', type: 'bigint' },
  { name: 'service', type: 'text' },
  { name: 'rollout', type: 'text' },
  { name: 'role', type: 'text' },
  { name: 'log_file', type: 'text', nullable: false },
  { name: 'log_line', type: 'bigint', nullable: false },
]

const OWN = new Set(OWN_COLUMNS.map(({ name }) => name))

export function isOwnColumn(name: string): boolean {
  return OWN.has(name.toLowerCase())
}

/** Lines that were no predictions, by file and line; what they say stays in the file only. */
export const rejectedPredictions: TableSpec = {
  table: 'monitoring.rejected_predictions',
  columns: [
    { name: 'model', type: 'text', nullable: false },
    { name: 'log_file', type: 'text', nullable: false },
    { name: 'log_line', type: 'bigint', nullable: false },
    { name: 'reason', type: 'text', nullable: false },
  ],
}

/** Which files of the log have been loaded, and how far. Its rows change with the rows that the files bring. */
export const predictionFiles: TableSpec = {
  table: 'monitoring.prediction_files',
  columns: [
    { name: 'model', type: 'text', nullable: false },
    { name: 'log_file', type: 'text', nullable: false },
    { name: 'bytes', type: 'bigint', nullable: false },
    { name: 'modified', type: 'bigint', nullable: false },
    { name: 'sha256', type: 'text', nullable: false },
    { name: 'lines', type: 'bigint', nullable: false },
    { name: 'complete', type: 'boolean', nullable: false },
    { name: 'key_columns', type: 'text', nullable: false },
    { name: 'loaded_at', type: 'timestamp', nullable: false },
  ],
}
