import { columnBatch, rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { testEngine } from '../../../warehouse/test/support/engine.ts'
import { buildTrainingSet, fact, featureService, happens, label, type TrainingSetOptions } from '../../src/index.ts'
import {
  alarm,
  customer,
  customerUsage,
  fill,
  nextDay,
  openMart,
  refusal,
  scoreView,
  service,
  spineOf,
} from './training-marts.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openMart()
})
afterAll(() => warehouse.close())

const build = (options: Partial<TrainingSetOptions> & Pick<TrainingSetOptions, 'spine'>) =>
  buildTrainingSet({ warehouse, service, time: 'at', ...options })
const instant = (at: string) => warehouse.leaves.timestamp(Date.parse(`${at}Z`) * 1000)
/** A query of one customer and an hour after the other from January 2 on. */
const hourly = (id: string, hours: number) => {
  const { series, addMicros } = warehouse.leaves
  const at = addMicros(instant('2024-01-02'), sql`i.n * ${sql.lit(3_600_000_000)}`)
  return {
    query: sql`
      SELECT ${id} AS customer_id, ${at} AS at
      FROM (SELECT 0 AS f, ${sql.lit(hours - 1)} AS t) b, ${series({ from: sql`b.f`, to: sql`b.t`, alias: 'i', column: 'n' })}
    `,
  }
}
const read = async (options: Parameters<typeof build>[0]) => rowsOf(await (await build(options)).read())

