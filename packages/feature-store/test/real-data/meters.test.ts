import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { buildTrainingSet, entity, fact, featureService, featureView } from '../../src/index.ts'

const data = join(import.meta.dirname, '../../../../../shared/data/lcl_smart_meters')

interface Reading {
  readonly lcl_id: string
  readonly us: number
  readonly kwh: number
}

/**
 * The published daily totals are of other households than the published half hours, so these totals are added up here, by
 * the local date that Intl gives each half hour.
 */
describe.skipIf(!existsSync(data))('London half hours: days by the local clock', () => {
  test('the totals of local days, those of 23 and 25 hours too', { timeout: 120_000 }, async () => {
    await using warehouse = await openDuckDb()
    await warehouse.run(sql`CREATE SCHEMA mart`)
    await warehouse.run(sql`
      CREATE TABLE mart.readings AS
      SELECT DISTINCT lcl_id, ts, kwh FROM read_parquet(${sql.lit(join(data, 'halfhourly.parquet'))})
      WHERE kwh IS NOT NULL
    `)
    const readings = rowsOf<Reading & { readonly [name: string]: unknown }>(
      await warehouse.read(sql`SELECT lcl_id, CAST(epoch_us(ts) AS DOUBLE) AS us, kwh FROM mart.readings`),
    )
    const londonDate = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London' })
    const totals = new Map<string, { halfHours: number; kwh: number }>()
    for (const { lcl_id, us, kwh } of readings) {
      const day = `${lcl_id} ${londonDate.format(us / 1000)}`
      const total = totals.get(day) ?? { halfHours: 0, kwh: 0 }
      totals.set(day, { halfHours: total.halfHours + 1, kwh: total.kwh + kwh })
    }

    const household = entity('household', { lcl_id: z.string() })
    const usage = fact('mart.readings', {
      columns: { lcl_id: z.string(), ts: z.date(), kwh: z.number() },
      entities: [household],
      eventTime: 'ts',
    })
    const days = featureView('days', {
      of: household,
      from: usage,
      every: '1d',
      zone: 'Europe/London',
      features: (f) => ({ kwh: f.sum('kwh').overDays(1), half_hours: f.count().overDays(1) }),
    })
    // Noon of each day after one that has readings: the feature time is the midnight before, in London.
    await warehouse.run(sql`
      CREATE TABLE mart.asked AS
      SELECT DISTINCT lcl_id, date_trunc('day', ts) + INTERVAL 36 HOUR AS "at" FROM mart.readings
    `)
    await buildTrainingSet({
      warehouse,
      service: featureService('days', [days]),
      spine: { table: 'mart.asked' },
      time: 'at',
      into: 'mart.answered',
    })
    const answered = rowsOf<{ lcl_id: string; day: string; kwh: number | null; half_hours: number | null }>(
      await warehouse.read(sql`
        SELECT lcl_id, strftime("at" - INTERVAL 1 DAY, '%Y-%m-%d') AS day, days__kwh_1day AS kwh,
          CAST(days__half_hours_1day AS DOUBLE) AS half_hours
        FROM mart.answered
      `),
    )
    const lengths = new Map<string, number>()
    for (const { lcl_id, day, kwh, half_hours } of answered) {
      const total = totals.get(`${lcl_id} ${day}`) ?? { halfHours: 0, kwh: 0 }
      expect(half_hours, `${lcl_id} on ${day}`).toBe(total.halfHours)
      expect(Math.abs((kwh ?? Number.NaN) - total.kwh), `${lcl_id} on ${day}`).toBeLessThan(1e-9)
      lengths.set(day, Math.max(lengths.get(day) ?? 0, total.halfHours))
    }
    expect(answered.length).toBeGreaterThan(1_500)
    // Whoever takes 24 hours instead of the day is off on these: the clock goes forward, and back.
    expect([lengths.get('2013-03-31'), lengths.get('2013-10-27')]).toEqual([46, 50])
  })
})
