import {
  openDuckDb,
  snowflakeLeaves as leaves,
  sql,
  type ColumnType,
  type DatePart,
  type Leaves,
  type Sql,
} from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { columnBatch, ensureTable, evolveTable, replaceRange, upsert, type Warehouse } from '@martlet/warehouse'
import { dualLeaves } from './dual-leaves.ts'
import { expectAllowed } from './expect-allowed.ts'
import { recordSnowflake, type Recorder } from './recorder.ts'
import { snowflakeText } from './snowflake-texts.ts'

const types: readonly ColumnType[] = [
  'boolean',
  'integer',
  'bigint',
  'double',
  'text',
  'timestamp',
  'date',
  { decimal: [38, 6] },
]
const parts: readonly DatePart[] = [
  'year',
  'quarter',
  'month',
  'isoWeek',
  'dayOfYear',
  'dayOfMonth',
  'isoDayOfWeek',
  'hour',
]
/** One argument of each kind: a column, a qualified one, a bound value of each type, a null, and an expression. */
const arguments_: readonly Sql[] = [
  sql.id('x'),
  sql.ref('t.x'),
  sql`${1}`,
  sql`${1.5}`,
  sql`${2n ** 80n}`,
  sql`${'x'}`,
  sql`${true}`,
  sql`${new Date(0)}`,
  sql`NULL`,
  sql`(x + 1)`,
]
const order = [sql.id('us'), sql.id('sequence')]
const over = sql`PARTITION BY e ORDER BY us NULLS FIRST ROWS BETWEEN 2 PRECEDING AND CURRENT ROW`
const range = sql`PARTITION BY e ORDER BY us RANGE BETWEEN 7 PRECEDING AND CURRENT ROW`

/** For every leaf, expressions that it prints; a leaf that is missing here does not compile. */
const expressions: Readonly<
  Record<
    Exclude<keyof Leaves, 'asofJoin' | 'series' | 'createTableAs' | 'clusterBy' | 'columnType' | 'createView'>,
    readonly Sql[]
  >
