import { buildTrainingSet, entity, fact, featureService, featureView, onDemand, request } from '@martlet/feature-store'
import { sql, type Warehouse } from '@martlet/warehouse'
import { z } from 'zod'
import { numbersOf, textsOf } from '../src/model/feature-matrix.ts'
import { mae, rmse } from '../src/model/judge.ts'
import { squared } from '../src/model/loss.ts'
import { parquet } from './shared-data.ts'
import { fitSet, meansOf, tested, type Trial } from './trial.ts'

const columns = {
  pu: z.int(),
  do: z.int(),
  ended_at: z.date(),
  minutes: z.number(),
  miles: z.number(),
  pace: z.number().nullable(),
}
const pair = entity('pair', { pu: z.int(), do: z.int() })
const pickUp = entity('pick_up', { pu: z.int() })
const dropOff = entity('drop_off', { do: z.int() })
const trips = fact('mart.trips', { columns, entities: [pair, pickUp, dropOff], eventTime: 'ended_at' })

const ofPair = featureView('pair', {
  of: pair,
  from: trips,
  every: '1h',
  features: (f) => ({
    minutes: f.mean('minutes').over('28d'),
    spread: f.stddev('minutes').over('28d'),
    miles: f.mean('miles').over('28d'),
    pace: f.mean('pace').over('28d'),
    trips: f.count().over('28d'),
  }),
})
const ofPickUp = featureView('pick_up', {
  of: pickUp,
  from: trips,
  every: '1h',
  features: (f) => ({ minutes: f.mean('minutes').over('28d'), pace: f.mean('pace').over('3h', '28d') }),
})
const ofDropOff = featureView('drop_off', {
  of: dropOff,
  from: trips,
  every: '1h',
  features: (f) => ({ minutes: f.mean('minutes').over('28d'), pace: f.mean('pace').over('3h', '28d') }),
})
const clock = featureView('clock', {
  every: '1h',
  features: (f) => ({ hour: f.calendar('hour'), day: f.calendar('dayOfWeek'), weekend: f.calendar('isWeekend') }),
})
const trip = onDemand('trip', {
  of: [ofPair.pick('pace_28d', 'miles_28d'), ofPickUp.pick('pace_28d')],
  request: request({ miles: z.number() }),
  derive: (v, r) => ({
    length: r.miles.mul(1),
    expected: r.miles.mul(v.pair__pace_28d.coalesce(v.pick_up__pace_28d)),
    detour: r.miles.div(v.pair__miles_28d),
  }),
})
const service = featureService('durations', [ofPair, ofPickUp, ofDropOff, clock, trip])

/**
 * How long does a trip take? The protocol of the published yardstick: learn from January 2021, judge by February, minutes of trips of
 * 1 to 60 minutes. What zones were like is known from trips that had ended before the hour of the pick-up.
 */
export const taxi: Trial = {
  data: 'nyc_green_taxi',
  async run(warehouse, quick) {
    await loadTrips(warehouse)
    const some = quick ? sql`WHERE place % 24 = 0` : sql``
    const set = await buildTrainingSet({
      warehouse,
      service,
      spine: { query: sql`SELECT pu, "do", started_at AS at, month, miles, minutes FROM mart.asked ${some}` },
      time: 'at',
    })
    const fitted = await fitSet(
      set,
      'minutes',
      (batch) => {
        const month = textsOf(batch, 'month')
        const day = numbersOf(batch, 'clock__day')
        // Two weekdays of January say when to stop.
        return (row) => (month[row] === '2021-02' ? 'test' : day[row] === 3 || day[row] === 6 ? 'validation' : 'train')
      },
      { loss: squared, learningRate: 0.1, leaves: 31, minRows: 40, trees: quick ? 60 : 300 },
    )
    const [pu, to] = [numbersOf(fitted.batch, 'pu'), numbersOf(fitted.batch, 'do')]
    const hour = numbersOf(fitted.batch, 'clock__hour')
    const byPair = (row: number) => `${pu[row]} ${to[row]}`
    // Pairs differ more from each other than trips of a pair do: their means need little help.
    const means = meansOf(
      fitted,
      [(row) => `${byPair(row)} ${hour[row]}`, byPair, (row) => String(pu[row])],
      [10, 1, 10],
    )
    const byHour = tested(fitted, means)
    const model = tested(fitted, fitted.predicted)
    const about = {
      data: 'nyc_green_taxi',
      question: 'minutes of a trip',
      trainRows: fitted.parts.train.length,
      testRows: fitted.parts.test.length,
      against: 'mean of pair and hour',
    }
    const published = { question: 'minutes, as published', against: 'published regression' }
    return [
      { ...about, metric: 'MAE', model: mae(model), baseline: mae(byHour) },
      { ...about, metric: 'RMSE', model: rmse(model), baseline: rmse(byHour) },
      // Of another choice of rows the published figure says nothing.
      ...(quick ? [] : [{ ...about, ...published, metric: 'RMSE' as const, model: rmse(model), baseline: PUBLISHED }]),
    ]
  },
}

/** Linear regression on one-hot pairs and the distance, January to February 2021. */
const PUBLISHED = 7.758715

/** Trips of 1 to 60 minutes of January and February 2021. */
export async function loadTrips(warehouse: Warehouse): Promise<void> {
  await warehouse.run(sql`
    CREATE TABLE mart.asked AS
    SELECT *, row_number() OVER (ORDER BY started_at, pu, "do", minutes, miles) AS place FROM (
      SELECT CAST(pu_location_id AS BIGINT) AS pu, CAST(do_location_id AS BIGINT) AS "do", source_month AS month,
        lpep_pickup_datetime AS started_at, lpep_dropoff_datetime AS ended_at, trip_distance AS miles,
        date_diff('second', lpep_pickup_datetime, lpep_dropoff_datetime) / 60.0::DOUBLE AS minutes
      FROM ${parquet('nyc_green_taxi/trips.parquet')} WHERE source_month IN ('2021-01', '2021-02'))
    WHERE minutes BETWEEN 1 AND 60`)
  // Minutes per mile of trips whose distance is one.
  await warehouse.run(sql`
    CREATE TABLE mart.trips AS
    SELECT pu, "do", ended_at, minutes, miles, CASE WHEN miles BETWEEN 0.3 AND 50 THEN minutes / miles END AS pace
    FROM mart.asked`)
}
