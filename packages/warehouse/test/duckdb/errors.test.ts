import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDuckDb, sql } from '@martlet/warehouse'
import type { Sql, Warehouse } from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE TABLE tx (amount DOUBLE)`)
})
afterAll(() => warehouse.close())

it.each<[name: string, statement: Sql, message: string]>([
  [
    'a column',
    sql`SELECT amont FROM tx`,
    'Binder Error: Referenced column "amont" not found in FROM clause; candidate bindings: "amount"',
  ],
  ['a table', sql`SELECT * FROM txs`, 'Catalog Error: Table with name txs does not exist; did you mean "tx"?'],
  [
    'the table of a column',
    sql`SELECT x.amount FROM tx`,
    'Binder Error: Referenced table "x" not found; candidate tables: "tx"',
  ],
  ['no near name', sql`SELEC 1`, 'Parser Error: syntax error at or near "SELEC"'],
])('a misspelt name is answered with the near one, on one line: %s', async (_, statement, message) => {
  expect(await codeOf(warehouse.read(statement))).toMatchObject({ code: 'SQL_FAILED', message })
})

it('the line of the statement is in the data when DuckDB names one', async () => {
  expect((await codeOf(warehouse.read(sql.raw('SELECT\n  amont\nFROM tx')))).data['line']).toBe(2)
  expect((await codeOf(warehouse.read(sql`SELECT error('no')`))).data).not.toHaveProperty('line')
})
