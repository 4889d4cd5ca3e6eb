import { MartletError, type ColumnSpec, type Warehouse } from '@martlet/warehouse'
import { relationColumns, type Relation } from '../count/relation.ts'
import { openSource } from '../count/scan-source.ts'
import { columnNamed } from '../count/spelling.ts'
import type { TimeWindow } from '../count/windows.ts'
import { withTable } from '../count/with-table.ts'
import { checkCalibration, untested } from './classifier/check-calibration.ts'
import { scoreScans } from './classifier/classifier-columns.ts'
import { estimateClassifier } from './classifier/estimate-classifier.ts'
import { together } from './classifier/class-calibration.ts'
import { redrawnReferences } from './classifier/sampling-spread.ts'
import { scanScores } from './classifier/scan-scores.ts'
import { sumOf } from './classifier/score-counts.ts'
import { estimateObstacle } from './estimate-obstacle.ts'
import { unknownEstimate } from './estimate-status.ts'
import { lossEstimates } from './loss/estimate-loss.ts'
import { newestLabels } from './newest-labels.ts'
import type { PerformanceCalibration } from './performance-calibration.ts'
import type { PerformanceEstimate } from './performance-estimate.ts'

export interface EstimateRequest {
  readonly warehouse: Warehouse
  readonly calibration: PerformanceCalibration
  /** Rows with the predictions, and with the features that a calibration of losses names. Labels that are there are a test. */
  readonly relation: Relation
  /** The column that says when a row was predicted; needed with `windows`. */
  readonly time?: string
  /** Disjoint stretches of time, oldest first; none: all rows are one window. */
  readonly windows?: readonly TimeWindow[]
}

/**
 * Estimates how well a model does in windows whose labels are not known yet: from the scores of a classifier, or from the
 * features of a regression. One statement; rows stay in the warehouse.
 *
 * @throws MartletError WINDOWS_INVALID when windows overlap or end before they start
 * @throws MartletError TIME_COLUMN_MISSING when there are windows, and `time` names no column of the rows
 *
 * @example
 * const [today] = await estimatePerformance({ warehouse, calibration, relation: 'scored.today' })
 */
export async function estimatePerformance(request: EstimateRequest): Promise<readonly PerformanceEstimate[]> {
  const { warehouse, calibration, relation, windows = [] } = request
  return withTable(warehouse, relation, async (session, table) => {
    const columns = await relationColumns(session, table)
    const time = request.time === undefined ? undefined : columnNamed(columns, request.time)?.name
    if (windows.length > 0 && time === undefined) throw timeMissing(request.time)
    return estimateWindows(session, { calibration, relation: table, columns, time: time ?? null, windows })
  })
}

function timeMissing(time: string | undefined): MartletError {
  const why =
    time === undefined ? 'the column that says when a row was predicted is not named' : `they have no column ${time}`
  return new MartletError('TIME_COLUMN_MISSING', `The rows cannot be put into windows: ${why}. Set \`time\`.`, {
    data: time === undefined ? {} : { column: time },
  })
}

export interface EstimateScan {
  readonly calibration: PerformanceCalibration
  readonly relation: Relation
  readonly columns: readonly ColumnSpec[]
  readonly time: string | null
  readonly windows: readonly TimeWindow[]
}

/** The estimate of each window, or of all rows. */
export async function estimateWindows(
  warehouse: Warehouse,
  scan: EstimateScan,
): Promise<readonly PerformanceEstimate[]> {
  const { calibration, columns, windows } = scan
  const spans = windows.length === 0 ? [{ from: null, to: null }] : windows.map(spanOf)
  const obstacle = estimateObstacle(calibration, columns)
  if (obstacle !== null) return spans.map((span) => unknownEstimate(span, { rows: 0, unscored: 0 }, obstacle, untested))
  const source = openSource(warehouse, { ...scan, time: windows.length === 0 ? null : scan.time })
  if (calibration.kind === 'regression') return lossEstimates(warehouse, source, calibration, columns, spans)
  const counted = await scanScores(warehouse, source, scoreScans(warehouse.leaves, calibration, columns))
  const assumption = checkCalibration(
    calibration.classes.map((one, index) =>
      together(
        newestLabels(counted[index] ?? [], ({ labelled }) => sumOf(labelled)),
        one.edges.length + 1,
      ),
    ),
    calibration.classes,
  )
  const references = redrawnReferences(calibration.classes)
  return spans.map((span, window) =>
    estimateClassifier(
      calibration,
      span,
      counted.flatMap((all) => all.slice(window, window + 1)),
      assumption,
      references,
    ),
  )
}

function spanOf({ from, to }: TimeWindow): Pick<PerformanceEstimate, 'from' | 'to'> {
  return { from: from.toISOString(), to: to.toISOString() }
}
