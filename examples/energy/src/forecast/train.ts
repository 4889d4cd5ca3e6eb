import { buildTrainingSet, type TrainingSet } from '@martlet/feature-store'
import { linearRegressionOnnx, loadModel, type GoldenRows, type ModelVersion, type Registry } from '@martlet/registry'
import type { Sql, Warehouse } from '@martlet/warehouse'
import type { EnergyDefinitions } from '../definitions/next-day.ts'
import { accuracy, type Accuracy } from './accuracy.ts'
import { featureMatrix, numbersOf, type FeatureMatrix } from './matrix.ts'
import { choosePenalty, type PenaltyChoice } from './penalty.ts'
import { fitRidge, predictRow, type RidgeModel } from './ridge.ts'
import { dayNumbers, endsBefore, LEVEL, rowWeights } from './rows.ts'
import { DAYS_BACK } from './week-ahead.ts'

export const MODEL = 'next_day_kwh'
/** The simplest forecast: what the day before was. */
export const YESTERDAY = 'customer_usage__kwh_1day'
const LAST_WEEK = `${DAYS_BACK}7`
/** The ONNX file computes in 32 bits. */
const TOLERANCE = { absolute: 1e-2, relative: 1e-4 }

export interface ForecastTrial {
  readonly set: TrainingSet
  readonly model: RidgeModel
  readonly version: ModelVersion
  readonly trainRows: number
  readonly penalty: PenaltyChoice
  /** The accuracy on the days from `cut` on, which the model has not seen. */
  readonly unseen: Readonly<Record<'model' | 'yesterday' | 'lastWeek', Accuracy>>
}

export interface ForecastOptions {
  readonly warehouse: Warehouse
  readonly registry: Registry
  readonly definitions: EnergyDefinitions
  /** Rows `customer_id`, `predict_at`. */
  readonly spine: Sql
  /** The end of the data. */
  readonly asOf: Date
  /** The model learns from rows before this instant (µs) and is judged on the rows from it on. */
  readonly cut: bigint
}

/** Builds the training set, fits the forecast, registers it as ONNX and judges the registered file on unseen days. */
export async function trainForecast(options: ForecastOptions): Promise<ForecastTrial> {
  const { warehouse, registry, definitions, cut } = options
  const { nextDay, nextDayKwh } = definitions
  const set = await buildTrainingSet({
    warehouse,
    service: nextDay,
    spine: { query: options.spine },
    time: 'predict_at',
    labels: [nextDayKwh],
    asOf: options.asOf,
  })
  const batch = await set.read()
  const matrix = featureMatrix(batch, set.features)
  const target = numbersOf(batch, nextDayKwh.name)
  const seen = endsBefore(batch, cut, 1)
  const weights = rowWeights(numbersOf(batch, LEVEL), seen)
  const chosen = choosePenalty(matrix, target, weights, dayNumbers(batch), YESTERDAY)
  const model = fitRidge(matrix, target, weights, { penalty: chosen.penalty, around: YESTERDAY })
  const trainRows = weights.filter((weight, row) => weight > 0 && Number.isFinite(target[row])).length
  const onnx = linearRegressionOnnx({ ...model, output: 'next_day_kwh' })
  const { version } = await registry.register({
    model: MODEL,
    onnx,
    service: nextDay.plan,
    goldenRows: goldenRows(matrix, model),
    trainingSet: { ...set.manifest, views: { ...set.manifest.views }, labels: { ...set.manifest.labels } },
    tags: { algorithm: 'ridge' },
    actor: 'demo',
  })
  const unseen = (row: number): boolean => !(seen[row] ?? true)
  const judged = (forecast: ArrayLike<number>): Accuracy => accuracy(target, forecast, unseen)
  const [yesterday, lastWeek] = [judged(numbersOf(batch, YESTERDAY)), judged(numbersOf(batch, LAST_WEEK))]
  await using loaded = await loadModel(registry, { model: MODEL, version: version.version }, { service: nextDay.plan })
  const outputs = await loaded.run(Float32Array.from(matrix.values), matrix.rows)
  const data = outputs['next_day_kwh']?.data
  if (!(data instanceof Float32Array)) throw new Error('the model has no float output next_day_kwh')
  refuseOtherAnswers(matrix, model, data)
  return { set, model, version, trainRows, penalty: chosen, unseen: { model: judged(data), yesterday, lastWeek } }
}

/**
 * Compares the answers of the registered file with those of the fitted model, so that the file that is judged is the model that
 * was fitted.
 *
 * @throws Error when an answer is another one
 */
export function refuseOtherAnswers(matrix: FeatureMatrix, model: RidgeModel, answers: ArrayLike<number>): void {
  const width = matrix.features.length
  for (let row = 0; row < matrix.rows; row++) {
    const fitted = predictRow(model, matrix.values.subarray(row * width, (row + 1) * width))
    const answer = answers[row] ?? Number.NaN
    if (Math.abs(answer - fitted) <= TOLERANCE.absolute + TOLERANCE.relative * Math.abs(fitted)) continue
    throw new Error(
      `for row ${row} the registered file predicts ${answer} and the fitted model ${fitted}: it is another model`,
    )
  }
}

/** The fitted model's own predictions for a few rows, one of them with missing values; every load of the file must repeat them. */
export function goldenRows(matrix: FeatureMatrix, model: RidgeModel): GoldenRows {
  const rows = [0, Math.floor(matrix.rows / 2), matrix.rows - 1].map((row) =>
    Array.from(matrix.values.subarray(row * matrix.features.length, (row + 1) * matrix.features.length)),
  )
  const missing = rows[0]?.map((value, f) => (matrix.features[f] === LAST_WEEK ? Number.NaN : value)) ?? []
  const all = [...rows, missing]
  return {
    inputs: all.map((values) =>
      Object.fromEntries(matrix.features.map((name, f) => [name, goldenInput(name, values[f] ?? Number.NaN)])),
    ),
    outputs: { next_day_kwh: all.map((values) => predictRow(model, values)) },
    tolerance: TOLERANCE,
  }
}

function goldenInput(name: string, value: number): number | boolean | null {
  if (!Number.isFinite(value)) return null
  return name === 'calendar__weekend' ? value === 1 : value
}
