import { fork } from 'node:child_process'
import { once } from 'node:events'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { columnBatch, ensureTable, MartletError, openSnowflake, rowsOf } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'
import { json, SnowflakeDouble } from './double/double.ts'
import { auth, openDouble } from './double/open-double.ts'

let double: SnowflakeDouble
let warehouse: Warehouse
beforeAll(async () => {
  double = await SnowflakeDouble.start()
  warehouse = await openDouble(double)
})
afterAll(async () => {
  await warehouse.close()
  await double.stop()
})

describe('the traps of snowflake-sdk', () => {
  it('tells a refused login, which the SDK alone does not', async () => {
    double.fault = (request, response) => {
      if (request.path !== '/session/v1/login-request') return false
      json(response, { success: false, code: '390144', message: 'JWT token is invalid. secret-token-123', data: {} })
      return true
    }
    const failure = await codeOf(openDouble(double, { auth: { type: 'oauth', token: 'secret-token-123' } }))
    double.fault = () => false
    expect(failure).toMatchObject({ code: 'WAREHOUSE_OPEN_FAILED', data: { code: '390144' } })
    expect(JSON.stringify([failure.message, failure.data, failure.cause])).not.toContain('secret-token-123')
  })

  it('sends the login that was asked for', async () => {
    const sent = async (auth: Parameters<typeof openSnowflake>[0]['auth']) => {
      const other = await openDouble(double, { auth })
      await other.close()
      return double.requests.filter(({ path }) => path === '/session/v1/login-request').at(-1)?.body['data']
    }
    expect(await sent({ type: 'oauth', token: 'abc' })).toMatchObject({ AUTHENTICATOR: 'OAUTH', TOKEN: 'abc' })
    expect(await sent({ type: 'programmatic-access-token', token: 'pat', username: 'U' })).toMatchObject({
      AUTHENTICATOR: 'PROGRAMMATIC_ACCESS_TOKEN',
      TOKEN: 'pat',
    })
    expect(await sent(auth)).toMatchObject({ AUTHENTICATOR: 'SNOWFLAKE_JWT', TOKEN: expect.stringMatching(/^ey/) })
  })

  it('names the option that is missing or wrong', async () => {
    const option = async (options: Parameters<typeof openSnowflake>[0]) =>
      (await codeOf(openSnowflake(options))).data['option']
    expect(await option({ auth })).toBe('account')
    expect(await option({ account: 'a', auth: { type: 'oauth', token: '' } })).toBe('auth.token')
    expect(await option({ account: 'a', auth, timeoutSeconds: 0 })).toBe('timeoutSeconds')
    const home = process.env['SNOWFLAKE_HOME']
    process.env['SNOWFLAKE_HOME'] = '/nowhere'
    expect(await option({ auth: { type: 'connections-file' } })).toBe('auth')
    if (home === undefined) delete process.env['SNOWFLAKE_HOME']
    else process.env['SNOWFLAKE_HOME'] = home
  })

  it('pins every session to UTC, a tag and a deadline', () => {
    expect(double.settings[0]).toBe(
      "ALTER SESSION SET TIMEZONE = 'UTC' QUERY_TAG = 'martlet' STATEMENT_TIMEOUT_IN_SECONDS = 3600 STRICT_JSON_OUTPUT " +
        '= TRUE LOCK_TIMEOUT = 60 AUTOCOMMIT = TRUE ERROR_ON_NONDETERMINISTIC_MERGE = TRUE ' +
        "QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE DATE_INPUT_FORMAT = 'YYYY-MM-DD' DATE_OUTPUT_FORMAT = 'YYYY-MM-DD' " +
        "TIMESTAMP_NTZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6'",
    )
  })

  it('keeps a null number apart from the text NULL', async () => {
    const batch = await warehouse.read(
      sql`SELECT CAST(NULL AS NUMBER(19, 0)) AS n, CAST(NULL AS DOUBLE) AS d, 'NULL' AS t`,
    )
    expect(rowsOf(batch)).toEqual([{ n: null, d: null, t: 'NULL' }])
  })

  it('keeps whole numbers above 2^53 and refuses those above 2^63', async () => {
    const big = 2n ** 63n - 1n
    expect(rowsOf(await warehouse.read(sql`SELECT ${big} AS n, ${-big} AS m`))).toEqual([{ n: big, m: -big }])
    expect(await codeOf(warehouse.read(sql`SELECT ${2n ** 63n} AS n`))).toMatchObject({
      code: 'VALUE_OUT_OF_RANGE',
      data: { column: 'n' },
    })
  })

  it('appends nulls first, whole numbers before fractions, NaN, infinities and -0', async () => {
    await ensureTable(warehouse, {
      table: 'numbers',
      columns: [
        { name: 'i', type: 'integer' },
        { name: 'd', type: 'double' },
      ],
    })
    const values = [null, 1, 2.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 5e-324]
    await warehouse.append(
      'numbers',
      columnBatch({ i: { type: 'integer', values: values.map((_, index) => index) }, d: { type: 'double', values } }),
    )
    expect(rowsOf(await warehouse.read(sql`SELECT * FROM numbers ORDER BY i`)).map(({ d }) => d)).toEqual(values)
    const inserts = double.requests.filter(({ body }) => String(body['sqlText']).startsWith('INSERT'))
    expect(
      inserts.map(({ body }) =>
        Object.values(body['bindings'] as Record<string, { type: string }>).map(({ type }) => type),
      ),
    ).toEqual([['TEXT', 'TEXT']])
  })

  it('reads microseconds before and after the epoch', async () => {
    const micros = [
      -62_135_596_800_000_000n,
      -1_000_001n,
      -1n,
      0n,
      1n,
      1_709_210_096_789_123n,
      253_402_300_799_999_999n,
    ]
    for (const us of micros)
      expect((await warehouse.read(sql`SELECT ${warehouse.leaves.timestamp(us)} AS at`)).columns[0]?.values).toEqual(
        BigInt64Array.of(us),
      )
  })

  it('streams timestamps as whole numbers, except where the query orders its rows', async () => {
    await ensureTable(warehouse, {
      table: 'times',
      columns: [
        { name: 'id', type: 'integer' },
        { name: 'seen', type: 'timestamp' },
      ],
    })
    const at = [0n, null, -1n, 1_709_210_096_789_123n, 253_402_300_799_999_999n]
    await warehouse.append(
      'times',
      columnBatch({
        id: { type: 'integer', values: at.map((_, index) => index) },
        seen: { type: 'timestamp', values: at },
      }),
    )
    const streamed = async (query: Parameters<Warehouse['stream']>[0]) => {
      const batches = []
      for await (const batch of warehouse.stream(query)) batches.push(batch)
      return batches
    }
    const expected = await warehouse.read(sql`SELECT id, seen FROM times WHERE id < ${9} ORDER BY id`)
    expect(expected.columns[1]).toEqual({
      type: 'timestamp',
      values: BigInt64Array.from(at, (us) => us ?? 0n),
      nulls: Uint8Array.of(0, 1, 0, 0, 0),
    })
    const last = (): unknown =>
      double.requests.filter(({ path }) => path === '/queries/v1/query-request').at(-1)?.body['sqlText']
    expect(await streamed(sql`SELECT id, seen FROM times WHERE id < ${9} -- all`)).toEqual([expected])
    expect(last()).toBe(
      'SELECT "ID", DATE_PART(EPOCH_MICROSECOND, "SEEN") AS "SEEN" FROM (SELECT id, seen FROM times WHERE id < CAST(? ' +
        'AS NUMBER(19, 0)) -- all\n) AS rows_to_read',
    )
    expect(await streamed(sql`SELECT id, seen FROM times WHERE id < ${9} ORDER BY id`)).toEqual([expected])
    expect(last()).toBe('SELECT id, seen FROM times WHERE id < CAST(? AS NUMBER(19, 0)) ORDER BY id')
    expect((await streamed(sql`SELECT seen, seen FROM times`))[0]?.names).toEqual(['seen', 'seen'])
  })

  it('neither runs nor reads a VARIANT', async () => {
    const answer = {
      parameters: [],
      rowtype: [{ name: 'V', type: 'variant', nullable: true }],
      rowset: [['globalThis.ran = true']],
      total: 1,
      returned: 1,
      queryId: 'q',
      version: 1,
      statementTypeId: 0x1000,
    }
    double.fault = (request, response) => {
      if (request.path !== '/queries/v1/query-request') return false
      json(response, { success: true, code: null, message: null, data: answer })
      return true
    }
    const failure = await codeOf(warehouse.read(sql`SELECT v FROM t`))
    double.fault = () => false
    expect(failure).toMatchObject({ code: 'COLUMN_TYPE_UNSUPPORTED', data: { column: 'v', type: 'variant' } })
    expect('ran' in globalThis).toBe(false)
  })

  it('refuses DDL in a transaction before Snowflake commits it', async () => {
    await ensureTable(warehouse, { table: 'kept', columns: [{ name: 'x', type: 'integer' }] })
    const statements = [
      sql`CREATE TEMPORARY TABLE tmp (x NUMBER(10, 0))`,
      sql`  -- first\n /* and */ drop table kept`,
      sql`ALTER TABLE kept ADD COLUMN y DOUBLE`,
      sql`TRUNCATE TABLE kept`,
    ]
    for (const statement of statements) {
      const failure = await codeOf(
        warehouse.transaction(async (transaction) => {
          await transaction.run(sql`INSERT INTO kept VALUES (1)`)
          await transaction.run(statement)
        }),
      )
      expect(failure.code).toBe('DDL_IN_TRANSACTION')
    }
    expect(
      (
        await codeOf(
          warehouse.db
            .transaction()
            .execute((trx) => trx.schema.createTable('other').addColumn('x', 'integer').execute()),
        )
      ).code,
    ).toBe('DDL_IN_TRANSACTION')
    expect((await warehouse.read(sql`SELECT * FROM kept`)).rows).toBe(0)
  })

  it('writes nothing to stdout and asks no other host', async () => {
    const child = fork(`${import.meta.dirname}/quiet.child.ts`, [double.url], {
      execArgv: ['--conditions=@martlet/source'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    let output = ''
    child.stdout?.on('data', (data: Buffer) => (output += data.toString()))
    let hosts: unknown
    child.on('message', (message) => (hosts = message))
    const [code] = await once(child, 'close')
    expect({ code, output, hosts }).toEqual({ code: 0, output: '', hosts: [`127.0.0.1:${new URL(double.url).port}`] })
  })
})

describe('the Kysely of a Snowflake warehouse', () => {
  it('prints upper-cased names in three parts, counts as constants and casts for values', () => {
    expect(warehouse.compile(sql`SELECT ${sql.id('a', 'b', 'c')}, ${'x'}, ${1}, ${0.5}, ${true}, ${null}`).sql).toBe(
      'SELECT "A"."B"."C", ?, CAST(? AS NUMBER(19, 0)), CAST(? AS DOUBLE), CAST(? AS BOOLEAN), ?',
    )
    expect(warehouse.db.selectFrom('t').select('x').where('y', '=', 1).limit(5).offset(2).compile().sql).toBe(
      'select "X" from "T" where "Y" = CAST(? AS NUMBER(19, 0)) limit 5 offset 2',
    )
  })

  it('refuses ON CONFLICT and RETURNING when it compiles', () => {
    const insert = warehouse.db.insertInto('t').values({ x: 1 })
    expect(() => insert.onConflict((c) => c.column('x').doNothing()).compile()).toThrow(
      expect.objectContaining({ code: 'ON_CONFLICT_UNSUPPORTED' }),
    )
    expect(() => insert.returningAll().compile()).toThrow(expect.objectContaining({ code: 'RETURNING_UNSUPPORTED' }))
    expect(() => insert.returningAll().compile()).toThrow(MartletError)
  })

  it('tells tables and columns in lower case', async () => {
    await ensureTable(warehouse, {
      table: 'shape',
      columns: [
        { name: 'id', type: 'bigint', nullable: false },
        { name: 'at', type: 'timestamp' },
      ],
    })
    const table = (await warehouse.db.introspection.getTables()).find(({ name }) => name === 'shape')
    expect(table).toMatchObject({
      schema: 'public',
      isView: false,
      columns: [
        { name: 'id', dataType: 'NUMBER', isNullable: false },
        { name: 'at', dataType: 'TIMESTAMP_NTZ', isNullable: true },
      ],
    })
    expect(await warehouse.db.introspection.getSchemas()).toContainEqual({ name: 'public' })
  })

  it('runs transactions, refuses nested ones and other isolation', async () => {
    await ensureTable(warehouse, { table: 'kysely', columns: [{ name: 'id', type: 'integer' }] })
    await warehouse.db.transaction().execute((trx) => trx.insertInto('kysely').values({ id: 3 }).execute())
    expect(await warehouse.db.selectFrom('kysely').select('id').execute()).toEqual([{ id: 3 }])
    await warehouse.transaction(async (transaction) => {
      expect((await codeOf(transaction.db.transaction().execute(async () => undefined))).code).toBe(
        'TRANSACTION_NESTED',
      )
    })
    expect(
      (
        await codeOf(
          warehouse.db
            .transaction()
            .setIsolationLevel('serializable')
            .execute(async () => undefined),
        )
      ).code,
    ).toBe('TRANSACTION_SETTINGS')
  })
})
