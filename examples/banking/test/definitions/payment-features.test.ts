import { buildTrainingSet } from '@martlet/feature-store'
import { openDuckDb, rowsOf, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everyPayment, fraud, paymentFraud } from '../../definitions/index.ts'
import type { Change } from '../../src/bank/database.ts'
import { DAY, HOUR, MINUTE, SECOND, type Transaction } from '../../src/bank/rows.ts'
import { createTables } from '../support/bank-warehouse.ts'
import { fillPlainMart } from '../support/plain-mart.ts'
import { smallBank, UNTIL } from '../support/small-bank.ts'

interface Row extends Readonly<Record<string, unknown>> {
  readonly transaction_id: number
  readonly account_id: string
  readonly counterparty: string
  readonly at: Date
}

const { log } = smallBank().bank.database
const booked = log.flatMap(({ table, after }) => (table === 'transactions' ? [after as Transaction] : []))
let warehouse: Warehouse
let rows: readonly Row[]
beforeAll(async () => {
  warehouse = await openDuckDb({ threads: 1 })
  await createTables(warehouse)
  await fillPlainMart(warehouse, log)
  const set = await buildTrainingSet({
    warehouse,
    service: paymentFraud,
    spine: everyPayment,
    time: 'at',
    labels: [fraud],
    asOf: new Date(UNTIL / 1000),
  })
  rows = rowsOf<Row>(await set.read())
})
afterAll(() => warehouse.close())

const byId = new Map(booked.map((one) => [one.transaction_id, one]))
const timeOf = (row: Row): number => byId.get(row.transaction_id)?.booked_at ?? 0
/** Payments of an account before a row of the set, in a window whose start moves in steps. */
function paid(row: Row, window: number, hop: number): readonly Transaction[] {
  const at = timeOf(row)
  const from = Math.floor((at - window) / hop) * hop
  return booked.filter(
    ({ account_id, direction, booked_at }) =>
      account_id === row.account_id && direction === 'out' && booked_at >= from && booked_at < at,
  )
}
const sum = (of: readonly Transaction[]): number => of.reduce((cents, { amount }) => cents + amount, 0)

test('every payment by card, web or mobile has a row', () => {
  const wanted = booked.filter(
    ({ direction, channel }) => direction === 'out' && ['card', 'web', 'mobile'].includes(channel),
  )
  expect(rows.length).toBe(wanted.length)
  expect(rows.length).toBeGreaterThan(400)
})

test.each([
  ['5m', 5 * MINUTE, 5 * SECOND],
  ['1h', HOUR, MINUTE],
  ['24h', DAY, 30 * MINUTE],
  ['30d', 30 * DAY, 12 * HOUR],
])('velocity over %s is that of the window up to the payment', (name, window, hop) => {
  let busy = 0
  for (const row of rows) {
    const before = paid(row, window, hop)
    if (before.length > 0) busy += 1
    expect([row.transaction_id, row[`velocity__payments_${name}`]]).toEqual([row.transaction_id, before.length])
    expect(Number(row[`velocity__paid_${name}`])).toBeCloseTo(sum(before) / 100, 9)
  }
  expect(busy).toBeGreaterThan(10)
})

test('z-scores and ranks are those of the account’s own payments', () => {
  let compared = 0
  for (const row of rows) {
    const before = paid(row, 30 * DAY, 12 * HOUR).map(({ amount }) => amount / 100)
    if (before.length < 3) continue
    const mean = before.reduce((total, amount) => total + amount, 0) / before.length
    const spread = Math.sqrt(before.reduce((total, amount) => total + (amount - mean) ** 2, 0) / (before.length - 1))
    const amount = (byId.get(row.transaction_id)?.amount ?? 0) / 100
    expect(Number(row['payment__zscore'])).toBeCloseTo((amount - mean) / spread, 6)
    expect(Number(row['payment__over_largest'])).toBeCloseTo(amount / Math.max(...before), 9)
    compared += 1
    const rank = row['own_rank__percentile']
    if (rank === null) continue
    expect(Number(rank)).toBeGreaterThanOrEqual(0)
    expect(Number(rank)).toBeLessThanOrEqual(1)
  }
  expect(compared).toBeGreaterThan(200)
})

test('a counterparty is new until the account has paid it', () => {
  const news = rows.filter((row) => row['payment__new_counterparty'] === true)
  for (const row of rows) {
    const earlier = booked.filter(
      ({ account_id, counterparty, direction, booked_at }) =>
        account_id === row.account_id &&
        counterparty === row.counterparty &&
        direction === 'out' &&
        booked_at < timeOf(row),
    )
    expect([row.transaction_id, row['acquaintance__payments']]).toEqual([row.transaction_id, earlier.length])
    expect(row['payment__new_counterparty']).toBe(earlier.length === 0)
  }
  expect(news.length).toBeGreaterThan(20)
  expect(news.length).toBeLessThan(rows.length / 2)
})

test('changes of address and limit are known from the hour after them', () => {
  const changes = log.filter(({ table, op }) => table === 'customers' && op === 'u')
  let known = 0
  for (const row of rows) {
    const account = log.find(({ after }) => after !== null && 'kind' in after && after.account_id === row.account_id)
    const hour = Math.floor(timeOf(row) / HOUR) * HOUR
    const newest = changes.findLast((change) => change.at < hour && isOf(change, account) && raised(change))
    const age = newest === undefined ? null : (hour - newest.at) / DAY
    if (age !== null) known += 1
    const served = row['holder_history__limit_age']
    if (age === null || served === null) expect([row.transaction_id, served]).toEqual([row.transaction_id, age])
    else expect(Number(served)).toBeCloseTo(age, 9)
  }
  expect(known).toBeGreaterThan(10)
})

function isOf({ after }: Change, account: Change | undefined): boolean {
  const holder =
    account?.after !== null && account !== undefined && 'kind' in account.after ? account.after.customer_id : ''
  return after !== null && 'segment' in after && after.customer_id === holder
}

function raised({ before, after }: Change): boolean {
  return (
    before !== null &&
    after !== null &&
    'segment' in before &&
    'segment' in after &&
    after.transfer_limit > before.transfer_limit
  )
}

test('labels are the reports of the week after a payment, unknown while it has not passed', () => {
  const reports = new Map(
    log.flatMap(({ after }) => (after !== null && 'report_id' in after ? [[after.transaction_id, after]] : [])),
  )
  let frauds = 0
  for (const row of rows) {
    const reported = reports.get(row.transaction_id)?.reported_at
    const closed = timeOf(row) + 7 * DAY <= UNTIL
    const expected = closed ? reported !== undefined && reported < timeOf(row) + 7 * DAY : null
    expect([row.transaction_id, row['fraud']]).toEqual([row.transaction_id, expected])
    if (expected === true) frauds += 1
  }
  expect(frauds).toBeGreaterThan(5)
})