describe('spine rows', () => {
  test.each([1, 63, 64, 65, 5_000])('are all kept, in order, when there are %i', async (n) => {
    const hours = Array.from({ length: n }, (_, i) => (i * 7919) % 700)
    const rows = columnBatch({
      customer_id: {
        type: 'text',
        values: hours.map((hour) => (hour % 3 === 0 ? 'nobody' : hour % 2 === 0 ? 'a' : 'b')),
      },
      at: { type: 'timestamp', values: hours.map((hour) => new Date(Date.UTC(2024, 0, 1, hour))) },
    })
    const found = await read({ spine: { rows } })
    expect(found.map(({ spine_row, customer_id, at }) => [spine_row, customer_id, at])).toEqual(
      hours.map((hour, i) => [
        i,
        hour % 3 === 0 ? 'nobody' : hour % 2 === 0 ? 'a' : 'b',
        new Date(Date.UTC(2024, 0, 1, hour)),
      ]),
    )
    // A reading an hour, from the first hour of January 1: the row for midnight of day d has counted 24 d of them,
    // seven days at most.
    expect(found.map((row) => row['customer_usage__n_7d'])).toEqual(
      hours.map((hour) => {
        const days = Math.floor((hour - 6) / 24)
        return hour % 3 === 0 || days < 1 ? null : 24 * Math.min(7, days)
      }),
    )
  })

  test('that occur twice are kept twice', async () => {
    const found = await read({
      spine: spineOf(['b', '2024-01-10T12:00:00'], ['a', '2024-01-10T12:00:00'], ['b', '2024-01-10T12:00:00']),
      labels: [nextDay],
    })
    expect(
      found.map((row) => [row['spine_row'], row['customer_id'], row['customer_usage__kwh_1d'], row['next_day_kwh']]),
    ).toEqual([
      [0, 'b', 24, 24],
      [1, 'a', 24, 24],
      [2, 'b', 24, 24],
    ])
  })

  test('are the same from a table, a query and memory', async () => {
    const spine = Array.from({ length: 100 }, (_, i) =>
      ['a', 'b', 'nobody'].map((id) => ({ id, at: new Date(Date.UTC(2024, 0, 1, 7 * i)) })),
    ).flat()
    await fill(warehouse, 'mart.spine', {
      customer_id: { type: 'text', values: spine.map(({ id }) => id) },
      at: { type: 'timestamp', values: spine.map(({ at }) => at) },
    })
    const query = sql`SELECT * FROM mart.spine ORDER BY ${sql.id('at')}, customer_id`
    const inOrder = (rows: Awaited<ReturnType<typeof read>>) =>
      rows.map(({ spine_row: _, ...row }) => JSON.stringify(row)).toSorted()
    const fromRows = await read({ spine: { rows: await warehouse.read(query) } })
    expect(fromRows).toHaveLength(300)
    expect(fromRows.map(({ customer_id: id, at }) => ({ id, at }))).toEqual(spine)
    // A table has no order of its own, and on Snowflake neither has a query that is read by another.
    for (const others of [{ table: 'mart.spine' }, { query }])
      expect(inOrder(await read({ spine: others }))).toEqual(inOrder(fromRows))
    if (testEngine === 'duckdb') expect(await read({ spine: { query } })).toEqual(fromRows)
  })

  test.runIf(testEngine === 'duckdb')('carry columns of every type along untouched, nulls too', async () => {
    await warehouse.run(sql`CREATE OR REPLACE TABLE mart.wide AS SELECT
      'a' AS customer_id, TIMESTAMP '2024-01-10 12:00:00.123456' AS at, true AS "a boolean", 7::TINYINT AS tiny,
        -5::INTEGER AS whole, 9223372036854775807::BIGINT AS big,
      170141183460469231731687303715884105727::HUGEINT AS huge, 0.1::FLOAT AS single, 'NaN'::DOUBLE AS double,
        12345678.90::DECIMAL(18, 2) AS exact, 'é ''quoted''' AS text,
      uuid() AS id, TIMESTAMPTZ '2024-01-10 12:00:00+02' AS zoned, DATE '1969-07-20' AS day,
        TIMESTAMP 'infinity' AS forever, 'x'::ENUM ('x', 'y') AS one_of, '{"a": 1}'::JSON AS json
      UNION ALL SELECT 'b', TIMESTAMP '1969-12-31 23:59:59.999999', ${sql.join(Array.from({ length: 15 }, () => sql`NULL`))}`)
    await build({ spine: { table: 'mart.wide' }, into: 'training.wide' })
    const columns = ((await warehouse.introspect('mart.wide')) ?? []).map(({ name }) => sql.id(name))
    expect(columns).toHaveLength(17)
    const types = (table: string) =>
      warehouse.read(
        sql`
          SELECT column_name, data_type
          FROM duckdb_columns()
          WHERE schema_name || '.' || table_name = ${table} AND column_name NOT LIKE '%\\_\\_%' ESCAPE '\\' AND column_name <> 'spine_row'
          ORDER BY 1
        `,
      )
    expect(rowsOf(await types('training.wide'))).toEqual(rowsOf(await types('mart.wide')))
    const differing = sql`(SELECT ${sql.join(columns)} FROM training.wide EXCEPT ALL SELECT ${sql.join(columns)} FROM mart.wide)`
    expect(rowsOf(await warehouse.read(sql`SELECT COUNT(*) AS n FROM ${differing} d`))).toEqual([{ n: 0 }])
    expect(
      rowsOf(await warehouse.read(sql`SELECT COUNT(*) AS n, COUNT("a boolean") AS present FROM training.wide`)),
    ).toEqual([{ n: 2, present: 1 }])
  })

  test('with a name like a function or a keyword', async () => {
    const spine = {
      query: sql`SELECT 'a' AS customer_id, ${instant('2024-01-10T12:00')} AS ${sql.id('select')}, 1 AS e, 2 AS t,
        3 AS k, 4 AS v0, 5 AS feature_time, 6 AS ${sql.id('rows')}`,
    }
    expect(await read({ spine, time: 'select', labels: [nextDay] })).toMatchObject([
      { e: 1, t: 2, k: 3, v0: 4, feature_time: 5, rows: 6, customer_usage__kwh_1d: 24, next_day_kwh: 24 },
    ])
  })
})

