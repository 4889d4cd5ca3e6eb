import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  openDuckDb,
  rowsOf,
  sql,
  tableRef,
  writeParquet,
  type ColumnBatch,
  type ColumnVector,
} from '@martlet/warehouse'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  buildTrainingSet,
  decimal,
  entity,
  fact,
  featureService,
  featureView,
  findingText,
  listQualityResults,
  materialize,
  openCatalog,
  openLmdbStore,
  openMemoryStore,
  openOnlineReader,
  precomputed,
  toMicros,
  type OnlineStore,
} from '../../src/index.ts'

const account = entity('account', { account_id: z.string() })
const entries = fact('mart.entries', {
  columns: {
    account_id: z.string(),
    ts: z.date(),
    k: z.int(),
    small: z.int32(),
    fine: decimal(38, 10),
    money: decimal(12, 2),
  },
  entities: [account],
  eventTime: 'ts',
})
const view = featureView('totals', {
  of: account,
  from: entries,
  every: '1d',
  features: (f) => ({
    k: f.sum('k').over('1d'),
    fine: f.sum('fine').over('1d'),
    money: f.sum('money').over('1d'),
    small: f.last('small'),
  }),
  derive: (v) => ({ twice: v.small.add(v.small), more: v.k_1d.mul(2) }),
})
const service = featureService('exact', [view])

/** What accounts a and b have: 9007199254740991 twice and 1, and values that no type of 64 bits holds once doubled. */
const EXPECTED = {
  k_1d: [18014398509481983n, 9223372036854775807n],
  fine_1d: [123456781234567891n, -5n],
  money_1d: [1234567890123n, 10n],
  small: [2147483647, -2147483648],
  twice: [4294967294n, -4294967296n],
  more: [36028797018963966n, null],
} as const
const NAMES = Object.keys(EXPECTED)

