import { sql } from '@martlet/warehouse'
import type { ColumnType, DatePart, Leaves, Sql } from '@martlet/warehouse'

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
const zones = ['Europe/Zurich', 'America/New_York', 'Etc/GMT+5', 'UTC']
const n = sql.id('n')
const x = sql.id('x')
const ts = sql.id('ts')
const order = [sql.id('us'), sql.id('id')]
const over = sql`PARTITION BY g ORDER BY us ASC NULLS FIRST, id ASC NULLS LAST ROWS BETWEEN 2 PRECEDING AND CURRENT ROW`

const each = (...values: readonly Sql[]): Sql =>
  sql`SELECT ${sql.join([sql`id`, ...values.map((value, index) => sql`${value} AS ${sql.id(`v${index}`)}`)])} FROM data ORDER BY id`
const groups = (...values: readonly Sql[]): Sql =>
  sql`SELECT ${sql.join([sql`g`, ...values.map((value, index) => sql`${value} AS ${sql.id(`v${index}`)}`)])} FROM data
    GROUP BY g ORDER BY g`

/** Statements before the query where a leaf makes tables, and the query. */
export interface LeafCase {
  readonly before?: readonly Sql[]
  readonly query: Sql
}

/** Expressions as columns v0, v1 and so on. */
function selected(expressions: readonly Sql[]): Sql {
  return sql`SELECT ${sql.join(expressions.map((one, index) => sql`${one} AS ${sql.id(`v${index}`)}`))}`
}

/**
 * For every leaf a query over `data`, whose rows hold nulls, NaN, both infinities, both sides of zero and of the
 * epoch, quotes and empty texts.
 */
