import { checkLabel, checkView } from '@martlet/feature-store'
import { openDuckDb, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountProfile, customerProfile, fraud, velocity } from '../../definitions/index.ts'
import { createTables } from '../support/bank-warehouse.ts'
import { fillPlainMart } from '../support/plain-mart.ts'
import { smallBank, UNTIL } from '../support/small-bank.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb({ threads: 1 })
  await createTables(warehouse)
  await fillPlainMart(warehouse, smallBank().bank.database.log)
})
afterAll(() => warehouse.close())

/** The declared rules of all tables that find something. */
async function broken(): Promise<readonly string[]> {
  const range = { from: null, to: null, now: BigInt(UNTIL) }
  const reports = [
    await checkView(warehouse, velocity, range),
    await checkView(warehouse, customerProfile, range),
    await checkView(warehouse, accountProfile, range),
    await checkLabel(warehouse, fraud, range),
  ]
  const found = reports.flatMap(({ findings }) => findings.map(({ table, check }) => `${table}.${check}`))
  // What depends on the clock, and on how often people pay.
  return [...new Set(found)].filter((name) => !/gaps|silent|freshness|recent|duplicates/.test(name)).toSorted()
}

test('a bank keeps all of its rules', async () => {
  expect(await broken()).toEqual([])
})

test.each<readonly [rule: string, change: string, also: readonly string[]]>([
  [
    'mart.fact_transactions.balances_reconcile',
    `UPDATE mart.fact_transactions SET balance_after = balance_after + 0.01
     WHERE transaction_id = (SELECT MAX(transaction_id) FROM mart.fact_transactions)`,
    [],
  ],
  [
    'mart.fact_transactions.nothing_missing',
    'DELETE FROM mart.fact_transactions WHERE sequence = 1 AND account_id = (SELECT MIN(account_id) FROM mart.fact_transactions)',
    ['mart.fact_transactions.balances_reconcile'],
  ],
  [
    'mart.fact_transactions.one_row_per_booking',
    `INSERT INTO mart.fact_transactions SELECT * FROM mart.fact_transactions
     WHERE transaction_id = (SELECT MAX(transaction_id) FROM mart.fact_transactions)`,
    [
      'mart.fact_transactions.balances_reconcile',
      'mart.fact_transactions.nothing_missing',
      'mart.fact_transactions.one_place_in_the_account',
    ],
  ],
  [
    'mart.fact_transactions.account_known',
    `DELETE FROM mart.dim_account WHERE account_id = (SELECT MIN(account_id) FROM mart.dim_account)`,
    [],
  ],
  ['mart.fact_transactions.balance_within_overdraft', 'UPDATE mart.dim_account SET overdraft = -100000000', []],
  [
    'mart.fact_transactions.amount_positive',
    "UPDATE mart.fact_transactions SET amount = -amount, direction = CASE direction WHEN 'in' THEN 'out' ELSE 'in' END",
    [],
  ],
  [
    'mart.fact_fraud_report.transaction_known',
    'UPDATE mart.fact_fraud_report SET transaction_id = -transaction_id',
    [],
  ],
  ['mart.dim_customer.one_row_now', 'UPDATE mart.dim_customer SET valid_to = NULL', []],
  ['mart.dim_account.holder_known', "UPDATE mart.dim_account SET customer_id = 'nobody'", []],
])('%s', async (rule, change, also) => {
  const undone = new Error('undone')
  const trial = warehouse.transaction(async (transaction) => {
    await transaction.run(sql.raw(change))
    const outside = warehouse
    warehouse = transaction
    try {
      expect(await broken()).toEqual([rule, ...also].toSorted())
    } finally {
      warehouse = outside
    }
    throw undone
  })
  await expect(trial).rejects.toBe(undone)
})

test('a table without a booking of the last day is not recent', async () => {
  const { findings } = await checkView(warehouse, velocity, { from: null, to: null, now: BigInt(UNTIL) })
  // The small bank ends in May 2026.
  expect(findings.map(({ check }) => check)).toContain('recent')
})