> = {
  timestamp: [leaves.timestamp(0), leaves.timestamp(-1), leaves.timestamp(253_402_300_799_999_999n)],
  epochMicros: arguments_.map((x) => leaves.epochMicros(x)),
  fromEpochMicros: arguments_.map((x) => leaves.fromEpochMicros(x)),
  addMicros: arguments_.flatMap((x) => [
    leaves.addMicros(x, -5),
    leaves.addMicros(x, 2n ** 60n),
    leaves.addMicros(x, sql.id('n')),
  ]),
  toUtc: ['UTC', 'Europe/Zurich', 'America/Argentina/Buenos_Aires'].map((zone) => leaves.toUtc(sql.id('x'), zone)),
  toLocal: ['UTC', 'Europe/Zurich', 'Etc/GMT+5'].map((zone) => leaves.toLocal(sql.id('x'), zone)),
  toInstant: [null, 'UTC', 'Europe/Zurich'].flatMap((zone) => [
    leaves.toInstant(sql.id('x'), zone, 'missing'),
    leaves.toInstant(sql.id('x'), zone, 'first'),
  ]),
  mayBeFrom: [
    leaves.mayBeFrom(sql.id('x'), 1_700_000_000_000_000n),
    leaves.mayBeFrom(sql.id('x'), -62_135_596_800_000_000n),
    leaves.mayBeFrom(sql.id('x'), sql`(SELECT MIN(us) FROM p)`),
  ],
  toDate: [leaves.toDate(sql.id('x'), 'missing'), leaves.toDate(sql.id('x'), 'first')],
  datePart: parts.map((part) => leaves.datePart(part, sql.id('x'))),
  floorDivide: arguments_.map((x) => leaves.floorDivide(x, 86_400_000_000)),
  toDouble: arguments_.map((x) => leaves.toDouble(x)),
  finite: arguments_.map((x) => leaves.finite(x)),
  divide: arguments_.map((x) => leaves.divide(x, sql.id('y'))),
  least: [leaves.least(sql.id('x')), leaves.least(...arguments_)],
  greatest: [leaves.greatest(sql.id('x')), leaves.greatest(...arguments_)],
  leastOrNull: [leaves.leastOrNull(sql.id('x')), leaves.leastOrNull(...arguments_)],
  greatestOrNull: [leaves.greatestOrNull(sql.id('x')), leaves.greatestOrNull(...arguments_)],
  fit: [leaves.fit(sql.id('x'), 'integer'), ...arguments_.map((x) => leaves.fit(x, 'bigint'))],
  fitColumn: [leaves.fitColumn(sql.id('x'), 'integer'), leaves.fitColumn(sql.id('x'), 'bigint')],
  tryCast: types.map((type) => leaves.tryCast(sql.id('x'), type)),
  binIndex: [[], [0], [-1e300, -0.5, 0, 1e-7, 3]].map((edges) => leaves.binIndex(sql.id('x'), edges)),
  groupKey: [leaves.groupKey(sql.id('x'), -4, 100), leaves.groupKey(sql.id('x'), 0, 1000)],
  quantiles: [...leaves.quantiles(sql.id('x'), [0, 0.005, 0.5, 1])],
  approximateQuantile: [0, 0.005, 0.5, 1].map((p) => leaves.approximateQuantile(sql.id('x'), p)),
  approximateDistinct: arguments_.map((x) => leaves.approximateDistinct(x)),
  toWide: arguments_.map((x) => leaves.toWide(x)),
  wideQuotient: arguments_.map((x) => leaves.wideQuotient(x, sql.id('y'))),
  rowNumber: [leaves.rowNumber()],
  newest: types.map((type) => leaves.newest(sql.id('x'), order, type)),
  oldest: types.map((type) => leaves.oldest(sql.id('x'), order, type)),
  lastPresent: [over, range].map((window) => leaves.lastPresent(sql.id('x'), window)),
  firstPresent: [over, range].map((window) => leaves.firstPresent(sql.id('x'), window)),
  distinctPresent: [over, range].map((window) => leaves.distinctPresent(sql.id('x'), window)),
  textKey: [leaves.textKey(sql.id('x')), leaves.textKey(...arguments_)],
  stableHash: [leaves.stableHash(sql.id('x')), leaves.stableHash(...arguments_)],
  rowHash: [leaves.rowHash(sql.id('x')), leaves.rowHash(...arguments_)],
  rowBucket: [leaves.rowBucket(64, sql.id('x')), leaves.rowBucket(2, ...arguments_)],
  textLength: arguments_.map((x) => leaves.textLength(x)),
  textLiteral: ['', "o'brien", '\\', "\\'", '\n', '--', '$1', '"', '[{'].map((value) => leaves.textLiteral(value)),
  matches: ['a', "^\\d+'$", '[A-Z]{2}'].map((pattern) => leaves.matches(sql.id('x'), pattern)),
}

const relations: readonly Sql[] = [
  ...(['>=', '>', '<=', '<'] as const).flatMap((operator) =>
    [
      [],
      [[sql.ref('a.k'), sql.ref('b.k')]],
      [
        [sql.ref('a.k'), sql.ref('b.k')],
        [sql.ref('a.l'), sql.ref('b.l')],
      ],
    ].map(
      (on) =>
        sql`SELECT * FROM ${leaves.asofJoin({
          left: sql`${sql.id('l')} a`,
          right: sql`(SELECT * FROM ${sql.id('r')}) b`,
          on: on.map(([left = sql``, right = sql``]) => [left, right] as const),
          match: { left: sql`a.t - 5`, operator, right: sql.ref('b.t') },
        })}`,
    ),
  ),
  sql`SELECT t.x, s.n FROM ${sql.id('t')} t, ${leaves.series({ from: sql.ref('t.a'), to: sql`t.a + 5`, alias: 's', column: 'n' })}`,
  ...[
    {},
    { temporary: true },
    { replace: true },
    { temporary: true, replace: true },
    { orderBy: [sql.id('x')] },
    { clusterBy: [sql.id('x')] },
    {
      replace: true,
      clusterBy: [sql.id('x'), sql.id('y')],
      columns: types.map((type, i) => ({ name: `c${i}`, type, nullable: i > 0 })),
    },
  ].map((options) => leaves.createTableAs('a.b.c', sql`SELECT x, y FROM ${sql.id('t')}`, options)),
  leaves.createTableAs('a.b.c', sql`SELECT x FROM ${sql.id('t')}`, {
    replace: true,
    keepGrants: true,
    orderBy: [sql.id('x')],
  }),
  ...[{}, { keepGrants: true }].map((options) => leaves.createView('a.v', sql`SELECT x FROM ${sql.id('t')}`, options)),
  ...types.flatMap((type) => [
    sql`SELECT CAST(x AS ${leaves.columnType(type)}) AS y FROM ${sql.id('t')}`,
    sql`CREATE TABLE ${sql.id('t')} (${sql.id('c')} ${leaves.columnType(type)} NOT NULL)${leaves.clusterBy([sql.id('c')])}`,
  ]),
]