describe('the end of the data', () => {
  const late = spineOf(['a', '2024-01-29T12:00:00'], ['a', '2024-01-30T23:00:00'], ['a', '2024-01-30T23:00:01'])
  const labelsOf = async (options: Partial<TrainingSetOptions>) =>
    (await read({ spine: late, labels: [nextDay], ...options })).map((row) => row['next_day_kwh'])

  test("is the newest event of the label's fact, unless it is said", async () => {
    // The newest reading is that of January 31, 23:00.
    expect((await build({ spine: late, labels: [nextDay] })).manifest.asOf).toBe('2024-01-31T23:00:00.000Z')
    expect(await labelsOf({})).toEqual([24, 24, null])
    expect(await labelsOf({ asOf: new Date('2024-02-01T00:00:00Z') })).toEqual([24, 24, 24])
    expect(await labelsOf({ asOf: new Date('2024-01-30T12:00:00Z') })).toEqual([24, null, null])
  })

  test('of several facts is that of the one that ends first, so that no label is 0 for want of data', async () => {
    const spine = spineOf(['a', '2024-01-08T13:00:00'], ['a', '2024-01-10T13:00:00'])
    const found = await read({ spine, labels: [nextDay, alarm] })
    // The only alarm is that of January 10, noon: what comes after is not known.
    expect(found.map((row) => [row['next_day_kwh'], row['alarm']])).toEqual([
      [24, null],
      [null, null],
    ])
    const said = await read({ spine, labels: [nextDay, alarm], asOf: new Date('2024-02-01T00:00:00Z') })
    expect(said.map((row) => [row['next_day_kwh'], row['alarm']])).toEqual([
      [24, true],
      [24, false],
    ])
  })

  test("is not moved by events of the future, which close nobody's windows; of two times of one table each counts", async () => {
    const at = ['2024-01-08T12:00Z', '2024-01-10T12:00Z', '2199-01-01', '9999-12-31'].map((day) => new Date(day))
    const done = ['2024-01-08T18:00Z', '2024-01-09T06:00Z', '2199-01-02', '9999-12-31'].map((day) => new Date(day))
    await fill(warehouse, 'mart.visits', {
      customer_id: { type: 'text', values: ['a', 'b', 'a', 'b'] },
      planned: { type: 'timestamp', values: at },
      done: { type: 'timestamp', values: done },
    })
    const columns = { customer_id: z.string(), planned: z.date(), done: z.date() }
    const visit = label('visit', {
      of: customer,
      value: happens(fact('mart.visits', { columns, entities: [customer], eventTime: 'planned' })).within('1d'),
    })
    const finished = label('finished', {
      of: customer,
      value: happens(fact('mart.visits', { columns, entities: [customer], eventTime: 'done' })).within('1d'),
    })
    const spine = spineOf(['a', '2024-01-08T06:00:00'], ['a', '2024-01-09T12:00:00'], ['a', '2024-01-09T12:00:01'])
    expect((await build({ spine, labels: [visit] })).manifest.asOf).toBe('2024-01-10T12:00:00.000Z')
    expect((await read({ spine, labels: [visit] })).map((row) => row['visit'])).toEqual([true, false, null])
    expect((await build({ spine, labels: [visit, finished] })).manifest.asOf).toBe('2024-01-09T06:00:00.000Z')
    expect((await build({ spine, labels: [finished, visit] })).manifest.asOf).toBe('2024-01-09T06:00:00.000Z')
  })

  test('of a fact without events leaves every label missing', async () => {
    await fill(warehouse, 'mart.alarms_empty', {
      customer_id: { type: 'text', values: [] },
      raised_at: { type: 'timestamp', values: [] },
    })
    const empty = fact('mart.alarms_empty', {
      columns: { customer_id: z.string(), raised_at: z.date() },
      entities: [customer],
      eventTime: 'raised_at',
    })
    const never = label('never', { of: customer, value: happens(empty).within('1h') })
    expect(
      (await read({ spine: spineOf(['a', '2024-01-08T13:00:00']), labels: [never] })).map((row) => row['never']),
    ).toEqual([null])
  })
})

