import { MartletError, sql, tableRef, type ColumnSpec, type Sql, type Warehouse } from '@martlet/warehouse'
import type { TimeWindow } from '../count/windows.ts'
import { withTable } from '../count/with-table.ts'
import { columnNamed } from '../count/spelling.ts'
import { calibrateClassifier } from '../estimate/classifier/calibrate-classifier.ts'
import { calibrateLoss } from '../estimate/loss/calibrate-loss.ts'
import type { PerformanceCalibration } from '../estimate/performance-calibration.ts'
import { withCalibration } from '../estimate/with-calibration.ts'
import { isOwnColumn, predictionTable } from '../predictions/prediction-tables.ts'
import { isServedColumn } from '../predictions/served-columns.ts'
import { profileReference } from '../reference/profile-with-pieces.ts'
import type { ProfiledColumn, ReferenceProfile } from '../profile/reference-profile.ts'
import { readProfile, storeProfile } from '../profile/store-profile.ts'
import { withLabelled } from '../truth/labelled-rows.ts'
import { invalid, predictedRows, type PredictedRows } from '../truth/predicted-rows.ts'
import { className, taskOf } from '../truth/truth-pairs.ts'
import type { TruthTask } from '../truth/truth-metric.ts'
import type { TruthRequest } from '../truth/truth-request.ts'

/** Which predictions of a model show how its performance is to be estimated; the fields are those of {@link TruthRequest}. */
export interface CalibrateModel extends Pick<
  TruthRequest,
  | 'warehouse'
  | 'model'
  | 'table'
  | 'keys'
  | 'labels'
  | 'task'
  | 'positive'
  | 'prediction'
  | 'time'
  | 'every'
  | 'version'
  | 'threshold'
  | 'monitor'
  | 'now'
> {
  /**
   * Of classes: the column of each class's chance, by the class as labels name it, such as
   * `{ red: 'prediction__probabilities__0' }`. The highest chance is the prediction.
   */
  readonly scores?: Readonly<Record<string, string>>
  /** The profile that monitors read. One that is not there is made of the same predictions. */
  readonly profile: string
  /** When they were predicted. @default until now */
  readonly span?: TimeWindow
}

/** The time of a prediction, by its name in the log. */
const TIME = 'time'

/**
 * Learns from the predictions of a model whose labels are known how to estimate its performance where they are not, and stores
 * that with a reference profile, so that monitors with `estimate` can do it. The predictions are those that
 * `loadPredictions` brought, so the model was not trained on them.
 *
 * A profile of that name gets the calibration; one of logged predictions is measured again from the same rows, and one
 * that does not exist is made.
 *
 * @throws MartletError TRUTH_INVALID when labels, predictions or columns do not fit each other, or predictions are names of classes
 * and `scores` does not say where their chances are
 * @throws MartletError TABLE_NOT_FOUND when no predictions of the model were loaded
 * @throws MartletError CALIBRATION_INVALID when there are too few labels, or the profile lacks a column that estimates need
 * @example await calibrateModel({ warehouse, model: 'late', profile: 'late', labels: { label: isLate } })
 */
export async function calibrateModel(request: CalibrateModel): Promise<ReferenceProfile> {
  const { warehouse } = request
  const now = request.now ?? new Date()
  const { name, features, scores } = await columnsOf(request)
  const truth: TruthRequest = { ...request, windows: [], reference: request.span ?? { from: new Date(0), to: now } }
  const predicted = await predictedRows(
    warehouse,
    truth,
    [],
    [...features, ...scores.map(({ column }) => column)].map((column) => column.name),
  )
  return withLabelled(warehouse, truth, predicted, ({ relation, type, horizon }) => {
    const task = taskOf(truth, type)
    if (task === 'classes') refuseWithoutScores(request, name, scores)
    const read = [...features, ...(task === 'classes' ? scores.map(({ column }) => column) : [])]
    const label = labelOf(request, [name, ...read.map((column) => column.name)])
    const { leaves } = warehouse
    const cells = [
      sql`truth_t AS ${sql.id(TIME)}`,
      sql`truth_p AS ${sql.id(name)}`,
      sql`${outcome(warehouse, task, type, request.positive)} AS ${sql.id(label)}`,
      ...predicted.keys.map((key, i) => sql`${sql.raw(`truth_key_${i}`)} AS ${sql.id(key.name)}`),
      ...read.map((column) => sql.id(column.name)),
    ]
    const latest = leaves.timestamp((BigInt(now.getTime()) - BigInt(Math.ceil(horizon / 1000))) * 1000n)
    const known = sql`
      SELECT ${sql.join(cells)} FROM (${relation}) AS labelled WHERE truth_y IS NOT NULL AND truth_t <= ${latest}
    `
    return withTable(warehouse, known, (session, table) =>
      calibrated(session, table, request, { task, name, label, features, scores, predicted, now }),
    )
  })
}

/** The column with the chance of a class. */
interface ClassScore {
  readonly value: string
  readonly column: ColumnSpec
}

interface Labelled {
  readonly task: TruthTask
  /** The column of the prediction. */
  readonly name: string
  readonly label: string
  readonly features: readonly ColumnSpec[]
  readonly scores: readonly ClassScore[]
  readonly predicted: PredictedRows
  readonly now: Date
}

