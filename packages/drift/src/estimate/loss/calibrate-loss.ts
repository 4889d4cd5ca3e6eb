import { sql, type Warehouse } from '@martlet/warehouse'
import { fromRelation, relationColumns, type Relation } from '../../count/relation.ts'
import { openSource } from '../../count/scan-source.ts'
import { withTable } from '../../count/with-table.ts'
import { significant } from '../../verdict/stable-number.ts'
import { calibrationRefused } from '../calibration-refused.ts'
import { numberColumn, referenceColumn } from '../reference-column.ts'
import { fitLoss } from './fit-loss.ts'
import type { LossCalibration } from './loss-calibration.ts'
import { lossSample } from './loss-sample.ts'
import { scanLosses } from './scan-losses.ts'

export interface LossReference {
  /** Predicted rows whose labels are known and that the model was not trained on. */
  readonly relation: Relation
  readonly prediction: string
  readonly label: string
  /** Columns that errors may depend on besides the prediction: numbers, booleans and texts. */
  readonly features: readonly string[]
  /** When a row was predicted: its stretches are held out in turn, and show how steady the estimate is over time. */
  readonly time?: string
}

const MINIMUM_LABELS = 500

/**
 * Learns how a regression's errors depend on its features, so that the performance of rows without labels can be estimated with
 * {@link estimatePerformance}. Small trees are fitted in process to a sample of at most 20 000 rows.
 *
 * @throws MartletError CALIBRATION_INVALID when columns are missing or of the wrong type, or there are fewer than 500 labels
 *
 * @example
 * const calibration = await calibrateLoss(warehouse, {
 *   relation: 'scored.holdout',
 *   prediction: 'kwh',
 *   label: 'true_kwh',
 *   features: ['hour'],
 * })
 */
export async function calibrateLoss(warehouse: Warehouse, reference: LossReference): Promise<LossCalibration> {
  return withTable(warehouse, reference.relation, async (session, table) => {
    const columns = await relationColumns(session, table)
    const label = numberColumn(columns, reference.label).name
    const prediction = numberColumn(columns, reference.prediction)
    const others = reference.features.map((name) => referenceColumn(columns, name))
    const features = [prediction, ...others.filter(({ name }) => name !== prediction.name)]
    const odd = features.find(({ type }) => type === 'timestamp' || type === 'date')
    if (odd !== undefined)
      throw calibrationRefused(`feature ${odd.name} is a time, and no row will be at these times again`, {
        column: odd.name,
      })
    const time = reference.time === undefined ? null : sql.id(referenceColumn(columns, reference.time).name)
    const rows = sql`SELECT * FROM ${fromRelation(table)}`
    const sample = await lossSample(session, rows, { prediction: prediction.name, label, features }, time)
    const sampled = sample.error.length
    if (sampled < MINIMUM_LABELS)
      throw calibrationRefused(
        `it has ${sampled} rows with a label and a prediction, and ${MINIMUM_LABELS} are needed`,
        { rows: sampled },
      )
    const absolute = fitLoss(sample.columns, sample.error.map(Math.abs), time !== null)
    const squared = fitLoss(
      sample.columns,
      sample.error.map((error) => error * error),
      time !== null,
    )
    const fitted = {
      label,
      prediction: prediction.name,
      features: sample.features,
      absolute: { ...absolute, scale: 1, levelError: 0 },
      squared: { ...squared, scale: 1, levelError: 0 },
    }
    const source = openSource(session, { relation: rows, time: null, windows: [] })
    const [all] = await scanLosses(session, source, fitted, columns)
    if (all === undefined) throw calibrationRefused('it has no rows')
    const levelError = (noise: number, squares: number, sum: number): number =>
      sum > 0 ? significant(Math.sqrt(noise * squares) / sum, 6) : 0
    const scale = (loss: number, expected: number): number => (expected > 0 ? significant(loss / expected, 9) : 1)
    return {
      kind: 'regression',
      ...fitted,
      rows: all.labelled,
      sampled,
      absolute: {
        ...absolute,
        scale: scale(all.losses, all.labelledAbsolute),
        levelError: levelError(absolute.noise, all.labelledAbsoluteSquares, all.labelledAbsolute),
      },
      squared: {
        ...squared,
        scale: scale(all.squaredLosses, all.labelledSquared),
        levelError: levelError(squared.noise, all.labelledSquaredSquares, all.labelledSquared),
      },
      performance: {
        mae: significant(all.losses / all.labelled, 9),
        rmse: significant(Math.sqrt(all.squaredLosses / all.labelled), 9),
      },
    }
  })
}