describe('the table', () => {
  const rows = async (table: string) =>
    rowsOf(await warehouse.read(sql`SELECT * FROM ${sql.id(...table.split('.'))} ORDER BY spine_row`))

  test('is replaced whole', async () => {
    const first = await build({
      spine: spineOf(['a', '2024-01-10T12:00:00'], ['b', '2024-01-10T12:00:00']),
      into: 'training.again',
    })
    expect(first).toMatchObject({
      table: 'training.again',
      rows: 2,
      features: ['customer_usage__kwh_1d', 'customer_usage__kwh_7d', 'customer_usage__n_7d', 'customer_usage__tariff'],
      labels: [],
    })
    await build({ spine: spineOf(['b', '2024-01-12T12:00:00']), into: 'training.again', labels: [nextDay] })
    expect(await rows('training.again')).toMatchObject([{ spine_row: 0, customer_id: 'b', next_day_kwh: 24 }])
  })

  test('is the old one after a cancel, whenever it comes', async () => {
    const into = 'training.kept'
    const spine = spineOf(['a', '2024-01-10T12:00:00'])
    await build({ spine, into })
    const before = await rows(into)
    const other = { spine: spineOf(['b', '2024-01-12T12:00:00']), into, labels: [nextDay] }
    expect(await refusal(build({ ...other, signal: AbortSignal.abort() }))).toMatchObject({ code: 'CANCELLED' })
    let steps = 0
    await build({
      ...other,
      into: 'training.counted',
      onProgress: ({ of }) => {
        steps = of
      },
    })
    expect(steps).toBeGreaterThan(3)
    for (let stop = 1; stop < steps; stop++) {
      const cancel = new AbortController()
      const onProgress = ({ done }: { readonly done: number }): void => {
        if (done === stop) cancel.abort()
      }
      expect(await refusal(build({ ...other, signal: cancel.signal, onProgress })), `after step ${stop}`).toMatchObject(
        { code: 'CANCELLED' },
      )
      expect(await rows(into), `after step ${stop}`).toEqual(before)
    }
  })

  test('tells its progress to the end', async () => {
    const steps: number[] = []
    await build({ spine: spineOf(['a', '2024-01-10T12:00:00']), onProgress: ({ done, of }) => steps.push(done / of) })
    expect(steps).toEqual(steps.toSorted((a, b) => a - b))
    expect(steps.at(-1)).toBe(1)
  })

  test('leaves nothing else behind', async () => {
    await build({ spine: spineOf(['a', '2024-01-10T12:00:00']), into: 'training.alone', labels: [nextDay] })
    const names = rowsOf<{ name: string }>(
      await warehouse.read(sql`SELECT table_name AS name FROM information_schema.tables`),
    ).map(({ name }) => name.toLowerCase())
    expect(names).toContain('alone')
    expect(names.filter((name) => /^(?:martlet|staged)_/.test(name))).toEqual([])
  })

  test('of two sets that are built at once are those of either alone', async () => {
    const both = featureService('both', [customerUsage, scoreView])
    const one = { service: both, spine: hourly('a', 500), labels: [nextDay, alarm], asOf: new Date('2024-02-01Z') }
    const other = { spine: hourly('b', 300), labels: [nextDay] }
    const alone = [await read({ ...one, into: 'training.one' }), await read({ ...other, into: 'training.other' })]
    const together = await Promise.all([
      build({ ...one, into: 'fresh.one' }),
      build({ ...other, into: 'fresh.other' }),
      build({ ...one, into: 'fresh.third' }),
    ])
    expect([rowsOf(await together[0].read()), rowsOf(await together[1].read())]).toEqual(alone)
    // The same table twice: one of them is there, whole.
    await Promise.all([build({ ...one, into: 'fresh.same' }), build({ ...other, into: 'fresh.same' })])
    expect([alone[0]?.length, alone[1]?.length]).toContain((await rows('fresh.same')).length)
  })
})

test('the manifest tells what a model was trained on', async () => {
  const { manifest } = await build({
    spine: spineOf(['a', '2024-01-10T12:00:00'], ['b', '2024-01-09T00:00:00']),
    labels: [nextDay],
  })
  expect(manifest).toEqual({
    service: 'next_day',
    serviceHash: service.plan.hash,
    views: { customer_usage: customerUsage.plan.hash },
    labels: { next_day_kwh: expect.stringMatching(/^[0-9a-f]{64}$/) },
    from: 'facts',
    rows: 2,
    first: '2024-01-09T00:00:00.000Z',
    last: '2024-01-10T12:00:00.000Z',
    asOf: '2024-01-31T23:00:00.000Z',
  })
})

test('feature times that serve the rows are there when they are asked for', async () => {
  const both = featureService('both', [customerUsage, scoreView])
  const spine = spineOf(['a', '2024-01-10 05:59'], ['a', '2024-01-10 06:00'], ['nobody', '2024-01-10 06:00'])
  const rows = await read({ service: both, spine, featureTimes: true })
  const [before, after] = [new Date('2024-01-09'), new Date('2024-01-10')]
  const score = new Date('2024-01-05')
  expect(rows.map((row) => [row['customer_usage__feature_time'], row['scores__feature_time']])).toEqual([
    [before, score],
    [after, score],
    [after, null],
  ])
  expect(Object.keys((await read({ service: both, spine }))[0] ?? {})).not.toContain('scores__feature_time')
})
