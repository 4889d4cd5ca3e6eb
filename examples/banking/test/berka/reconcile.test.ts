import { openDuckDb } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { berkaIsThere, readBookings } from '../../src/berka/read-bookings.ts'
import { reconcile, ROUNDING, type Booking } from '../../src/berka/reconcile.ts'

const day = (date: string, ...rows: readonly (readonly [row: number, amount: number, balance: number])[]): Booking[] =>
  rows.map(([row, amount, balance]) => ({ row, account: 1, date, amount, balance }))

test('bookings of a day are put in the order of their balances, and what does not follow is named', () => {
  const bookings = [
    ...day('1993-01-01', [2, -200, 800], [1, 1000, 1000]),
    ...day('1993-01-02', [5, 50, 860], [3, 10, 810], [4, -10, 800], [6, 10, 810]),
    ...day('1993-01-03', [7, 100, 970]),
    ...day('1993-01-04', [8, 100, 9070]),
  ]
  expect(reconcile(bookings)).toEqual({
    bookings: 8,
    accounts: 1,
    exact: 6,
    breaks: [
      { row: 7, account: 1, date: '1993-01-03', cents: 10 },
      { row: 8, account: 1, date: '1993-01-04', cents: 8000 },
    ],
  })
})

/** Charges of March 31, 1994, before which interest was booked: these bookings are behind the row at which the file was cut off. */
const CUT_OFF = [
  47110, 47415, 47452, 47533, 47534, 47535, 47536, 47578, 47580, 47587, 48172, 48173, 48381, 48725, 48726, 48727, 48728,
  48822, 48823, 48982, 48983, 48984, 48995, 48996, 48997, 48998, 48999, 49083,
]

test.runIf(berkaIsThere)(
  'the bookings of the Czech bank reconcile to the cent, but for the rows that are named',
  async () => {
    await using warehouse = await openDuckDb()
    const bookings = await readBookings(warehouse)
    const { breaks, ...counts } = reconcile(bookings)
    expect(counts).toEqual({ bookings: 49_102, accounts: 1229, exact: 46_749 })
    const rounded = breaks.filter(({ cents }) => Math.abs(cents) === ROUNDING)
    const others = breaks.filter(({ cents }) => Math.abs(cents) !== ROUNDING)
    expect(rounded.length).toBe(2325)
    expect(others.map(({ row }) => row).toSorted((a, b) => a - b)).toEqual(CUT_OFF)
    for (const { date, cents } of others) expect([date, cents > 0]).toEqual(['1994-03-31', true])

    // Whatever the order: amounts and breaks of an account add up to a balance that its last day has stored.
    const sums = new Map<number, number>()
    const closing = new Map<number, { date: string; balances: number[] }>()
    for (const { account, date, amount, balance } of bookings) {
      sums.set(account, (sums.get(account) ?? 0) + amount)
      const last = closing.get(account)
      if (last?.date === date) last.balances.push(balance)
      else closing.set(account, { date, balances: [balance] })
    }
    for (const { account, cents } of breaks) sums.set(account, (sums.get(account) ?? 0) + cents)
    for (const [account, { balances }] of closing) expect(balances).toContain(sums.get(account))
  },
)