it('every leaf, with arguments of each kind', () => {
  expect(Object.keys(expressions).length + 6).toBe(Object.keys(leaves).length)
  const texts = Object.values(expressions)
    .flat()
    .map((one) => snowflakeText(sql`SELECT ${one} AS y FROM ${sql.id('t')} t`))
  expectAllowed('leaves', [...texts, ...relations.map(snowflakeText)])
})

let duckdb: Warehouse
let recorder: Recorder
beforeAll(async () => {
  duckdb = await openDuckDb()
  recorder = recordSnowflake(duckdb)
})
afterAll(() => duckdb.close())

it('tables: ensure, evolve, upsert, replace a range', async () => {
  const { warehouse, texts } = recorder
  const columns = types.map((type, i) => ({ name: `c${i}`, type }))
  const at = { name: 'at', type: 'timestamp' } as const
  await ensureTable(warehouse, {
    table: 'mart.t',
    columns: [{ name: 'id', type: 'text', nullable: false }, at, ...columns],
    clusterBy: ['id', 'at'],
  })
  await evolveTable(
    warehouse,
    {
      table: 'mart.t',
      columns: [
        { name: 'id', type: 'text', nullable: false },
        at,
        { name: 'c0', type: 'double' },
        { name: 'extra', type: 'text' },
      ],
    },
    { allowDrop: true },
  )
  await warehouse.append(
    'mart.t',
    columnBatch({
      id: { type: 'text', values: ['a'] },
      at: { type: 'timestamp', values: [0n] },
      c0: { type: 'double', values: [1] },
      extra: { type: 'text', values: [null] },
    }),
  )
  const source = sql`SELECT 'a' AS id, ${warehouse.leaves.timestamp(5n)} AS at,
    CAST(${2.5} AS ${warehouse.leaves.columnType('double')}) AS c0`
  expect(await upsert(warehouse, { table: 'mart.t', key: ['id'], columns: ['id', 'at', 'c0'], source })).toEqual({
    rows: 1,
  })
  await upsert(warehouse, { table: 'mart.t', key: ['id'], columns: ['id'], source: sql`SELECT 'b' AS id` }).catch(
    () => undefined,
  )
  const rows = sql`SELECT 'c' AS id, ${warehouse.leaves.timestamp(7n)} AS at,
    CAST(NULL AS ${warehouse.leaves.columnType('double')}) AS c0, 'x' AS extra`
  expect(
    await replaceRange(warehouse, { table: 'mart.t', column: 'at', from: 0n, to: 10n, rows, orderBy: [sql.id('id')] }),
  ).toMatchObject({ inserted: 1 })
  for (const verb of [
    'CREATE SCHEMA',
    'CREATE TABLE',
    'ALTER TABLE',
    'MERGE INTO',
    'DELETE FROM',
    'INSERT INTO',
    'DROP TABLE',
  ])
    expect(
      [...texts].some((text) => text.startsWith(verb)),
      verb,
    ).toBe(true)
  expectAllowed('tables', [...texts])
})

it('leaves of both engines print for Snowflake what its own leaves print', () => {
  expect(snowflakeText(dualLeaves.divide(dualLeaves.epochMicros(sql.id('x')), dualLeaves.toWide(sql.id('y'))))).toBe(
    snowflakeText(leaves.divide(leaves.epochMicros(sql.id('x')), leaves.toWide(sql.id('y')))),
  )
  expect(duckdb.compile(dualLeaves.epochMicros(sql.id('x'))).sql).toBe('epoch_us("x")')
})
