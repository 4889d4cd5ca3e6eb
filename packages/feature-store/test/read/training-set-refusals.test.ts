import {
  columnBatch,
  dropTable,
  ensureTable,
  rowsOf,
  sql,
  type ColumnType,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { testEngine } from '../../../warehouse/test/support/engine.ts'
import {
  buildTrainingSet,
  dimension,
  entity,
  fact,
  featureService,
  featureView,
  label,
  type TrainingSetOptions,
} from '../../src/index.ts'
import { alarm, customer, nextDay, openMart, refusal, service, spineOf, tariffs, usage } from './training-marts.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openMart()
})
afterAll(() => warehouse.close())

const good = spineOf(['a', '2024-01-10T12:00:00'])
const build = (options: Partial<TrainingSetOptions>) =>
  buildTrainingSet({ warehouse, service, spine: good, time: 'at', ...options })
const text = (...values: readonly (string | null)[]) => ({ type: 'text', values }) as const
const at = (...values: readonly (Date | null)[]) => ({ type: 'timestamp', values }) as const
const noon = new Date('2024-01-10T12:00:00Z')
const query = (of: Sql) => ({ spine: { query: of } })
const day = (): Sql => warehouse.leaves.timestamp(Date.UTC(2024, 0, 10) * 1000)
const onDuckDb = testEngine === 'duckdb'

describe('a spine is refused', () => {
  type Case = readonly [
    name: string,
    options: Partial<TrainingSetOptions> | (() => Partial<TrainingSetOptions>),
    message: RegExp,
    data: unknown,
  ]
  const cases: readonly Case[] = [
    [
      'for null keys and times, with their rows',
      {
        spine: spineOf(
          ['a', '2024-01-10T12:00:00'],
          [null, '2024-01-10T12:00:00'],
          ['b', null],
          ['b', '2024-01-10T12:00:00'],
        ),
      },
      /^2 rows of the spine lack a key or a time .*rows 1, 2, counted from 0\./,
      { rows: [1, 2], count: 2 },
    ],
    [
      'for many null keys, with the first ten rows',
      {
        spine: {
          rows: columnBatch({
            customer_id: text(...Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? null : 'a'))),
            at: at(...Array.from({ length: 100 }, () => noon)),
          }),
        },
      },
      /^50 rows .* 16, 18, …, counted from 0\./,
      { rows: [0, 2, 4, 6, 8, 10, 12, 14, 16, 18], count: 50 },
    ],
    [
      'for one null key',
      { spine: spineOf([null, '2024-01-10T12:00:00']) },
      /^1 row of the spine lacks/,
      { rows: [0], count: 1 },
    ],
    [
      'without its key column',
      { spine: { rows: columnBatch({ who: text('a'), at: at(noon) }) } },
      /no key column 'customer_id'\. It has who, at\./,
      { column: 'customer_id' },
    ],
    [
      'with its key column misspelt',
      { spine: { rows: columnBatch({ custmer_id: text('a'), at: at(noon) }) } },
      /no key column 'customer_id'\. Did you mean 'custmer_id'\?/,
      { column: 'customer_id' },
    ],
    [
      'without its time column',
      { time: 'when' },
      /no time column 'when'\. It has customer_id, at\./,
      { column: 'when' },
    ],
    [
      'with a key of another type',
      { spine: { rows: columnBatch({ customer_id: { type: 'bigint', values: [1n] }, at: at(noon) }) } },
      /key column 'customer_id' is bigint, but the entity's key is text\. Cast it\./,
      { column: 'customer_id' },
    ],
    [
      'with a date for a time',
      () => query(sql`SELECT 'a' AS customer_id, CAST(${day()} AS DATE) AS at`),
      /time column 'at' is date, but must be a timestamp/,
      { column: 'at' },
    ],
    [
      'with a text for a time',
      query(sql`SELECT 'a' AS customer_id, '2024-01-10' AS at`),
      /time column 'at' is text/,
      { column: 'at' },
    ],
    [
      "with one of Martlet's own column names",
      () => query(sql`SELECT 'a' AS customer_id, ${day()} AS at, 1 AS spine_row`),
      /column 'spine_row' has a name that Martlet uses itself/,
      { column: 'spine_row' },
    ],
    [
      'with two columns of one name',
      { spine: { rows: columnBatch({ customer_id: text('a'), at: at(noon), x: text('b'), X: text('c') }) } },
      /two columns named 'X', regardless of case/,
      { column: 'X' },
    ],
    ['without rows', { spine: spineOf() }, /The spine has no rows/, {}],
    ['without columns', { spine: { rows: columnBatch({}) } }, /The spine has no columns/, {}],
    // Only DuckDB has them.
    ...(onDuckDb
      ? ([
          [
            'for infinite times',
            query(
              sql`
                SELECT 'a' AS customer_id, TIMESTAMP '2024-01-10' AS at
                UNION ALL SELECT 'a', TIMESTAMP 'infinity'
                UNION ALL SELECT 'a', TIMESTAMP '-infinity'
              `,
            ),
            /between the years 1 and 9999.*rows 1, 2,/,
            { rows: [1, 2], count: 2 },
          ],
          [
            'for times that no calendar has',
            query(sql`SELECT 'a' AS customer_id, TIMESTAMP '12024-01-10' AS at`),
            /between the years 1 and 9999/,
            { rows: [0], count: 1 },
          ],
        ] satisfies readonly Case[])
      : []),
    [
      'from a table that is not there',
      { spine: { table: 'mart.spin' } },
      /no table mart\.spin for the spine/,
      { table: 'mart.spin' },
    ],
  ]
  test.each(cases)('%s', async (_, options, message, data) => {
    const error = await refusal(build(typeof options === 'function' ? options() : options))
    expect(error.code).toBe('BAD_SPINE')
    expect(error.message).toMatch(message)
    expect(error.data).toEqual(data)
  })

  test.runIf(onDuckDb)('with a column of a type that cannot be carried', async () => {
    expect(
      await refusal(build(query(sql`SELECT 'a' AS customer_id, TIMESTAMP '2024-01-10' AS at, [1, 2] AS list`))),
    ).toMatchObject({ code: 'COLUMN_TYPE_UNSUPPORTED', message: expect.stringContaining('"list"') })
  })

  test('with a key that a label needs as another type', async () => {
    const numbered = entity('numbered', { customer_id: z.int() })
    const counts = fact('mart.numbered', {
      columns: { customer_id: z.int(), ts: z.date() },
      entities: [numbered],
      eventTime: 'ts',
    })
    await ensureTable(warehouse, {
      table: 'mart.numbered',
      columns: [
        { name: 'customer_id', type: 'bigint' },
        { name: 'ts', type: 'timestamp' },
      ],
    })
    const clash = label('clash', { of: numbered, from: counts, value: (f) => f.count().ahead('1d') })
    expect(await refusal(build({ labels: [clash] }))).toMatchObject({
      code: 'BAD_SPINE',
      message: expect.stringContaining("'customer_id' is text, but the entity's key is bigint"),
    })
  })
})

