import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { columnBatch, ensureTable, rowsOf } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import { SnowflakeDouble } from './double/double.ts'
import { openDouble } from './double/open-double.ts'

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

const here = async (session: Warehouse) => rowsOf(await session.read(sql`SELECT CURRENT_SCHEMA() AS here`))[0]?.['here']

it('the double, as Snowflake, makes a schema that is created the current one', async () => {
  await warehouse.session(async (session) => {
    await session.run(sql`USE SCHEMA "MARTLET"."PUBLIC"`)
    expect(await here(session)).toBe('PUBLIC')
  })
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS ${sql.id('watched')}`)
  const statements = double.requests
    .filter(({ path }) => path === '/queries/v1/query-request')
    .map(({ body }) => body['sqlText'])
  expect(statements.slice(-3)).toEqual([
    'SELECT CURRENT_DATABASE(), CURRENT_SCHEMA()',
    'CREATE SCHEMA IF NOT EXISTS "WATCHED"',
    'USE SCHEMA "MARTLET"."PUBLIC"',
  ])
})

it('a session that creates a schema goes on where it was, so that names without a schema mean the same tables everywhere', async () => {
  await warehouse.session(async (session) => {
    await ensureTable(session, { table: 'elsewhere.t', columns: [{ name: 'x', type: 'integer' }] })
    await ensureTable(session, { table: 'plain', columns: [{ name: 'x', type: 'integer' }] })
    expect(await here(session)).toBe('PUBLIC')
    await session.append('plain', columnBatch({ x: { type: 'integer', values: [1] } }))
  })
  await warehouse.session(async (other) => {
    expect(rowsOf(await other.read(sql`SELECT x FROM public.plain`))).toEqual([{ x: 1 }])
    expect(await other.introspect('elsewhere.plain')).toBeUndefined()
  })
})

it('a session that created a schema is kept for the next statement', async () => {
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS ${sql.id('again')}`)
  const logins = (): number => double.requests.filter(({ path }) => path === '/session/v1/login-request').length
  const before = logins()
  await warehouse.read(sql`SELECT 1 AS one`)
  expect(logins()).toBe(before)
})

it('a session whose settings somebody changed is not used again', async () => {
  await warehouse.session((session) => session.run(sql`ALTER SESSION SET QUERY_TAG = 'mine'`))
  const logins = (): number => double.requests.filter(({ path }) => path === '/session/v1/login-request').length
  const before = logins()
  await Promise.all(Array.from({ length: 4 }, () => warehouse.read(sql`SELECT 1 AS one`)))
  expect(double.settings.filter((text) => text.includes("'mine'"))).toEqual([])
  expect(logins()).toBeGreaterThan(before)
})
