import { afterEach, describe, expect, it } from 'vitest'
import { readDeployment, type Engine } from '@martlet/warehouse'
import { snowflakeText } from '../snowflake-sql/snowflake-texts.ts'
import { codeOf } from '../support/errors.ts'
import { SqlFolder } from './sql-folder.ts'

const made: SqlFolder[] = []
afterEach(async () => {
  for (const folder of made.splice(0)) await folder[Symbol.asyncDispose]()
})
const SECRET = 'hunter2 and 24 characters more!!'
const read = async (
  text: string,
  set: Readonly<Record<string, string>> = {},
  engine: Engine = 'snowflake',
  secrets: Readonly<Record<string, string>> = { key: SECRET },
) => {
  const variables = {
    name: { kind: 'identifier', default: 'MARTLET', about: '' },
    size: { kind: 'choice', of: ['XSMALL', 'SMALL'], default: 'SMALL', about: '' },
    quota: { kind: 'integer', least: 1, most: 100, default: '10', about: '' },
    cron: { kind: 'cron', default: '0 3 * * * UTC', about: '' },
    image: { kind: 'path', default: '/a/b/c:latest', about: '' },
    key: { kind: 'secret', about: '' },
  }
  const folder = await SqlFolder.with({ 'x.sql': text, 'variables.json': JSON.stringify(variables) })
  made.push(folder)
  return (await readDeployment({ engine, folder: folder.path, set, secrets })).objects
}

describe('the statements of SQL files', () => {
  it('end at semicolons outside of strings, names, bodies and comments, and keep the case in which they are written', async () => {
    const objects = await read(`-- one; two
      CREATE SCHEMA IF NOT EXISTS "A;B"; /* ; */ CREATE OR ALTER TASK s.t SCHEDULE = '1;''2' AS EXECUTE $$ a; -- b
c: {{ d }} $$ USING (d => 'x');`)
    expect(objects.map(({ key, line, sql }) => [key, line, sql])).toEqual([
      ['SCHEMA A;B', 2, 'CREATE SCHEMA IF NOT EXISTS "A;B"'],
      [
        'TASK S.T',
        2,
        `CREATE OR ALTER TASK s.t SCHEDULE = '1;''2' AS EXECUTE $$ a; -- b\nc: {{ d }} $$ USING (d => 'x')`,
      ],
    ])
  })

  it('say what they are about', async () => {
    const objects = await read(
      'GRANT SELECT, INSERT ON TABLE a.b TO ROLE r; GRANT ROLE r TO ROLE q; GRANT SELECT ON ALL VIEWS IN ' +
        `SCHEMA a TO ROLE r; GRANT EXECUTE TASK ON ACCOUNT TO ROLE r;
      ALTER WAREHOUSE w SET AUTO_SUSPEND = 60, AUTO_RESUME = TRUE; ALTER TABLE a.b MODIFY COLUMN c SET MASKING POLICY
        a.p FORCE; ALTER TABLE a.b MODIFY COLUMN c SET TAG a.t = 'x';`,
    )
    expect(objects.map(({ key, on }) => [key, on])).toEqual([
      ['GRANT SELECT, INSERT ON TABLE A.B TO ROLE R', ['TABLE A.B', 'ROLE R']],
      ['GRANT ROLE R TO ROLE Q', ['ROLE R', 'ROLE Q']],
      ['GRANT SELECT ON ALL VIEWS IN SCHEMA A TO ROLE R', ['SCHEMA A', 'ROLE R']],
      ['GRANT EXECUTE TASK ON ACCOUNT TO ROLE R', ['ROLE R']],
      ['SETTING WAREHOUSE W: AUTO_SUSPEND, AUTO_RESUME', ['WAREHOUSE W']],
      ['MASKING A.B.C', ['TABLE A.B', 'MASKING POLICY A.P']],
      ['TAGGING A.B.C A.T', ['TABLE A.B', 'TAG A.T']],
    ])
  })

  it.each<readonly [string, string, Engine?]>([
    ['DEPLOY_UNKNOWN_STATEMENT', 'DROP TABLE a.b;'],
    ['DEPLOY_UNKNOWN_STATEMENT', 'INSERT INTO a.b SELECT 1;'],
    ['DEPLOY_UNKNOWN_STATEMENT', 'ALTER TABLE a.b DROP COLUMN c;'],
    ['DEPLOY_UNKNOWN_STATEMENT', 'CREATE USER IF NOT EXISTS u;'],
    ['DEPLOY_UNKNOWN_STATEMENT', 'GRANT SELECT ON TABLE a.b TO ROLE r WITH GRANT OPTION;'],
    ['DEPLOY_UNKNOWN_STATEMENT', 'CREATE ROLE IF NOT EXISTS r;', 'duckdb'],
    ['DEPLOY_UNKNOWN_STATEMENT', 'CREATE OR REPLACE SECURE VIEW v AS SELECT 1;', 'duckdb'],
    ['DEPLOY_NOT_IDEMPOTENT', 'CREATE TABLE a.b (c VARCHAR);'],
    ['DEPLOY_NOT_IDEMPOTENT', 'CREATE OR REPLACE TABLE a.b (c VARCHAR);'],
    ['DEPLOY_NOT_IDEMPOTENT', 'CREATE OR REPLACE MASKING POLICY a.p AS (x VARCHAR) RETURNS VARCHAR -> x;'],
    ['DEPLOY_NOT_IDEMPOTENT', 'CREATE OR REPLACE VIEW a.v AS SELECT 1;'],
    ['DEPLOY_NOT_IDEMPOTENT', 'ALTER TABLE a.b MODIFY COLUMN c SET MASKING POLICY a.p;'],
    ['DEPLOY_TWICE', 'CREATE TABLE IF NOT EXISTS a.b (c VARCHAR); CREATE TABLE IF NOT EXISTS A.B (d VARCHAR);'],
    ['DEPLOY_UNREADABLE', 'CREATE SCHEMA IF NOT EXISTS a'],
    ['DEPLOY_UNREADABLE', "CREATE SCHEMA IF NOT EXISTS 'a';"],
    ['DEPLOY_UNREADABLE', "CREATE TAG IF NOT EXISTS t ALLOWED_VALUES 'x;"],
    ['DEPLOY_UNREADABLE', 'CREATE TABLE IF NOT EXISTS a.b (c VARIANT);'],
    ['DEPLOY_UNREADABLE', 'CREATE TABLE IF NOT EXISTS a.b (c TIMESTAMP_NTZ);'],
    ['DEPLOY_UNREADABLE', 'CREATE TABLE IF NOT EXISTS a.b (c VARCHAR DEFAULT 1);'],
  ])('are refused with %s: %s', async (code, text, engine) => {
    const refused = await codeOf(read(`\n${text}`, {}, engine === 'duckdb' ? engine : 'snowflake'))
    expect(refused).toMatchObject({ code, data: { file: 'x.sql', line: 2 } })
  })
})

