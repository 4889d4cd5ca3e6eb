import { buildTrainingSet, type TrainingSet } from '@martlet/feature-store'
import { sql, type Warehouse } from '@martlet/warehouse'
import type { ForecastDefinitions } from '../../definitions/forecast.ts'
import { matrixOf, numbersOf, type Matrix } from './matrix.ts'

/** Every half-hour of every meterpoint on some days, with what was known half an hour after the day had begun. */
export interface ForecastRows {
  readonly set: TrainingSet
  readonly matrix: Matrix
  /** kWh; NaN where nothing was read. */
  readonly target: Float64Array
  /** Days since 1970 of the local day of a row. */
  readonly day: Float64Array
  /** 1 to 48: how many half-hours after the forecast the row's half-hour ends. */
  readonly horizon: Float64Array
}

export interface RowsWanted {
  readonly warehouse: Warehouse
  readonly definitions: ForecastDefinitions
  readonly zone: string
  /** The first and the last local day, such as `2026-03-16`. */
  readonly from: string
  readonly to: string
}

export async function forecastRows({ warehouse, definitions, zone, from, to }: RowsWanted): Promise<ForecastRows> {
  const { nextDay, kwh } = definitions
  const local = sql`CAST(CAST(${from} AS DATE) + CAST(d.i AS INTEGER) AS TIMESTAMP)`
  const spine = sql`
    SELECT m.meterpoint_id, CAST(s.i AS INTEGER) AS slot, ${warehouse.leaves.toUtc(local, zone)} + INTERVAL 30 MINUTE AS at
    FROM (SELECT DISTINCT meterpoint_id FROM mart.fact_consumption) AS m
    CROSS JOIN RANGE(0, 48) AS s(i)
    CROSS JOIN RANGE(0, CAST(CAST(${to} AS DATE) - CAST(${from} AS DATE) AS BIGINT) + 1) AS d(i)
  `
  const set = await buildTrainingSet({
    warehouse,
    service: nextDay,
    spine: { query: spine },
    time: 'at',
    labels: [kwh],
  })
  const batch = await set.read()
  const slot = numbersOf(batch, 'slot')
  return {
    set,
    matrix: matrixOf(batch, set.features),
    target: numbersOf(batch, kwh.name),
    // Half an hour after midnight is on the same UTC day in London and, an hour or two earlier in UTC, a day before further east.
    day: numbersOf(batch, 'at').map((micros) => Math.floor((micros / 1e6 + 12 * 3600) / 86_400)),
    horizon: slot.map((value) => (value === 0 ? 48 : value)),
  }
}
