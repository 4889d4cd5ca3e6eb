import { linearRegressionOnnx, loadModel, type GoldenRows, type Registry } from '@martlet/registry'
import type { ForecastDefinitions } from '../../definitions/forecast.ts'
import type { Matrix } from './matrix.ts'
import { fitIntervals, type QuantileModels } from './quantile-model.ts'
import { predict, type QuantileModel } from './quantile-regression.ts'
import type { ForecastRows } from './training-rows.ts'

/** The models of the three quantiles, in the order of their quantiles. */
export const MODELS = ['consumption_p10', 'consumption_p50', 'consumption_p90'] as const
export const OUTPUT = 'kwh'
/** What the server answers with. */
const ALIAS = 'champion'
/** The files compute in 32 bits. */
const TOLERANCE = { absolute: 1e-3, relative: 1e-3 }

/** The days at the end on which the bounds are calibrated. */
const CALIBRATE = 28

/** Fits the models on all days, the last four weeks of which say how wide the intervals are. */
export function fitLatest({ matrix, target, day }: ForecastRows): QuantileModels {
  const end = day.reduce((latest, value) => Math.max(latest, value), 0) + 1 - CALIBRATE
  const rows = Int32Array.from(day.keys())
  const isBefore = (row: number): boolean => (day[row] ?? 0) < end
  return fitIntervals(
    matrix,
    target,
    rows.filter(isBefore),
    rows.filter((row) => !isBefore(row)),
  )
}

export interface RegisteredModel {
  readonly model: string
  readonly version: number
}

/** Registers the three models as ONNX files and makes them live. Refuses a file that answers otherwise than what was fitted. */
export async function registerModels(
  registry: Registry,
  { nextDay }: Pick<ForecastDefinitions, 'nextDay'>,
  { set, matrix }: ForecastRows,
  models: QuantileModels,
): Promise<readonly RegisteredModel[]> {
  const registered: RegisteredModel[] = []
  for (const [place, fitted] of models.entries()) {
    const model = MODELS[place] ?? ''
    const { version } = await registry.register({
      model,
      onnx: linearRegressionOnnx({ ...fitted, output: OUTPUT }),
      service: nextDay.plan,
      goldenRows: goldenRows(matrix, fitted),
      trainingSet: { ...set.manifest, views: { ...set.manifest.views }, labels: { ...set.manifest.labels } },
      tags: { algorithm: 'linear quantile regression', quantile: String(fitted.quantile) },
      actor: 'example',
    })
    await refuseOtherAnswers(registry, nextDay, { model, version: version.version }, matrix, fitted)
    await makeLive(registry, model, version.version)
    registered.push({ model, version: version.version })
  }
  return registered
}

async function refuseOtherAnswers(
  registry: Registry,
  nextDay: ForecastDefinitions['nextDay'],
  version: RegisteredModel,
  matrix: Matrix,
  fitted: QuantileModel,
): Promise<void> {
  await using loaded = await loadModel(registry, version, { service: nextDay.plan })
  const data = (await loaded.run(Float32Array.from(matrix.values), matrix.rows))[OUTPUT]?.data
  const expected = predict(fitted, matrix)
  for (let row = 0; row < matrix.rows; row++) {
    const [answer, wanted] = [Number(data?.[row]), expected[row] ?? Number.NaN]
    if (Math.abs(answer - wanted) <= TOLERANCE.absolute + TOLERANCE.relative * Math.abs(wanted)) continue
    throw new Error(`${version.model}: the file answers ${answer} for row ${row}, and what was fitted ${wanted}`)
  }
}

function goldenRows(matrix: Matrix, fitted: QuantileModel): GoldenRows {
  const rows = [0, Math.floor(matrix.rows / 3), matrix.rows - 1]
  const count = matrix.features.length
  const answers = predict(fitted, matrix)
  const valueOf = (row: number, f: number): number | null => {
    const value = matrix.values[row * count + f] ?? Number.NaN
    return Number.isFinite(value) ? value : null
  }
  return {
    inputs: rows.map((row) => Object.fromEntries(matrix.features.map((name, f) => [name, valueOf(row, f)]))),
    outputs: { [OUTPUT]: rows.map((row) => answers[row] ?? 0) },
    tolerance: TOLERANCE,
  }
}

async function makeLive(registry: Registry, model: string, version: number): Promise<void> {
  const aliases = await registry.aliases()
  const expect = aliases.find((target) => target.model === model && target.alias === ALIAS)?.version ?? null
  await registry.setAlias(model, ALIAS, version, { actor: 'example', reason: 'fitted on the newest days', expect })
}