describe('a spine from a file', () => {
  const file = { file: 'spines/daily.sql', line: 4 }
  const fromFile = (text: string) => build({ spine: { query: sql.raw(text), from: file } })
  const columns = () => warehouse.compile(sql`'a' AS customer_id, ${day()} AS at`).sql

  test.runIf(onDuckDb).each([
    ['a column', 'SELECT 1 AS x,\n  nope\nFROM (SELECT 1 AS a) t', 5, 'Referenced column "nope" not found'],
    ['a table', 'SELECT 1 AS x\nFROM\n  nowhere', 6, 'nowhere does not exist'],
    ['the grammar', 'SELECT 1 FRM\n y', 5, 'syntax error at or near "y"'],
    [
      'a value',
      "SELECT 'a' AS customer_id,\n CAST(x AS TIMESTAMP) AS at\nFROM (SELECT 'noon' AS x) t",
      5,
      'invalid timestamp',
    ],
    ['the end of the query', 'SELECT (1', undefined, 'syntax error at end of input'],
  ])('names file and line of an error in %s', async (_, text, line, problem) => {
    const error = await refusal(fromFile(text))
    expect(error).toMatchObject({
      code: 'SQL_FAILED',
      data: { file: file.file, ...(line === undefined ? {} : { line }) },
    })
    expect(error.message).toMatch(
      line === undefined ? /^spines\/daily\.sql[:,]/ : new RegExp(`^spines/daily\\.sql, line ${line}: `),
    )
    expect(error.message).toContain(problem)
  })

  test('names the file of what is wrong with its rows', async () => {
    const error = await refusal(fromFile('SELECT 1 AS x'))
    expect([error.code, error.message]).toEqual([
      'BAD_SPINE',
      "spines/daily.sql: The spine has no time column 'at'. It has x.",
    ])
    expect(error.data).toEqual({ column: 'at', file: file.file })
  })

  test('may end with a comment', async () => {
    expect((await fromFile(`SELECT ${columns()} -- one row`)).rows).toBe(1)
  })
})

