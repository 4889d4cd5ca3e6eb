import { describe, expect, it } from 'vitest'
import { openDuckDb, rowsOf, runScript, splitStatements, sql } from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'

describe('splitStatements', () => {
  it('cuts at semicolons that end a statement, and at no others', () => {
    const script = `-- a comment; with a semicolon
CREATE TABLE t (x TEXT); /* ; */ INSERT INTO t VALUES ('a;''b'), ('--');

  -- another
  INSERT INTO t
    SELECT "odd;name" FROM $$;$$ -- ; to the end
  ;
;
SELECT a - b / c, $tag$ ; $$ ; $tag$`
    expect(splitStatements(script)).toEqual([
      { text: 'CREATE TABLE t (x TEXT)', line: 2 },
      { text: `INSERT INTO t VALUES ('a;''b'), ('--')`, line: 2 },
      { text: 'INSERT INTO t\n    SELECT "odd;name" FROM $$;$$ -- ; to the end', line: 5 },
      { text: 'SELECT a - b / c, $tag$ ; $$ ; $tag$', line: 9 },
    ])
    expect(splitStatements('  -- nothing\n;')).toEqual([])
    expect(splitStatements('SELECT 1 -- the last; line')).toEqual([{ text: 'SELECT 1 -- the last; line', line: 1 }])
  })
})

describe('runScript', () => {
  it('runs all statements in order, and again when they are idempotent', async () => {
    await using warehouse = await openDuckDb()
    const script = `CREATE SCHEMA IF NOT EXISTS mart; CREATE TABLE IF NOT EXISTS mart.t (x TEXT); INSERT INTO mart.t VALUES ('a;b');`
    expect(await runScript(warehouse, script)).toEqual({ statements: 3 })
    await runScript(warehouse, script)
    expect(rowsOf(await warehouse.read(sql`SELECT x FROM mart.t`))).toEqual([{ x: 'a;b' }, { x: 'a;b' }])
  })

  it('names the line of the statement that fails', async () => {
    await using warehouse = await openDuckDb()
    const failure = await codeOf(
      runScript(warehouse, 'CREATE TABLE t (x TEXT);\n\n-- next\nINSERT INTO t\n  VALUES (1, 2);'),
    )
    expect(failure).toMatchObject({ code: 'SCRIPT_FAILED', data: { line: 4 } })
    expect(failure.message).toContain('line 4')
    expect((await warehouse.introspect('t'))?.length).toBe(1)
  })
})
