import { columnBatch, rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse, testEngine } from '../../../warehouse/test/support/engine.ts'
import {
  buildTrainingSet,
  checkView,
  dimension,
  entity,
  fact,
  featureService,
  featureView,
  happens,
  label,
  precomputed,
  type AnyFeatureView,
  type AnyLabel,
} from '../../src/index.ts'
import { toMicros } from '../../src/catalog/instant.ts'

const site = entity('site', { site_id: z.string() })
const columns = { site_id: z.string(), zoned: z.date(), local: z.date(), other: z.date(), x: z.number() }
const spec = { columns, entities: [site] } as const
const table = 'mart.mixed'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
  const [zoned, plain, double] =
    testEngine === 'duckdb' ? ['TIMESTAMPTZ', 'TIMESTAMP', 'DOUBLE'] : ['TIMESTAMP_TZ(6)', 'TIMESTAMP_NTZ(6)', 'DOUBLE']
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
  await warehouse.run(
    sql`CREATE TABLE mart.mixed (site_id VARCHAR, zoned ${sql.raw(zoned)}, ${sql.id('local')} ${sql.raw(plain)},
      other ${sql.raw(plain)}, x ${sql.raw(double)})`,
  )
  // 12:00 UTC, which is 14:00 in Zurich and 08:00 in New York; the offset in the text is one of neither.
  const instant = sql`CAST('2024-07-01 17:30:00+05:30' AS ${sql.raw(zoned)})`
  const clock = (text: string) => sql`CAST(${sql.lit(text)} AS ${sql.raw(plain)})`
  await warehouse.run(
    sql`INSERT INTO mart.mixed SELECT 'a', ${instant}, ${clock('2024-07-01 14:00:00')}, ${clock('2024-07-01 08:00:00')}, 1.5`,
  )
})
afterAll(() => warehouse.close())

/** The value at each whole hour from 09:00 to 17:00 UTC on July 1. */
async function byHour(view: AnyFeatureView, labels: readonly AnyLabel[] = []): Promise<readonly unknown[]> {
  const at = Array.from({ length: 9 }, (_, i) => new Date(Date.UTC(2024, 6, 1, i + 9)))
  const rows = columnBatch({
    site_id: { type: 'text', values: at.map(() => 'a') },
    at: { type: 'timestamp', values: at },
  })
  const set = await buildTrainingSet({
    warehouse,
    service: featureService('s', [view]),
    labels,
    spine: { rows },
    time: 'at',
    asOf: new Date('2024-07-03'),
  })
  const name = labels[0]?.name ?? `${view.name}__v`
  return rowsOf(await set.read()).map((row) => row[name])
}

/** When the value is there: from this hour on. */
function from(hour: number, before: unknown, after: unknown): readonly unknown[] {
  return Array.from({ length: 9 }, (_, i) => (i + 9 < hour ? before : after))
}

const counts = (of: ReturnType<typeof fact<typeof columns, [typeof site]>>) =>
  featureView('counts', { of: site, from: of, every: '1h', features: (f) => ({ v: f.count().lifetime() }) })

describe('a column with a time zone is an instant, whatever zone the table has', () => {
  test.for(['UTC', 'Europe/Zurich', 'America/New_York'])(
    '%s: as event time, arrival time and validity',
    async (zone) => {
      // Stamped exactly 12:00, it is before 13:00.
      expect(await byHour(counts(fact(table, { ...spec, eventTime: 'zoned', zone })))).toEqual(from(13, null, 1))
      const arrival = featureView('counts', {
        of: site,
        from: fact(table, { ...spec, eventTime: 'zoned', knownAt: 'zoned', zone }),
        every: '1h',
        delay: '1h',
        features: (f) => ({ v: f.count().lifetime() }),
      })
      expect(await byHour(arrival)).toEqual(from(14, null, 1))
      const versions = dimension(table, { columns, entity: site, validFrom: 'zoned', zone })
      expect(
        await byHour(
          featureView('versions', {
            of: site,
            from: versions,
            every: '1h',
            features: (f) => ({ v: f.attribute('x') }),
          }),
        ),
      ).toEqual(from(12, null, 1.5))
      const rows = precomputed(table, { columns, entity: site, time: 'zoned', created: 'zoned', zone })
      expect(
        await byHour(
          featureView('rows', { of: site, from: rows, every: '1h', features: (f) => ({ v: f.column('x') }) }),
        ),
      ).toEqual(from(12, null, 1.5))
    },
  )

  test('also without a zone', async () => {
    expect(await byHour(counts(fact(table, { ...spec, eventTime: 'zoned' })))).toEqual(from(13, null, 1))
  })

  test('in labels and in the checks of rows', async () => {
    const events = fact(table, { ...spec, eventTime: 'zoned', zone: 'Europe/Zurich' })
    const soon = label('soon', { of: site, value: happens(events).within('1h') })
    expect(await byHour(counts(events), [soon])).toEqual([false, false, false, true, false, false, false, false, false])
    const future = (now: string) => checkView(warehouse, counts(events), { from: null, to: null, now: toMicros(now) })
    const found = async (now: string) =>
      (await future(now)).findings.filter(({ check, column }) => check === 'future' && column === 'zoned').length
    expect([await found('2024-07-01T11:59:59Z'), await found('2024-07-01T12:00:00Z')]).toEqual([1, 0])
  })
})

describe('a table with several clocks', () => {
  test('an arrival time with a zone of its own beside a local event time, and the other way about', async () => {
    const late = (eventTime: 'zoned' | 'local', knownAt: 'zoned' | 'local') =>
      featureView('counts', {
        of: site,
        from: fact(table, { ...spec, eventTime, knownAt, zone: 'Europe/Zurich' }),
        every: '1h',
        features: (f) => ({ v: f.count().lifetime() }),
      })
    expect(await byHour(late('local', 'zoned'))).toEqual(from(13, null, 1))
    expect(await byHour(late('zoned', 'local'))).toEqual(from(13, null, 1))
  })

  test('two local columns of different zones: zone names each', async () => {
    const zone = { local: 'Europe/Zurich', other: 'America/New_York' } as const
    expect(await byHour(counts(fact(table, { ...spec, eventTime: 'local', zone })))).toEqual(from(13, null, 1))
    expect(await byHour(counts(fact(table, { ...spec, eventTime: 'other', zone })))).toEqual(from(13, null, 1))
    expect(await byHour(counts(fact(table, { ...spec, eventTime: 'other', knownAt: 'local', zone })))).toEqual(
      from(13, null, 1),
    )
    // A column that is not named is UTC.
    expect(
      await byHour(counts(fact(table, { ...spec, eventTime: 'local', zone: { other: 'America/New_York' } }))),
    ).toEqual(from(15, null, 1))
  })

  test('a zone of a column that is not there, or is no time, is refused', () => {
    // @ts-expect-error -- no such column
    expect(() => fact(table, { ...spec, eventTime: 'local', zone: { lokal: 'Europe/Zurich' } })).toThrow(
      /zone 'lokal' is not one of its columns/,
    )
    // @ts-expect-error -- not a time
    expect(() => fact(table, { ...spec, eventTime: 'local', zone: { x: 'Europe/Zurich' } })).toThrow(
      /must be timestamp/,
    )
    expect(() => fact(table, { ...spec, eventTime: 'local', zone: { local: 'Europe/Zürich' } })).toThrow(
      /not an IANA time zone/,
    )
  })
})