describe('a name is refused', () => {
  test.each([
    [
      'a column of the spine and a feature',
      () => query(sql`SELECT 'a' AS customer_id, ${day()} AS at, 1 AS ${sql.id('Customer_Usage__kwh_1d')}`),
      'customer_usage__kwh_1d',
    ],
    [
      'a column of the spine and a label',
      () => ({ ...query(sql`SELECT 'a' AS customer_id, ${day()} AS at, 1 AS next_day_kwh`), labels: [nextDay] }),
      'next_day_kwh',
    ],
    ['two labels', () => ({ labels: [nextDay, nextDay] }), 'next_day_kwh'],
  ] satisfies readonly (readonly [string, () => Partial<TrainingSetOptions>, string])[])(
    'that %s have both',
    async (_, options, column) => {
      expect(await refusal(build(options()))).toMatchObject({
        code: 'NAME_CLASH',
        message: expect.stringContaining(column),
      })
    },
  )

  test.each(['', 'a..b', 'a.b.c.d', 'tr\0'])('of a table that cannot be: %j', async (into) => {
    expect(await refusal(build({ into }))).toMatchObject({ code: 'BAD_IDENTIFIER', data: { name: into } })
  })

  test.each([
    ['a fact', 'mart.usage', {}],
    ['a fact in other letters', 'MART.Usage', {}],
    ['a dimension', 'mart.tariffs', {}],
    ["a label's fact", 'mart.alarms', { labels: [alarm] }],
    ['a feature table', 'features.customer_usage', {}],
    ['the spine', 'mart.spine', { spine: { table: 'mart.spine' } }],
  ])('of a table that the set is made from: %s', async (_, into, options) => {
    expect(await refusal(build({ ...options, into }))).toMatchObject({ code: 'BAD_TARGET', data: { table: into } })
  })

  test('quotes and dots in names are names, not SQL', async () => {
    const set = await build({ into: 'odd "schema";.drop table x' })
    expect(rowsOf(await set.read())).toHaveLength(1)
  })
})

test('an end of the data that is no date is refused', async () => {
  expect(await refusal(build({ asOf: new Date(Number.NaN) }))).toMatchObject({ code: 'INVALID_INSTANT' })
})

