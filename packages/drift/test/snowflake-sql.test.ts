import { snowflakeLeaves, type Sql, type Warehouse } from '@martlet/warehouse'
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { exactGapsSql } from '../src/compare/exact-gaps.ts'
import { categoryScanSql } from '../src/count/scan-categories.ts'
import { numberScanSql } from '../src/count/scan-numbers.ts'
import { openSource, type OpenSource, type SourceWeight } from '../src/count/scan-source.ts'
import { weightScanSql } from '../src/count/scan-weights.ts'
import { cellScanOf } from '../src/profile/group-effects.ts'
import { weighedLevelsSql } from '../src/profile/weighed-ranks.ts'
import { profileNumbers } from '../src/index.ts'

const db = new Kysely<Record<string, Record<string, unknown>>>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (of) => new PostgresIntrospector(of),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})
const refuse = (): never => {
  throw new Error('these tests only print')
}
const warehouse: Warehouse = {
  engine: 'snowflake',
  leaves: snowflakeLeaves,
  db,
  compile: (statement: Sql) => statement.compile(db),
  read: refuse,
  stream: refuse,
  run: refuse,
  append: refuse,
  introspect: refuse,
  session: refuse,
  transaction: refuse,
  close: refuse,
  [Symbol.asyncDispose]: refuse,
}

const source = openSource(warehouse, {
  relation: 'mart.rows',
  time: 'ts',
  windows: [{ from: new Date(0), to: new Date(86_400_000) }],
})
const weight: SourceWeight = { column: sql.ref('martlet_weight'), weightOf: (sum) => sum, scaleOf: () => 1 }
const weighed = { ...source, weight }
const column = { ...profileNumbers({ name: 'amount', type: 'double' }, [1, 2, 3, 4, 5]), centre: 3 }
const wide = { ...profileNumbers({ name: 'id', type: 'bigint' }, [1, 2, 3]), origin: '9223372036854775000', centre: 2 }

/** Every function that a statement calls. */
function functionsOf(statement: Sql): readonly string[] {
  const text = warehouse.compile(statement).sql.replaceAll(/"[^"]*"|'[^']*'/g, '')
  const words = [...text.matchAll(/\b([A-Za-z_]+)\s*\(/g)].map(([, name = '']) => name.toUpperCase())
  return [...new Set(words)]
    .filter(
      (word) =>
        !['AS', 'FROM', 'IN', 'OVER', 'AND', 'OR', 'ON', 'WHEN', 'BY', 'NUMBER', 'SELECT', 'THEN', 'ELSE'].includes(
          word,
        ),
    )
    .sort()
}

/** Functions that Snowflake has by the same name and meaning, per its reference. */
const known = new Set([
  'ABS',
  'AVG',
  'CAST',
  'COALESCE',
  'COUNT',
  'DATE_PART',
  'FLOOR',
  'LEAD',
  'MAX',
  'MIN',
  'MOD',
  'ROW_NUMBER',
  'SUM',
  'TIMESTAMP_NTZ',
  'TO_TIMESTAMP_NTZ',
])

describe('statements printed for Snowflake call only functions it has', () => {
  it.each([
    ['counts of number columns', () => numberScanSql(warehouse, source, [column, wide])],
    [
      'counts of categories',
      () => categoryScanSql(warehouse, source, { name: 'tariff', type: 'text', always: ['a', "b'"] }),
    ],
    ['counts of weighted number columns', () => numberScanSql(warehouse, weighed, [column, wide])],
    [
      'counts of weighted categories',
      () => categoryScanSql(warehouse, weighed, { name: 'tariff', type: 'text', always: ['a'] }),
    ],
    ['squares of weights', () => weightScanSql(warehouse, weighed, [cellScanOf(column)], weight)],
    ['quantiles by weight', () => weighedLevelsSql(warehouse, 'mart.rows', [sql.ref('amount')], weight.column)],
    ['exact gaps', () => exactGapsSql(warehouse, 'mart.reference', sql`SELECT 1 AS amount`, column)],
  ])('%s', (_, statement) => {
    const functions = functionsOf(statement())
    expect(functions).toContain('SUM')
    for (const name of functions) expect(known, name).toContain(name)
  })

  it('weights are added as whole numbers, and rows without them are counted as before', () => {
    const text = (of: OpenSource): string =>
      warehouse.compile(numberScanSql(warehouse, of, [column])).sql.replaceAll(/\s+/g, ' ')
    expect(text(weighed)).toContain('CAST(SUM(u) AS DOUBLE) AS n, SUM(CAST(u AS DOUBLE) * d) AS s')
    expect(text(weighed)).toContain('"martlet_weight" AS u')
    expect(text(source)).toContain('CAST(COUNT(*) AS DOUBLE) AS n, SUM(d) AS s, SUM(d * d) AS q FROM (')
    expect(text(source)).not.toContain(' u')
  })

  it('values of the user are bound, never printed', () => {
    const { sql: text, parameters } = warehouse.compile(
      categoryScanSql(warehouse, source, { name: 'tariff', type: 'text', always: ["x'); DROP TABLE t; --"] }),
    )
    expect(text).not.toContain('DROP')
    expect(parameters).toEqual(["x'); DROP TABLE t; --"])
  })
})
