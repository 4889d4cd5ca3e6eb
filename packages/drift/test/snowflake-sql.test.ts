import { snowflakeLeaves, type Sql, type Warehouse } from '@martlet/warehouse'
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { exactGapsSql } from '../src/compare/exact-gaps.ts'
import { categoryScanSql } from '../src/count/scan-categories.ts'
import { numberScanSql } from '../src/count/scan-numbers.ts'
import { openSource } from '../src/count/scan-source.ts'
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
  'LEAD',
  'MAX',
  'MIN',
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
    ['exact gaps', () => exactGapsSql(warehouse, 'mart.reference', sql`SELECT 1 AS amount`, column)],
  ])('%s', (_, statement) => {
    const functions = functionsOf(statement())
    expect(functions).toContain('SUM')
    for (const name of functions) expect(known, name).toContain(name)
  })

  it('values of the user are bound, never printed', () => {
    const { sql: text, parameters } = warehouse.compile(
      categoryScanSql(warehouse, source, { name: 'tariff', type: 'text', always: ["x'); DROP TABLE t; --"] }),
    )
    expect(text).not.toContain('DROP')
    expect(parameters).toEqual(["x'); DROP TABLE t; --"])
  })
})
