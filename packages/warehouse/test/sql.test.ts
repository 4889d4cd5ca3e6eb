import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import { describe, expect, test } from 'vitest'
import { sql, type Sql } from '../src/sql.ts'

const db = new Kysely<Record<string, never>>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (of) => new PostgresIntrospector(of),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})
const text = (statement: Sql): string => statement.compile(db).sql

describe('a template of SQL', () => {
  test('prints on one line, however it is laid out', () => {
    const broken = sql`
      SELECT ${sql.id('a')}
      FROM (
        SELECT 1 AS a
      ) t
      WHERE a > ${1}
    `
    expect(text(broken)).toBe('SELECT "a" FROM (SELECT 1 AS a) t WHERE a > $1')
  })

  test('keeps spaces at its ends, line breaks that are escaped, and values as they are', () => {
    expect(text(sql` AND a`)).toBe(' AND a')
    expect(text(sql`(${sql.raw('SELECT 1 -- one')}\n) t`)).toBe('(SELECT 1 -- one\n) t')
    expect(text(sql`SELECT ${sql.lit('two\n  lines')}`)).toBe(`SELECT 'two\n  lines'`)
  })

  test('binds what stands in it, and has the helpers of Kysely', () => {
    const { sql: printed, parameters } = sql`
      SELECT ${'x'}, ${sql.join([sql.ref('t.a'), sql`2`])}
      FROM ${sql.table('mart.t')} t
    `.compile(db)
    expect(printed).toBe('SELECT $1, "t"."a", 2 FROM "mart"."t" t')
    expect(parameters).toEqual(['x'])
  })
})
