import { buildTrainingSet, entity, fact, featureService, featureView, label } from '@martlet/feature-store'
import { sql, type Warehouse } from '@martlet/warehouse'
import { z } from 'zod'
import { numbersOf } from '../src/model/feature-matrix.ts'
import { mae } from '../src/model/judge.ts'
import { squared } from '../src/model/loss.ts'
import { parquet } from './shared-data.ts'
import { fitSet, tested, type Trial, type Verdict } from './trial.ts'

const trip = entity('trip', { trip: z.string() })
const telemetry = fact('mart.telemetry', {
  columns: {
    trip: z.string(),
    ts: z.date(),
    speed: z.number(),
    rpm: z.number(),
    engine_load: z.number(),
    pedal: z.number(),
    coolant: z.number(),
    air: z.number(),
  },
  entities: [trip],
  eventTime: 'ts',
})
/** Windows of time are minutes; the newest twenty samples are about ten seconds. */
const driving = featureView('driving', {
  of: trip,
  from: telemetry,
  every: '1m',
  features: (f) => ({
    speed: f.mean('speed').over('1m', '2m', '5m'),
    speed_spread: f.stddev('speed').over('1m', '5m'),
    speed_most: f.max('speed').over('1m', '5m'),
    speed_now: f.mean('speed').overLast(20),
    speed_recent: f.mean('speed').overLast(60),
    standing: f
      .count()
      .where((r) => r.speed.eq(0))
      .over('1m', '5m'),
    rpm: f.mean('rpm').over('1m'),
    rpm_now: f.mean('rpm').overLast(20),
    engine_load: f.mean('engine_load').over('1m'),
    pedal: f.mean('pedal').over('1m'),
    air: f.mean('air').over('1m', '2m', '5m'),
    air_now: f.mean('air').overLast(20),
    coolant: f.last('coolant'),
    samples: f.count().over('1m'),
  }),
})
const service = featureService('driving', [driving])

const TARGETS = [
  { column: 'air', question: 'air per minute, next minute', persistence: 'driving__air_1m' },
  { column: 'speed', question: 'km/h, next minute', persistence: 'driving__speed_1m' },
] as const

/**
 * What will the engine breathe, and how fast will the car be, on average over the next minute? Asked every minute of a trip; the
 * last quarter of the trips of each kind judges.
 */
export const obd: Trial = {
  data: 'car_obd',
  async run(warehouse, quick) {
    await load(warehouse, quick)
    const verdicts: Verdict[] = []
    for (const { column, question, persistence } of TARGETS) {
      const ahead = label('ahead', { of: trip, from: telemetry, value: (f) => f.mean(column).ahead('1m') })
      const set = await buildTrainingSet({
        warehouse,
        service,
        spine: { query: sql`SELECT trip, asked_at, place FROM mart.asked` },
        time: 'asked_at',
        labels: [ahead],
      })
      const fitted = await fitSet(
        set,
        'ahead',
        (batch) => {
          const place = numbersOf(batch, 'place')
          return (row) => ((place[row] ?? 0) > 0.75 ? 'test' : (place[row] ?? 0) > 0.6 ? 'validation' : 'train')
        },
        { loss: squared, trees: quick ? 60 : 300 },
      )
      verdicts.push({
        data: 'car_obd',
        question,
        trainRows: fitted.parts.train.length,
        testRows: fitted.parts.test.length,
        metric: 'MAE',
        model: mae(tested(fitted, fitted.predicted)),
        baseline: mae(tested(fitted, numbersOf(fitted.batch, persistence))),
        against: 'mean of the last minute',
      })
    }
    return verdicts
  },
}

/**
 * Trips have no dates: each one is put on a day of its own. What the engine breathes is in proportion to pressure and revolutions, and
 * falls with the temperature of the air; fuel follows it. The constants (cylinders, efficiency) are left out: the unit is arbitrary.
 */
async function load(warehouse: Warehouse, quick: boolean): Promise<void> {
  const some = quick ? sql`WHERE trip_no % 4 = 0` : sql``
  await warehouse.run(sql`
    CREATE TABLE mart.telemetry AS
    SELECT trip, mode, place, day + to_microseconds(CAST((engine_run_time - first) * 1000000 AS BIGINT)) AS ts,
      vehicle_speed AS speed, engine_rpm AS rpm, engine_load, pedal_d AS pedal, coolant_temperature AS coolant,
      intake_manifold_pressure * engine_rpm / (273.15 + intake_air_temp) AS air
    FROM ${parquet('car_obd/telemetry.parquet')} t
    JOIN (
      SELECT trip, first, TIMESTAMP '2020-01-01' + to_days(CAST(row_number() OVER (ORDER BY trip) AS INTEGER)) AS day,
        trip_no, trip_no / max(trip_no) OVER (PARTITION BY mode) AS place
      FROM (SELECT trip, mode, MIN(engine_run_time) AS first, CAST(regexp_extract(trip, '[0-9]+$') AS INTEGER) AS trip_no
        FROM ${parquet('car_obd/telemetry.parquet')} GROUP BY trip, mode)
    ) d USING (trip) ${some}`)
  await warehouse.run(sql`
    CREATE TABLE mart.asked AS
    SELECT trip, place, unnest(generate_series(date_trunc('minute', MIN(ts)) + INTERVAL 2 MINUTE, MAX(ts) - INTERVAL 1 MINUTE,
      INTERVAL 1 MINUTE)) AS asked_at
    FROM mart.telemetry GROUP BY trip, place`)
}
