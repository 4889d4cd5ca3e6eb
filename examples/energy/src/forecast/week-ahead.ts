import { buildTrainingSet } from '@martlet/feature-store'
import type { Sql, Warehouse } from '@martlet/warehouse'
import { HORIZON, type EnergyDefinitions } from '../definitions/next-day.ts'
import { accuracy, type Accuracy } from './accuracy.ts'
import { featureMatrix, numbersOf } from './matrix.ts'
import { fitRidge, predictRow } from './ridge.ts'
import { endsBefore, LEVEL, rowWeights } from './rows.ts'

/** The names of the last days, the newest being number 1. */
export const DAYS_BACK = 'customer_season__day_1d_'

/** How good the forecasts of one day of the horizon are, on days that they have not seen. */
export interface DayAhead {
  /** 1 is the day that begins at the time of the row. */
  readonly day: number
  readonly model: Accuracy
  readonly lastWeek: Accuracy
}

export interface WeekOptions {
  readonly warehouse: Warehouse
  readonly definitions: EnergyDefinitions
  /** Rows `customer_id`, `predict_at`. */
  readonly spine: Sql
  readonly asOf: Date
  /** Forecasts are fitted on labels that ended before this instant (µs) and judged on rows from it on. */
  readonly cut: bigint
  readonly penalty: number
}

/** Fits a forecast for each of the next days, around the same weekday of last week, and judges it. */
export async function forecastWeek(options: WeekOptions): Promise<readonly DayAhead[]> {
  const { definitions, cut, penalty } = options
  const { nextWeek, nextWeekKwh } = definitions
  const set = await buildTrainingSet({
    warehouse: options.warehouse,
    service: nextWeek,
    spine: { query: options.spine },
    time: 'predict_at',
    labels: [nextWeekKwh],
    asOf: options.asOf,
    // The tables have these rows already.
    from: 'materialized',
  })
  const batch = await set.read()
  const matrix = featureMatrix(batch, set.features)
  const level = numbersOf(batch, LEVEL)
  const seen = endsBefore(batch, cut, 1)
  return Array.from({ length: HORIZON }, (_, i) => {
    const around = `${DAYS_BACK}${HORIZON - i}`
    const target = numbersOf(batch, `${nextWeekKwh.name}_${i + 1}`)
    const weights = rowWeights(level, endsBefore(batch, cut, i + 1))
    const model = fitRidge(matrix, target, weights, { penalty, around })
    const width = matrix.features.length
    const forecast = Float64Array.from({ length: matrix.rows }, (__, row) =>
      seen[row] === true ? Number.NaN : predictRow(model, matrix.values.subarray(row * width, (row + 1) * width)),
    )
    const judged = (values: Float64Array): Accuracy => accuracy(target, values, (row) => seen[row] === false)
    return { day: i + 1, model: judged(forecast), lastWeek: judged(numbersOf(batch, around)) }
  })
}