function refuseWithoutScores({ scores = {} }: CalibrateModel, name: string, found: readonly ClassScore[]): void {
  const names = Object.entries(scores)
  if (names.length === 0)
    throw invalid(`${name} has names of classes; say with \`scores\` which columns have their chances`, {
      column: name,
    })
  const missing = names.find(([value]) => found.every((one) => one.value !== value))
  if (missing !== undefined)
    throw invalid(`no column ${missing[1]} with the chance of ${missing[0]} was logged`, { column: missing[1] })
}

async function calibrated(
  session: Warehouse,
  table: string,
  { profile: of, positive, threshold }: CalibrateModel,
  { task, name, label, features, scores, predicted, now }: Labelled,
): Promise<ReferenceProfile> {
  const names = features.map((feature) => feature.name)
  const chances = Object.fromEntries(scores.map(({ value, column }) => [value, column.name]))
  const calibration: PerformanceCalibration =
    task === 'regression'
      ? await calibrateLoss(session, { relation: table, prediction: name, label, features: names, time: TIME })
      : await calibrateClassifier(session, {
          relation: table,
          score: task === 'classes' ? chances : name,
          label,
          time: TIME,
          ...(positive === undefined || task === 'classes' ? {} : { positive }),
          ...(threshold === undefined ? {} : { threshold }),
        })
  const existing = await profileOf(session, of)
  const columns: readonly ProfiledColumn[] = [
    ...features.map((feature): ProfiledColumn => ({ name: feature.name, type: feature.type })),
    { name, type: predicted.type, role: 'prediction' },
    ...(task === 'classes' ? scores : []).map(({ column }): ProfiledColumn => ({
      name: column.name,
      type: column.type,
      role: 'prediction',
    })),
  ]
  const profile =
    existing !== undefined && existing.rowKind !== 'predictions'
      ? existing
      : await profileReference(session, {
          name: of,
          relation: table,
          columns,
          time: TIME,
          entity: predicted.keys.map((key) => key.name),
          rowKind: 'predictions',
          now,
        })
  const whole = withCalibration(profile, calibration)
  await storeProfile(session, whole)
  return whole
}

interface LogColumns {
  /** The column of the prediction. */
  readonly name: string
  /** The columns that the model read, as the table of its predictions has them. */
  readonly features: readonly ColumnSpec[]
  readonly scores: readonly ClassScore[]
}

async function columnsOf(request: CalibrateModel): Promise<LogColumns> {
  const table = request.table ?? predictionTable(request.model)
  const columns = (await request.warehouse.introspect(table)) ?? []
  const asked = request.prediction ?? 'prediction'
  // Features are `view__feature`; keys, outputs, and what the log says of the request are not.
  const features = columns.filter(
    ({ name, type }) =>
      name.includes('__') &&
      !isOwnColumn(name) &&
      !isServedColumn(name) &&
      !/^(key|prediction)__/i.test(name) &&
      (request.keys ?? []).every((key) => key.toLowerCase() !== name.toLowerCase()) &&
      type !== 'timestamp' &&
      type !== 'date',
  )
  const used = await valued(request.warehouse, table, features)
  const scores = Object.entries(request.scores ?? {}).flatMap(([value, score]): readonly ClassScore[] => {
    const column = columnNamed(columns, score)
    return column === undefined ? [] : [{ value, column }]
  })
  return { name: columnNamed(columns, asked)?.name ?? asked, features: used, scores }
}

/** The columns that are not always null. */
async function valued(
  warehouse: Warehouse,
  table: string,
  columns: readonly ColumnSpec[],
): Promise<readonly ColumnSpec[]> {
  if (columns.length === 0) return []
  const counts = columns.map(({ name }, i) => sql`COUNT(${sql.id(name)}) AS ${sql.raw(`n_${i}`)}`)
  const batch = await warehouse.read(sql`SELECT ${sql.join(counts)} FROM ${tableRef(table)}`)
  return columns.filter((_, i) => Number(batch.columns[i]?.values[0] ?? 0) > 0)
}

async function profileOf(warehouse: Warehouse, name: string): Promise<ReferenceProfile | undefined> {
  try {
    return await readProfile(warehouse, name)
  } catch (error) {
    if (error instanceof MartletError && error.code === 'PROFILE_NOT_FOUND') return undefined
    throw error
  }
}

/** What happened, as calibrations read it. */
function outcome(warehouse: Warehouse, task: TruthTask, type: ColumnSpec['type'], positive: string | undefined): Sql {
  if (task === 'classes') return className(warehouse, type, sql`truth_y`)
  if (task !== 'binary' || type === 'boolean' || positive !== undefined) return sql`truth_y`
  return sql`CASE WHEN truth_y > 0 THEN TRUE WHEN truth_y <= 0 THEN FALSE END`
}

/** The name of the label: tests of an estimate find it in rows that have it. */
function labelOf({ labels }: CalibrateModel, taken: readonly string[]): string {
  const plan = 'table' in labels ? undefined : 'plan' in labels.label ? labels.label.plan : labels.label
  const name = 'table' in labels ? labels.value : (labels.column ?? plan?.name ?? 'label')
  return [TIME, ...taken].some((one) => one.toLowerCase() === name.toLowerCase()) ? 'happened' : name
}