describe.each([
  ['memory', () => openMemoryStore()],
  ['LMDB', (folder: string) => openLmdbStore({ path: folder })],
] as const)('digits of whole numbers and decimals, online from %s', (_, open: (folder: string) => OnlineStore) => {
  test('are the same from facts, in tables, in files and online', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'martlet-exact-'))
    try {
      await using warehouse = await openTestWarehouse()
      const { leaves } = warehouse
      const at = (hour: string) => leaves.timestamp(toMicros(`2024-01-01T${hour}:00Z`))
      const [whole, short, fine, money] = (
        ['bigint', 'integer', { decimal: [38, 10] }, { decimal: [12, 2] }] as const
      ).map((type) => leaves.columnType(type))
      await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
      await warehouse.run(sql`
        CREATE TABLE mart.entries (account_id VARCHAR, ts ${leaves.columnType('timestamp')},
          k ${whole}, small ${short}, fine ${fine}, money ${money})
      `)
      await warehouse.run(sql`
        INSERT INTO mart.entries VALUES
          ('a', ${at('01')}, 9007199254740991, 1, 12345678.1234567891, 9999999999.99),
          ('a', ${at('02')}, 9007199254740991, 1, 0, 2345678901.23),
          ('a', ${at('03')}, 1, 2147483647, 0, 0.01),
          ('b', ${at('01')}, 9223372036854775807, -2147483648, -0.0000000005, 0.1)
      `)
      await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
      await using online = open(join(folder, 'online'))
      const now = toMicros('2024-01-02T00:00Z')
      const [run] = await materialize({ warehouse, catalog, online, views: [view], from: '2024-01-02', now })
      expect(run).toMatchObject({ rows: 2 })
      expect(run?.findings.map(findingText)).toEqual([
        'warn features.totals.more: needs a whole number beyond 64 bits, and is null in 1 of 2 rows, ' +
          'for example account_id b at 2024-01-02T00:00:00.000Z, about 18446744073709552000',
      ])

      const stored = await warehouse.read(sql`SELECT * FROM ${tableRef('features.totals')} ORDER BY account_id`)
      expect(columnsOf(stored, '')).toEqual(EXPECTED)

      const spine = {
        query: sql`SELECT account_id, ${leaves.timestamp(now)} AS at FROM mart.entries GROUP BY account_id`,
      }
      for (const from of ['facts', 'materialized'] as const) {
        const set = await buildTrainingSet({ warehouse, catalog, service, spine, time: 'at', from })
        const rows = sql`SELECT * FROM ${tableRef(set.table)} ORDER BY account_id`
        expect(columnsOf(await warehouse.read(rows), 'totals__'), from).toEqual(EXPECTED)
        const path = join(folder, `${from}.parquet`)
        await writeParquet(warehouse, rows, path)
        await using reader = await openDuckDb()
        const file = await reader.read(sql`SELECT * FROM read_parquet(${path}) ORDER BY account_id`)
        expect(columnsOf(file, 'totals__'), path).toEqual(EXPECTED)
      }

      const vectors = await openOnlineReader({ service: service.plan, store: online }).read(
        [{ account_id: 'a' }, { account_id: 'b' }],
        { now },
      )
      const value = (row: number, name: string): unknown =>
        vectors.value(
          row,
          vectors.fields.findIndex((field) => field.feature === name),
        )
      expect(NAMES.map((name) => value(0, name))).toEqual([
        18014398509481983n,
        '12345678.1234567891',
        12345678901.23,
        2147483647,
        4294967294n,
        36028797018963966n,
      ])
      expect(NAMES.map((name) => value(1, name))).toEqual([
        9223372036854775807n,
        -5e-10,
        0.1,
        -2147483648,
        -4294967296n,
        null,
      ])
      expect(vectors.json(0)).toBe(
        '{"totals__k_1d":18014398509481983,"totals__fine_1d":12345678.1234567891,"totals__money_1d":12345678901.23,' +
          '"totals__small":2147483647,"totals__twice":4294967294,"totals__more":36028797018963966}',
      )
      expect(JSON.parse(vectors.json(1))).toMatchObject({ totals__fine_1d: -5e-10, totals__more: null })
      const filled = new Float64Array(NAMES.length * 2)
      NAMES.forEach((_name, field) => vectors.fill(field, filled, field, NAMES.length))
      expect([...filled]).toEqual([
        18014398509481984,
        12345678.123456789,
        12345678901.23,
        2147483647,
        4294967294,
        36028797018963970,
        9223372036854775807,
        -5e-10,
        0.1,
        -2147483648,
        -4294967296,
        Number.NaN,
      ])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

/** The features of a batch by their names: whole numbers as they are, decimals in units of their last digit. */
function columnsOf(batch: ColumnBatch, prefix: string): unknown {
  return Object.fromEntries(
    NAMES.map((name) => {
      const column = batch.columns[batch.names.indexOf(`${prefix}${name}`)]
      return [name, column === undefined ? undefined : cellsOf(column)]
    }),
  )
}

function cellsOf(column: ColumnVector): readonly unknown[] {
  return Array.from({ length: column.values.length }, (_, row) =>
    column.nulls?.[row] === 1 ? null : column.values[row],
  )
}

test('sums beyond 64 bits and results beyond doubles are findings, and stop nobody', async () => {
  await using warehouse = await openTestWarehouse()
  await using catalog = await openCatalog({ path: ':memory:' })
  const { leaves } = warehouse
  const at = (hour: string) => leaves.timestamp(toMicros(`2024-01-01T${hour}:00Z`))
  const counts = fact('mart.counts', {
    columns: { account_id: z.string(), ts: z.date(), k: z.int() },
    entities: [account],
    eventTime: 'ts',
  })
  const large = featureView('large', {
    of: account,
    from: counts,
    every: '1d',
    features: (f) => ({ total: f.sum('k').lifetime(), k: f.max('k').lifetime() }),
    derive: (v) => ({ far: v.k.mul(1e300) }),
  })
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.counts (account_id VARCHAR, ts ${leaves.columnType('timestamp')}, k ${leaves.columnType('bigint')})
  `)
  await warehouse.run(sql`
    INSERT INTO mart.counts VALUES
      ('a', ${at('01')}, 1), ('b', ${at('01')}, 9223372036854775807), ('b', ${at('02')}, 1), ('c', ${at('01')}, 2)
  `)
  const now = toMicros('2024-01-02T00:00Z')
  const run = { warehouse, catalog, views: [large], from: '2024-01-02', now } as const
  const [first] = await materialize(run)
  expect(first?.findings.map(findingText)).toEqual([
    'warn features.large.total: needs a whole number beyond 64 bits, and is null in 1 of 3 rows, ' +
      'for example account_id b at 2024-01-02T00:00:00.000Z',
    'warn features.large.far: needs a number beyond the range of doubles, or a whole number beyond 64 bits, and is null ' +
      'in 1 of 3 rows, for example account_id b at 2024-01-02T00:00:00.000Z, about Infinity',
  ])
  const rows = await warehouse.read(sql`SELECT total, far FROM ${tableRef('features.large')} ORDER BY account_id`)
  expect(rows.columns.map(cellsOf)).toEqual([
    [1n, null, 2n],
    [1e300, null, 2e300],
  ])
  const kept = await listQualityResults(catalog.db, { view: 'large', findings: true })
  expect(kept.map((one) => [one.table_name, one.column_name, one.check_name, one.count])).toEqual([
    ['features.large', 'far', 'fits', 1],
    ['features.large', 'total', 'fits', 1],
  ])
  const quality = { severity: { 'features.large.far.fits': 'off' }, redact: true } as const
  const [second] = await materialize({ ...run, quality })
  expect(second?.findings.map(({ column, example }) => [column, example])).toEqual([['total', null]])
})

test('digits of rows that are passed through', async () => {
  await using warehouse = await openTestWarehouse()
  await using catalog = await openCatalog({ path: ':memory:' })
  await using online = openMemoryStore()
  const scores = precomputed('mart.scores', {
    columns: {
      account_id: z.string(),
      computed_at: z.date(),
      k: z.int(),
      fine: decimal(38, 10),
      cents: decimal(20, 0),
    },
    entity: account,
    time: 'computed_at',
  })
  const passed = featureView('scores', {
    of: account,
    from: scores,
    every: '1d',
    features: (f) => ({ k: f.column('k'), fine: f.column('fine'), cents: f.column('cents') }),
  })
  const { leaves } = warehouse
  const now = toMicros('2024-01-02T00:00Z')
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.scores (account_id VARCHAR, computed_at ${leaves.columnType('timestamp')},
      k ${leaves.columnType('bigint')}, fine ${leaves.columnType({ decimal: [38, 10] })},
      cents ${leaves.columnType({ decimal: [20, 0] })})
  `)
  await warehouse.run(sql`
    INSERT INTO mart.scores VALUES
      ('a', ${leaves.timestamp(toMicros('2024-01-01T12:00Z'))}, 9007199254740993, 12345678.1234567891, 9007199254740993)
  `)
  await materialize({ warehouse, catalog, online, views: [passed], now })
  const { plan } = featureService('scores', [passed])
  const vectors = await openOnlineReader({ service: plan, store: online }).read([{ account_id: 'a' }], { now })
  expect([0, 1, 2].map((field) => vectors.value(0, field))).toEqual([
    9007199254740993n,
    '12345678.1234567891',
    '9007199254740993',
  ])
  expect(vectors.json(0)).toBe(
    '{"scores__k":9007199254740993,"scores__fine":12345678.1234567891,"scores__cents":9007199254740993}',
  )
})

test('small results keep the digits that a number would lose', async () => {
  await using warehouse = await openTestWarehouse()
  const { leaves } = warehouse
  const decimalOf = (digits: string) => sql`CAST(${sql.lit(digits)} AS ${leaves.columnType({ decimal: [38, 10] })})`
  const cells = ['12345678.1234567891', '12.5', '-0.0000000005', '9999999999999999999999999999']
  const [row] = rowsOf(
    await warehouse.read(
      sql`SELECT ${sql.join(cells.map((digits, i) => sql`${decimalOf(digits)} AS ${sql.id(`v${i}`)}`))}`,
    ),
  )
  expect(row).toEqual({ v0: '12345678.1234567891', v1: 12.5, v2: -5e-10, v3: '9999999999999999999999999999' })
})
