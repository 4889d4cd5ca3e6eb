import { openDuckDb, rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { buildTrainingSet, entity, fact, featureService, featureView, type Spine } from '../../src/index.ts'

const site = entity('site', { site_id: z.string() })
const readings = fact('mart.readings', {
  columns: { site_id: z.string(), ts: z.date(), n: z.number() },
  entities: [site],
  eventTime: 'ts',
})
// One reading an hour, and a grid of an hour: `n` of the lifetime says which hour the row is of.
const view = featureView('hours', {
  of: site,
  from: readings,
  every: '1h',
  features: (f) => ({ n: f.count().lifetime() }),
})
const service = featureService('s', [view])

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(
    sql`
      CREATE TABLE mart.readings AS SELECT 'a' AS site_id, TIMESTAMP '2024-01-01' + to_hours(i) AS ts, 1.0::DOUBLE AS n
      FROM range(366 * 24) r(i)
    `,
  )
})
afterAll(() => warehouse.close())

/** Hours since the beginning of 2024 (UTC) of the feature time that each row of the spine got. */
async function hours(spine: Spine, zone?: string): Promise<readonly unknown[]> {
  const set = await buildTrainingSet({ warehouse, service, spine, time: 'at', ...(zone === undefined ? {} : { zone }) })
  return rowsOf(await set.read()).map((row) => row['hours__n'])
}

const local = (...times: readonly string[]): Spine => ({
  query: sql`SELECT 'a' AS site_id, CAST(t AS TIMESTAMP) AS at FROM (VALUES ${sql.join(times.map((t) => sql`(${t})`))}) v(t)`,
})
const hourOf = (utc: string): number => (Date.parse(utc) - Date.UTC(2024, 0, 1)) / 3_600_000

test('times of a local clock are read by it, as docs/time.md says also where an hour is missing or comes twice', async () => {
  // In March 02:30 does not exist and is read as 01:30Z; in October 02:30 is the second one, 01:30Z.
  const spine = local('2024-01-15 12:00', '2024-07-15 12:00', '2024-03-31 02:30', '2024-10-27 02:30')
  expect(await hours(spine, 'Europe/Zurich')).toEqual(
    ['2024-01-15T11:00Z', '2024-07-15T10:00Z', '2024-03-31T01:00Z', '2024-10-27T01:00Z'].map(hourOf),
  )
  expect(await hours(spine, 'UTC')).toEqual(await hours(spine))
  expect(await hours(local('2024-07-15 12:00'))).toEqual([hourOf('2024-07-15T12:00Z')])
})

test('a column with a time zone holds instants, whatever the zone; the column is carried along as it is', async () => {
  const spine: Spine = { query: sql`SELECT 'a' AS site_id, TIMESTAMPTZ '2024-07-15 12:00:00+05:30' AS at` }
  for (const zone of ['Europe/Zurich', 'UTC', undefined])
    expect(await hours(spine, zone)).toEqual([hourOf('2024-07-15T06:00Z')])
  const set = await buildTrainingSet({
    warehouse,
    service,
    spine: local('2024-07-15 12:00'),
    time: 'at',
    zone: 'Europe/Zurich',
  })
  expect(rowsOf(await set.read())[0]).toMatchObject({ at: new Date('2024-07-15T12:00Z') })
  expect(set.manifest).toMatchObject({ first: '2024-07-15T10:00:00.000Z', last: '2024-07-15T10:00:00.000Z' })
})

test('a zone that there is not is refused', async () => {
  await expect(hours(local('2024-07-15 12:00'), 'Mars/Olympus')).rejects.toThrow(
    expect.objectContaining({ code: 'BAD_TIME_ZONE' }),
  )
})

test('progress says what runs, from the beginning to the end', async () => {
  const seen: string[] = []
  await buildTrainingSet({
    warehouse,
    service,
    spine: local('2024-07-15 12:00'),
    time: 'at',
    onProgress: ({ done, of, step, seconds }) => {
      expect(done).toBeLessThanOrEqual(of)
      expect(seconds).toBeGreaterThanOrEqual(0)
      if (seen.at(-1) !== step) seen.push(step)
    },
  })
  expect(seen[0]).toBe('spine')
  expect(seen.slice(-3)).toEqual(['view hours', 'join and write', 'training.s'])
})
