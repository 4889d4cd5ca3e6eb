import { expect, test } from 'vitest'
import { BrokenChange, Database } from '../../src/bank/database.ts'
import { KEYS } from '../../src/bank/rows.ts'
import { simulate } from '../../src/bank/simulate.ts'
import { smallBank, UNTIL } from '../support/small-bank.ts'

const world = smallBank()
const { log } = world.bank.database

test('the same options give the same log, others another', () => {
  expect(smallBank().bank.database.log).toEqual(log)
  expect(smallBank(6).bank.database.log).not.toEqual(log)
})

test('the log is one of a database: in order, each change of the row as it was', () => {
  const rows = new Map<string, unknown>()
  let [lsn, at] = [0, 0]
  for (const change of log) {
    const { table, op, before, after } = change
    expect(change.lsn).toBeGreaterThan(lsn)
    expect(change.at).toBeGreaterThanOrEqual(at)
    ;[lsn, at] = [change.lsn, change.at]
    const row = (after ?? before) as unknown as Record<string, unknown>
    const id = `${table} ${String(row[KEYS[table]])}`
    expect([op, rows.get(id) ?? null]).toEqual([op, op === 'r' ? null : before])
    expect(after === null).toBe(op === 'd')
    if (after === null) rows.delete(id)
    else rows.set(id, after)
  }
  for (const op of ['r', 'c', 'u']) expect(log.some((change) => change.op === op)).toBe(true)
  expect(log.filter(({ last }) => last === true).map(({ op }) => op)).toEqual(['r'])
})

test('balances are the sums of bookings, and never below what the account may owe', () => {
  const balances = new Map<string, number>()
  const overdrafts = new Map<string, number>()
  let booked = 0
  for (const { table, after } of log) {
    if (table === 'accounts' && after !== null && 'overdraft' in after)
      overdrafts.set(after.account_id, after.overdraft)
    if (table !== 'transactions' || after === null || !('balance_after' in after)) continue
    const balance = (balances.get(after.account_id) ?? 0) + (after.direction === 'in' ? after.amount : -after.amount)
    expect(after.balance_after).toBe(balance)
    expect(balance).toBeGreaterThanOrEqual(-(overdrafts.get(after.account_id) ?? 0))
    balances.set(after.account_id, balance)
    booked += 1
  }
  expect(booked).toBeGreaterThan(500)
})

test('takeovers pay in bursts, mostly to somebody new, and most are reported', () => {
  const reported = new Set(
    log.flatMap(({ after }) => (after !== null && 'report_id' in after ? [after.transaction_id] : [])),
  )
  expect(world.fraud.size).toBeGreaterThan(10)
  for (const id of reported) expect(world.fraud.has(id)).toBe(true)
  expect(reported.size).toBeGreaterThan(world.fraud.size / 2)
})

test('some accounts have just had their limit raised, and nothing has left them since', () => {
  expect(world.open.length).toBeGreaterThan(0)
  for (const account of world.open) {
    const customer = world.bank.database.find('accounts', account)?.customer_id
    const raised = log.findLast(
      ({ table, after }) =>
        table === 'customers' && after !== null && 'segment' in after && after.customer_id === customer,
    )
    expect(raised?.op).toBe('u')
    expect(UNTIL - (raised?.at ?? 0)).toBeLessThan(6 * 3_600_000_000)
    expect(world.bank.balance(account)).toBeGreaterThan(1_000_000)
  }
})

test('what does not fit is refused', () => {
  const database = new Database()
  const customer = {
    customer_id: 'C1',
    name: 'n',
    address: 'a',
    segment: 'basic',
    transfer_limit: 1,
    updated_at: 1,
  } as const
  database.commit(5, (write) => write.insert('customers', customer))
  expect(() => database.commit(4, () => {})).toThrow(BrokenChange)
  expect(() => database.commit(6, (write) => write.insert('customers', customer))).toThrow('already there')
  expect(() => database.commit(6, (write) => write.update('customers', 'C2', { name: 'x' }))).toThrow('has no C2')
  expect(() => database.commit(6, (write) => write.update('customers', 'C1', { customer_id: 'C3' }))).toThrow(
    'another key',
  )
  expect(() =>
    database.commit(6, (write) =>
      write.insert('accounts', {
        account_id: 'A',
        customer_id: 'C9',
        kind: 'current',
        overdraft: 0,
        status: 'open',
        opened_on: 1,
        updated_at: 6,
      }),
    ),
  ).toThrow('customers has no C9')
  expect(() => simulate({ seed: 1, until: UNTIL, customers: 1 })).toThrow(RangeError)
})