describe('variables', () => {
  it('stand for names, numbers and literals', async () => {
    const [wh, task] = await read(
      `CREATE WAREHOUSE IF NOT EXISTS <% name %>_WH WAREHOUSE_SIZE = <% size %> AUTO_SUSPEND = <%quota%>;
      CREATE OR ALTER TASK t SCHEDULE = <% cron %> AS SELECT IS_ROLE_IN_SESSION('<% name %>_R'), <% image %>;`,
      { name: 'other', quota: '7' },
    )
    expect(wh?.sql).toBe('CREATE WAREHOUSE IF NOT EXISTS OTHER_WH WAREHOUSE_SIZE = SMALL AUTO_SUSPEND = 7')
    expect(task?.sql).toBe(
      `CREATE OR ALTER TASK t SCHEDULE = 'USING CRON 0 3 * * * UTC' AS SELECT IS_ROLE_IN_SESSION ('OTHER_R'), '/a/b/c:latest'`,
    )
  })

  it.each([
    ['name', 'x; DROP DATABASE y'],
    ['name', 'x"y'],
    ['name', "x'y"],
    ['name', 'x y'],
    ['name', 'x--'],
    ['name', ''],
    ['name', '1x'],
    ['name', 'é'],
    ['name', '<% size %>'],
    ['size', 'HUGE'],
    ['size', "SMALL'"],
    ['quota', '0'],
    ['quota', '1e3'],
    ['quota', '-1'],
    ['quota', '5; SELECT 1'],
    ['quota', ' 5'],
    ['cron', "* * * * * UTC' WHEN TRUE --"],
    ['cron', '* * * * UTC'],
    ['image', "a'b"],
    ['image', '/a/../$(x)'],
    ['image', 'a\\'],
    ['image', 'a\nb'],
    ['missing', 'x'],
    ['constructor', 'x'],
  ])('cannot be set to more than their kind is: %s = %j', async (name, value) => {
    expect(await codeOf(read('CREATE SCHEMA IF NOT EXISTS s;', { [name]: value }))).toMatchObject({
      code: 'DEPLOY_VARIABLE',
      data: { name },
    })
  })

  it.each([
    'CREATE SCHEMA IF NOT EXISTS <% nothing %>;',
    'CREATE SCHEMA IF NOT EXISTS a<% cron %>;',
    "CREATE TAG IF NOT EXISTS t ALLOWED_VALUES '<% image %>';",
    'CREATE SCHEMA IF NOT EXISTS <% constructor %>;',
  ])('stand only where they belong: %s', async (text) => {
    expect(await codeOf(read(text))).toMatchObject({ code: 'DEPLOY_VARIABLE', data: { file: 'x.sql', line: 1 } })
  })

  describe('that are secrets', () => {
    const masked = 'CREATE MASKING POLICY IF NOT EXISTS p AS (val VARCHAR) RETURNS VARCHAR -> SHA2(<% key %>, 256);'

    it('stand in the statement that is sent, and by their name in what is shown', async () => {
      const [policy] = await read(masked)
      expect(policy?.sql).toContain("SHA2 ('<% key %>', 256)")
      expect(policy === undefined ? '' : snowflakeText(policy.statement)).toMatch(/SHA2 \('[0-9a-f]{64}', 256\)$/)
      expect(JSON.stringify(policy)).not.toMatch(/hunter2|[0-9a-f]{64}', 256/)
    })

    it('are needed where they stand only, and another one is another statement', async () => {
      expect(await codeOf(read(masked, {}, 'snowflake', {}))).toMatchObject({
        code: 'DEPLOY_VARIABLE',
        data: { file: 'x.sql', line: 1 },
      })
      expect(await read('CREATE SCHEMA IF NOT EXISTS s;', {}, 'snowflake', {})).toHaveLength(1)
      const [one, same, other] = await Promise.all(
        [SECRET, SECRET, `${SECRET}.`].map(async (key) => (await read(masked, {}, 'snowflake', { key }))[0]?.hash),
      )
      expect([one === same, one === other]).toEqual([true, false])
    })

    it.each(['', 'hunter2', 'a'.repeat(64), 'abcdefg'.repeat(9), '<% key %>'])(
      'are refused when they are easy to guess, without being repeated: %j',
      async (key) => {
        const refused = await codeOf(read(masked, {}, 'snowflake', { key }))
        expect(refused).toMatchObject({ code: 'DEPLOY_VARIABLE', data: { name: 'key' } })
        expect(key !== '' && key !== '<% key %>' && String(refused).includes(key)).toBe(false)
      },
    )

    it('are given apart from what is shown', async () => {
      const refused = await codeOf(read(masked, { key: SECRET }, 'snowflake', {}))
      expect(refused).toMatchObject({ code: 'DEPLOY_VARIABLE', data: { name: 'key' } })
      expect(String(refused)).not.toContain('hunter2')
      expect(await codeOf(read(masked, {}, 'snowflake', { key: SECRET, name: 'x' }))).toMatchObject({
        code: 'DEPLOY_VARIABLE',
        data: { name: 'name' },
      })
      expect(await codeOf(read(masked, {}, 'snowflake', { kye: SECRET }))).toMatchObject({
        code: 'DEPLOY_VARIABLE',
        data: { name: 'kye' },
      })
    })

    it.each([
      "CREATE TAG IF NOT EXISTS t ALLOWED_VALUES '<% key %>';",
      'CREATE SCHEMA IF NOT EXISTS a<% key %>;',
      'CREATE SCHEMA IF NOT EXISTS <% key %>;',
      '<% key %> x;',
      'CREATE TABLE IF NOT EXISTS t (c <% key %>);',
    ])('in another place are refused, and no message has them: %s', async (text) => {
      const refused = await codeOf(read(text))
      expect(refused.code).toMatch(/^DEPLOY_/)
      expect(JSON.stringify(refused) + String(refused)).not.toMatch(/hunter2|[0-9a-f]{64}/)
    })

    it('are hidden in what an engine says about the statement', async () => {
      const [policy] = await read(masked)
      const key = /'([0-9a-f]{64})'/.exec(policy === undefined ? '' : snowflakeText(policy.statement))?.[1]
      expect(policy?.hide(`near '${key}': syntax error`)).toBe("near '<% key %>': syntax error")
    })
  })

  it('stand in no quoted name and no body', async () => {
    for (const text of [
      'CREATE SCHEMA IF NOT EXISTS "<% name %>";',
      'CREATE OR ALTER TASK t AS EXECUTE $$ <% name %> $$;',
    ])
      expect((await codeOf(read(text))).code).toBe('DEPLOY_UNREADABLE')
  })
})

it('a folder that is not there, has no files, or has no such folder to leave out is named', async () => {
  const folder = await SqlFolder.with({ 'a/x.sql': 'CREATE SCHEMA IF NOT EXISTS s;' })
  made.push(folder)
  expect((await readDeployment({ engine: 'duckdb', folder: folder.path })).objects).toHaveLength(1)
  for (const options of [
    { folder: `${folder.path}/none` },
    { folder: folder.path, without: ['a'] },
    { folder: folder.path, without: ['b'] },
  ]) {
    expect((await codeOf(readDeployment({ engine: 'duckdb', ...options }))).code).toBe('DEPLOY_FOLDER')
  }
})