export const leafCases: Readonly<Record<keyof Leaves, (leaves: Leaves) => LeafCase>> = {
  columnType: (leaves) => ({
    query: selected(types.map((type) => sql`CAST(${typical(type)} AS ${leaves.columnType(type)})`)),
  }),
  timestamp: (leaves) => ({
    query: selected(
      [0n, -1n, 1_709_210_096_789_123n, -62_135_596_800_000_000n, 253_402_300_799_999_999n].map((us) =>
        leaves.timestamp(us),
      ),
    ),
  }),
  epochMicros: (leaves) => ({ query: each(leaves.epochMicros(ts)) }),
  fromEpochMicros: (leaves) => ({
    query: each(leaves.fromEpochMicros(sql.id('us')), leaves.fromEpochMicros(sql`us * -1000`)),
  }),
  addMicros: (leaves) => ({
    query: each(leaves.addMicros(ts, -5), leaves.addMicros(ts, 86_400_000_000n), leaves.addMicros(ts, sql.id('us'))),
  }),
  toUtc: (leaves) => ({ query: each(...zones.map((zone) => leaves.toUtc(ts, zone))) }),
  toLocal: (leaves) => ({ query: each(...zones.map((zone) => leaves.toLocal(ts, zone))) }),
  toInstant: (leaves) => ({
    query: each(leaves.toInstant(ts, null, 'missing'), ...zones.map((zone) => leaves.toInstant(ts, zone, 'first'))),
  }),
  mayBeFrom: (leaves) => ({ query: each(leaves.mayBeFrom(ts, 1_700_000_000_000_000n)) }),
  toDate: (leaves) => ({ query: each(leaves.toDate(ts, 'missing')) }),
  datePart: (leaves) => ({ query: each(...parts.map((part) => leaves.datePart(part, ts))) }),
  floorDivide: (leaves) => ({
    query: each(
      leaves.floorDivide(n, 7),
      leaves.floorDivide(sql.id('us'), 86_400_000_000),
      leaves.floorDivide(sql`n * -1`, 3),
    ),
  }),
  toDouble: (leaves) => ({
    query: each(
      leaves.toDouble(n),
      leaves.toDouble(sql`CAST(n AS ${leaves.columnType({ decimal: [20, 3] })})`),
      leaves.toDouble(x),
    ),
  }),
  finite: (leaves) => ({ query: each(leaves.finite(x), leaves.finite(n)) }),
  divide: (leaves) => ({
    query: each(leaves.divide(n, sql`7`), leaves.divide(sql`1`, n), leaves.divide(leaves.finite(x), sql`0`)),
  }),
  least: (leaves) => ({ query: each(leaves.least(n, sql`2`, sql.id('us')), leaves.least(n)) }),
  greatest: (leaves) => ({ query: each(leaves.greatest(n, sql`2`, sql.id('us')), leaves.greatest(n)) }),
  leastOrNull: (leaves) => ({ query: each(leaves.leastOrNull(n, sql`2`, sql.id('us'))) }),
  greatestOrNull: (leaves) => ({ query: each(leaves.greatestOrNull(n, sql`2`, sql.id('us'))) }),
  fit: (leaves) => ({ query: each(leaves.fit(leaves.toWide(n), 'bigint'), leaves.fit(n, 'integer')) }),
  fitColumn: (leaves) => ({ query: each(leaves.fitColumn(n, 'integer'), leaves.fitColumn(n, 'bigint')) }),
  tryCast: (leaves) => ({
    query: each(leaves.tryCast(n, 'integer'), leaves.tryCast(n, { decimal: [4, 2] }), leaves.tryCast(x, 'double')),
  }),
  binIndex: (leaves) => ({
    query: each(leaves.binIndex(leaves.finite(x), [-1e300, -0.5, 0, 1e-7, 3]), leaves.binIndex(leaves.finite(x), [])),
  }),
  groupKey: (leaves) => ({ query: each(leaves.groupKey(leaves.binIndex(leaves.finite(x), [-0.5, 0, 3]), 0, 3)) }),
  quantiles: (leaves) => ({ query: groups(...leaves.quantiles(leaves.finite(x), [0, 0.005, 0.25, 0.5, 1])) }),
  approximateQuantile: (leaves) => ({ query: groups(leaves.approximateQuantile(leaves.finite(x), 0.5)) }),
  approximateDistinct: (leaves) => ({ query: groups(leaves.approximateDistinct(sql.id('s'))) }),
  toWide: (leaves) => ({
    query: sql`SELECT id, CAST(${leaves.toWide(sql.id('us'))} * ${leaves.toWide(sql.id('us'))} AS DOUBLE) AS squared FROM data ORDER BY id`,
  }),
  wideQuotient: (leaves) => ({
    query: each(
      sql`CAST(${leaves.wideQuotient(leaves.toWide(sql.id('us')), leaves.toWide(n))} AS ${leaves.columnType('bigint')})`,
    ),
  }),
  rowNumber: (leaves) => ({
    query: sql`SELECT COUNT(DISTINCT place) AS places, MIN(place) AS first, MAX(place) AS last
      FROM (SELECT ${leaves.rowNumber()} AS place FROM data) AS numbered`,
  }),
  newest: (leaves) => ({
    query: groups(
      leaves.newest(sql.id('s'), order, 'text'),
      leaves.newest(x, order, 'double'),
      leaves.newest(n, order, 'bigint'),
      leaves.newest(ts, order, 'timestamp'),
      leaves.newest(sql.id('b'), order, 'boolean'),
    ),
  }),
  oldest: (leaves) => ({
    query: groups(
      leaves.oldest(sql.id('s'), order, 'text'),
      leaves.oldest(x, order, 'double'),
      leaves.oldest(n, order, 'bigint'),
      leaves.oldest(ts, order, 'timestamp'),
      leaves.oldest(sql.id('b'), order, 'boolean'),
    ),
  }),
  lastPresent: (leaves) => ({ query: each(leaves.lastPresent(n, over), leaves.lastPresent(sql.id('s'), over)) }),
  firstPresent: (leaves) => ({ query: each(leaves.firstPresent(n, over), leaves.firstPresent(sql.id('s'), over)) }),
  distinctPresent: (leaves) => ({
    query: each(leaves.distinctPresent(sql.id('s'), over), leaves.distinctPresent(n, over)),
  }),
  textKey: (leaves) => ({
    query: each(leaves.textKey(sql.id('s')), leaves.textKey(sql.id('g'), n), leaves.textKey(sql.id('b'), sql.id('d'))),
  }),
  stableHash: (leaves) => ({ query: each(leaves.stableHash(sql.id('s')), leaves.stableHash(sql.id('g'), n)) }),
  // Its values are each engine's own; what they say of two rows is not.
  rowHash: (leaves) => ({
    query: sql`SELECT a.id, b.id AS other, ${leaves.rowHash(sql.id('a', 'g'), sql.id('a', 'n'))} =
      ${leaves.rowHash(sql.id('b', 'g'), sql.id('b', 'n'))} AS v0
      FROM data a CROSS JOIN data b ORDER BY a.id, b.id`,
  }),
  rowBucket: (leaves) => ({
    query: each(sql`${leaves.rowBucket(8, sql.id('g'), n)} >= 0`, sql`${leaves.rowBucket(8, sql.id('g'), n)} < 8`),
  }),
  textLength: (leaves) => ({ query: each(leaves.textLength(sql.id('s'))) }),
  textLiteral: (leaves) => ({
    query: selected(
      ['', "o'brien", '\\', "\\'", 'a\nb', '--', '$1', '"', '[{', 'é😀'].map((value) => leaves.textLiteral(value)),
    ),
  }),
  matches: (leaves) => ({
    query: each(
      leaves.matches(sql.id('s'), '^[a-z]+$'),
      leaves.matches(sql.id('s'), '\\d'),
      leaves.matches(sql.id('s'), "'"),
    ),
  }),
  asofJoin: (leaves) => ({ query: asof(leaves, '>=') }),
  series: (leaves) => ({
    query: sql`SELECT t.id AS id, s.i AS i FROM (SELECT id, n FROM data WHERE n BETWEEN -3 AND 3) AS t,
      ${leaves.series({ from: sql`t.n`, to: sql`t.n + 3`, alias: 's', column: 'i' })} ORDER BY id, i`,
  }),
  createTableAs: (leaves) => ({
    before: [
      leaves.createTableAs('kept', sql`SELECT id, s FROM data`, {
        replace: true,
        clusterBy: [sql.id('id')],
        columns: [
          { name: 'id', type: 'integer', nullable: false },
          { name: 's', type: 'text' },
        ],
      }),
      leaves.createTableAs('staged', sql`SELECT id FROM data WHERE id < 3`, {
        temporary: true,
        replace: true,
        orderBy: [sql.id('id')],
      }),
    ],
    query: sql`SELECT k.id AS id, k.s AS s FROM kept AS k JOIN staged AS m ON m.id = k.id ORDER BY id`,
  }),
  createView: (leaves) => ({
    before: [
      leaves.createView('seen', sql`SELECT id FROM data`),
      leaves.createView('seen', sql`SELECT id, s FROM data`, { keepGrants: true }),
    ],
    query: sql`SELECT id, s FROM seen ORDER BY id`,
  }),
  clusterBy: (leaves) => ({
    before: [
      sql`DROP TABLE IF EXISTS clustered`,
      sql`CREATE TABLE clustered (${sql.id('k')} ${leaves.columnType('text')} NOT NULL,
        ${sql.id('v')} ${leaves.columnType('double')})${leaves.clusterBy([sql.id('k'), sql.id('v')])}`,
      sql`INSERT INTO clustered SELECT g, x FROM data WHERE g IS NOT NULL`,
    ],
    query: sql`SELECT k, COUNT(*) AS n FROM clustered GROUP BY k ORDER BY k`,
  }),
}

/** Each row of `data` with the nearest other row of its group in time. */
export function asof(leaves: Leaves, operator: '>=' | '>' | '<=' | '<'): Sql {
  const join = leaves.asofJoin({
    left: sql`(SELECT id, g, us FROM data WHERE us IS NOT NULL AND g IS NOT NULL) AS l`,
    right: sql`(SELECT g, us, MIN(id) AS id FROM data WHERE us IS NOT NULL GROUP BY g, us) AS r`,
    on: [[sql.ref('l.g'), sql.ref('r.g')]],
    match: { left: sql.ref('l.us'), operator, right: sql.ref('r.us') },
  })
  return sql`SELECT l.id AS id, r.id AS nearest, r.us AS us FROM ${join} ORDER BY id`
}

function typical(type: ColumnType): Sql {
  if (typeof type !== 'string') return sql`'12.345678'`
  return {
    boolean: sql`'true'`,
    integer: sql`'-7'`,
    bigint: sql`'9223372036854775807'`,
    double: sql`'0.1'`,
    text: sql`12`,
    timestamp: sql`'2024-02-29 12:34:56.789123'`,
    date: sql`'2024-02-29'`,
  }[type]
}
