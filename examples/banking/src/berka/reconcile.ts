import type { Cents } from '../bank/money.ts'

/** A booking as the file has it: what was moved, and the balance that was stored after it. */
export interface Booking {
  /** Its place in the original file. */
  readonly row: number
  readonly account: number
  readonly date: string
  readonly amount: Cents
  readonly balance: Cents
}

/** A booking whose stored balance is not the balance before it plus its amount. */
export interface Break {
  readonly row: number
  readonly account: number
  readonly date: string
  /** How much the balance had changed before this booking without any booking that says so. */
  readonly cents: Cents
}

export interface Reconciled {
  readonly bookings: number
  readonly accounts: number
  /** Bookings that continue the balance before them to the cent. */
  readonly exact: number
  readonly breaks: readonly Break[]
}

/**
 * Follows the balance of every account from 0 through its bookings. They are in the order of days, but not within one: of a day's
 * bookings that order is taken in which the stored balances continue each other most often.
 *
 * What it says is exact: the newest balance of an account is the sum of its amounts and of the breaks that are named, to the cent.
 *
 * @param bookings in the order of accounts, then of dates
 */
export function reconcile(bookings: readonly Booking[]): Reconciled {
  const breaks: Break[] = []
  const accounts = new Map<number, Cents>()
  for (let from = 0; from < bookings.length;) {
    const { account, date } = bookings[from] ?? { account: 0, date: '' }
    let to = from
    while (bookings[to]?.account === account && bookings[to]?.date === date) to++
    const day = bestOrder(accounts.get(account) ?? 0, bookings.slice(from, to))
    for (const { booking, cents } of day.breaks) breaks.push({ row: booking.row, account, date, cents })
    accounts.set(account, day.close)
    from = to
  }
  return { bookings: bookings.length, accounts: accounts.size, exact: bookings.length - breaks.length, breaks }
}

interface Order {
  readonly breaks: readonly { readonly booking: Booking; readonly cents: Cents }[]
  readonly close: Cents
}

/** Amounts are stored in tenths of a crown, so a break of this size is one of rounding. */
export const ROUNDING: Cents = 10

/** The order with the smallest breaks: a large one is worse than any number of roundings. */
function bestOrder(open: Cents, bookings: readonly Booking[]): Order {
  let best: Order = { breaks: [], close: open }
  let bestCost = Number.POSITIVE_INFINITY
  const walk = (balance: Cents, left: readonly Booking[], breaks: Order['breaks'], cost: number): void => {
    if (cost >= bestCost) return
    if (left.length === 0) {
      best = { breaks, close: balance }
      bestCost = cost
      return
    }
    // What continues the balance is tried first: mostly it is all that there is to try.
    const next = left.toSorted((a, b) => Math.abs(gap(balance, a)) - Math.abs(gap(balance, b)) || a.row - b.row)
    for (const booking of next) {
      const cents = gap(balance, booking)
      const rest = left.filter((one) => one !== booking)
      const broken = cents === 0 ? breaks : [...breaks, { booking, cents }]
      walk(booking.balance, rest, broken, cost + (cents === 0 ? 0 : Math.abs(cents) <= ROUNDING ? 1 : 1000))
    }
  }
  walk(open, bookings, [], 0)
  return best
}

function gap(balance: Cents, booking: Booking): Cents {
  return booking.balance - booking.amount - balance
}