describe('sources that do not fit are refused before anything is computed', () => {
  const reading = { customer_id: z.string(), ts: z.date(), kwh: z.number() }
  const serviceOn = (of: ReturnType<typeof readings>) =>
    featureService('s', [
      featureView('v', { of: customer, from: of, every: '1d', features: (f) => ({ n: f.count().over('1d') }) }),
    ])
  const readings = (table: string) => fact(table, { columns: reading, entities: [customer], eventTime: 'ts' })
  const broken: readonly (readonly [
    name: string,
    columns: readonly [name: string, type: ColumnType][],
    message: RegExp,
  ])[] = [
    [
      'a missing column, with what is there',
      [
        ['customer_id', 'text'],
        ['ts', 'timestamp'],
        ['volume', 'double'],
      ],
      /^view v declares column kwh \(double\), which mart\.broken does not have; it has customer_id, ts, volume\./,
    ],
    [
      'a misspelt column, with the near name',
      [
        ['customer_id', 'text'],
        ['ts', 'timestamp'],
        ['kwh_', 'double'],
      ],
      /did you mean kwh_\?/,
    ],
    [
      'a text for a number',
      [
        ['customer_id', 'text'],
        ['ts', 'timestamp'],
        ['kwh', 'text'],
      ],
      /^view v declares kwh of mart\.broken as double, but there it is text/,
    ],
    [
      'a text for a time',
      [
        ['customer_id', 'text'],
        ['ts', 'text'],
        ['kwh', 'double'],
      ],
      /declares ts of mart\.broken as timestamp, but there it is text/,
    ],
    [
      'a number for a text key',
      [
        ['customer_id', 'bigint'],
        ['ts', 'timestamp'],
        ['kwh', 'double'],
      ],
      /declares customer_id of mart\.broken as text, but there it is bigint/,
    ],
    [
      'a boolean for a number',
      [
        ['customer_id', 'text'],
        ['ts', 'timestamp'],
        ['kwh', 'boolean'],
      ],
      /as double, but there it is boolean/,
    ],
  ]
  const expectRefused = async (message: RegExp): Promise<void> => {
    const error = await refusal(build({ service: serviceOn(readings('mart.broken')), into: 'training.never' }))
    expect(error).toMatchObject({ code: 'SOURCE_MISMATCH' })
    expect(error.message).toMatch(message)
    expect(await warehouse.introspect('training.never')).toBeUndefined()
  }
  const createBroken = async (columns: readonly (readonly [name: string, type: ColumnType])[]): Promise<void> => {
    await dropTable(warehouse, 'mart.broken')
    await ensureTable(warehouse, { table: 'mart.broken', columns: columns.map(([name, type]) => ({ name, type })) })
  }
  test.each(broken)('%s', async (_, columns, message) => {
    await createBroken(columns)
    await expectRefused(message)
  })

  test.runIf(onDuckDb)('a list, which is no column that can be read', async () => {
    await warehouse.run(sql`CREATE OR REPLACE TABLE mart.broken (customer_id VARCHAR, ts TIMESTAMP, kwh DOUBLE[])`)
    await expectRefused(/column kwh \(double\), which mart\.broken has as DOUBLE\[\], not as a type Martlet reads/)
  })

  test('all faults of all definitions in one error', async () => {
    await createBroken([
      ['customer_id', 'text'],
      ['ts', 'text'],
    ])
    const of = readings('mart.broken')
    const total = label('total', { of: customer, from: of, value: (f) => f.sum('kwh').ahead('1d') })
    const { data } = await refusal(build({ service: serviceOn(of), labels: [total] }))
    expect(data).toMatchObject({
      faults: [
        { definition: 'view v', table: 'mart.broken', column: 'ts' },
        { definition: 'view v', table: 'mart.broken', column: 'kwh' },
        { definition: 'label total', table: 'mart.broken', column: 'ts' },
        { definition: 'label total', table: 'mart.broken', column: 'kwh' },
      ],
    })
  })

  test('a missing table, with the near one', async () => {
    expect(await refusal(build({ service: serviceOn(readings('mart.usages')) }))).toMatchObject({
      code: 'SOURCE_MISSING',
      message:
        'view v reads mart.usages, which the warehouse does not have (it has mart.usage); ' +
        'create it, or correct the name in the definition.',
      data: { table: 'mart.usages', definition: 'view v' },
    })
  })

  test('a missing dimension and population', async () => {
    const of = { columns: { customer_id: z.string(), tariff: z.string() }, entity: customer } as const
    const gone = dimension('mart.gone', of)
    const attribute = featureView('v', {
      of: customer,
      from: usage,
      every: '1d',
      population: tariffs,
      features: (f) => ({ tariff: f.attribute(tariffs, 'tariff') }),
    })
    const population = featureView('w', {
      of: customer,
      from: usage,
      every: '1d',
      population: gone,
      features: (f) => ({ n: f.count().over('1d') }),
    })
    expect(await refusal(build({ service: featureService('s', [attribute, population]) }))).toMatchObject({
      code: 'SOURCE_MISSING',
      data: { table: 'mart.gone', definition: 'view w' },
    })
  })

  test.runIf(onDuckDb)('but columns of near kinds, other letters and more columns are taken as they are', async () => {
    await warehouse.run(
      sql`
        CREATE
          OR REPLACE TABLE mart.near AS SELECT 'a' AS "Customer_ID", DATE '2024-01-09' AS ts, CAST(3 AS SMALLINT) AS kwh, [1] AS extra
      `,
    )
    const set = await build({
      service: featureService('s', [
        featureView('v', {
          of: customer,
          from: readings('mart.near'),
          every: '1d',
          features: (f) => ({ kwh: f.sum('kwh').over('2d') }),
        }),
      ]),
    })
    expect(rowsOf(await set.read())).toMatchObject([{ v__kwh_2d: 3 }])
  })
})
