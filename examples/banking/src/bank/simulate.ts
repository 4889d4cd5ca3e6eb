import { oneOf, randomOf, type Random } from '@martlet/example-logistics/random'
import { Bank } from './bank.ts'
import { bankShape, type BankOptions, type BankShape } from './options.ts'
import { person, randomAccounts, randomAddress, randomCustomer, randomHabits } from './people.ts'
import { instantOn, ordinaryIntents, type Intent } from './plan.ts'
import { DAY, HOUR, MINUTE, SEGMENTS, type Account, type Customer, type Micros, type Transaction } from './rows.ts'
import { randomTakeover, type Takeover } from './takeover.ts'

/** Payments of `[until, until + 1 day)` are planned, not made: for whoever goes on where the simulation stops. */
const AHEAD = DAY
/** So many takeovers have begun with a change, and their first payment is still to come. */
const OPEN = 4

export interface World {
  readonly shape: BankShape
  readonly bank: Bank
  /** Transactions that were not the holder's, reported or not. */
  readonly fraud: ReadonlySet<number>
  /** Accounts whose customer's limit was raised by somebody else in the last hours, and that nothing has left yet. */
  readonly open: readonly string[]
  /** What holders are going to pay in the day after the end. */
  readonly next: readonly Intent[]
}

interface Action {
  readonly at: Micros
  readonly run: () => void
}

/** A bank from the first to the last of its days. The same options give the same log of changes. */
export function simulate(options: BankOptions): World {
  const shape = bankShape(options)
  const { seed, start, until, customers, takeovers } = shape
  const bank = new Bank()
  const fraud = new Set<number>()
  const actions: Action[] = []
  const next: Intent[] = []
  const opened: Account[] = []
  const founded = start - DAY
  let accounts = 0
  for (let no = 1; no <= customers; no++) {
    const random = randomOf(seed, no)
    // A tenth comes later than the others.
    const joins = random.next() < 0.9 ? founded : start + Math.floor(random.next() * 0.8 * (until - start))
    const customer = randomCustomer(random, no, joins)
    const own = randomAccounts(random, customer, accounts + 1, joins)
    accounts += own.length
    opened.push(...own)
    actions.push({ at: joins, run: () => bank.join(joins, customer, own) })
    for (const account of own) {
      const { account_id } = account
      const paidIn = {
        at: Math.max(joins, start) + Math.floor(MINUTE + random.next() * HOUR),
        account: account_id,
        direction: 'in',
        channel: 'branch',
        country: 'CH',
      } as const
      const amount = Math.round((account.kind === 'savings' ? 900_000 : 300_000) * (0.3 + random.next()))
      actions.push({ at: paidIn.at, run: () => void bank.pay({ ...paidIn, amount, counterparty: 'opening' }) })
      const habits = randomHabits(random, customer, account)
      const from = Math.max(start, Math.ceil(joins / DAY) * DAY)
      for (const intent of ordinaryIntents(random, account_id, habits, from, until + AHEAD))
        if (intent.at >= until) next.push(intent)
        else actions.push({ at: intent.at, run: () => void bank.pay(intent) })
    }
    actions.push(...lifeOf(random, bank, customer, own, Math.max(start, joins + DAY), until))
  }
  const random = randomOf(seed, 0x7a4e0)
  const current = opened.filter(({ kind }) => kind === 'current')
  for (let left = takeovers; left > 0; left--) {
    const account = oneOf(random, current)
    const earliest = Math.max(start, account.updated_at + DAY)
    const at = earliest + Math.floor(random.next() * (until - 2 * DAY - earliest))
    if (at >= earliest)
      actions.push(...takeoverActions(randomTakeover(random, account, at), bank, fraud, random, until))
  }
  const open = current.filter(({ updated_at }) => updated_at === founded).slice(-OPEN)
  for (const account of open) {
    const at = until - Math.floor((2 + random.next() * 4) * HOUR)
    actions.push({ at, run: () => raiseLimit(bank, account, at, 3) })
    // Nothing keeps the account from being there, with money, when the payments come.
    const filled = { at: at - HOUR, account: account.account_id, direction: 'in', channel: 'standing' } as const
    const paidIn = { ...filled, amount: 1_500_000, counterparty: 'E9999', country: 'CH' } as const
    actions.push({ at: filled.at, run: () => void bank.pay(paidIn) })
    actions.push({ at: filled.at, run: () => bank.set(filled.at, account.account_id, { status: 'open' }) })
  }
  actions.push({ at: start, run: () => bank.database.capture(start) })
  for (const { run } of actions.toSorted((a, b) => a.at - b.at)) run()
  return {
    shape,
    bank,
    fraud,
    open: open.map(({ account_id }) => account_id),
    next: next.toSorted((a, b) => a.at - b.at || (a.account < b.account ? -1 : 1)),
  }
}

/** What happens to customers and accounts without anybody's ill will: much looks like a takeover, and is none. */
function lifeOf(
  random: Random,
  bank: Bank,
  { customer_id }: Customer,
  accounts: readonly Account[],
  from: Micros,
  until: Micros,
): readonly Action[] {
  const actions: Action[] = []
  for (let day = Math.ceil(from / DAY) * DAY; day < until - DAY; day += DAY) {
    const at = instantOn(random, day, false)
    const [kind, address] = [random.next(), randomAddress(random)]
    if (kind < 0.002) actions.push({ at, run: () => bank.change(at, customer_id, { address }) })
    else if (kind < 0.003)
      actions.push({ at, run: () => bank.change(at, customer_id, { segment: SEGMENTS[1 + (day % 2)] ?? 'plus' }) })
    else if (kind < 0.006) {
      // A higher limit for a large purchase, which follows soon.
      const [first] = accounts
      if (first === undefined) continue
      actions.push({ at, run: () => raiseLimit(bank, first, at, 2) })
      const later = at + Math.floor((0.2 + random.next() * 40) * HOUR)
      const [share, to] = [0.2 + random.next() * 0.5, person(random)]
      const purchase = { at: later, account: first.account_id, direction: 'out', channel: 'web' } as const
      const pay = (): void =>
        void bank.pay({ ...purchase, counterparty: to, country: 'CH', amount: shareOf(bank, first.account_id, share) })
      if (later < until) actions.push({ at: later, run: pay })
    } else if (kind < 0.0065) {
      // A savings account is emptied and closed.
      const savings = accounts.find((one) => one.kind === 'savings')
      if (savings === undefined) continue
      const { account_id: account } = savings
      const emptied = { at, account, direction: 'out', channel: 'branch', counterparty: 'cash', country: 'CH' } as const
      actions.push({ at, run: () => void bank.pay({ ...emptied, amount: Math.max(1, bank.balance(account)) }) })
      actions.push({ at: at + MINUTE, run: () => void bank.close(at + MINUTE, account) })
    }
  }
  return actions
}

function takeoverActions(
  { account, at, changes, grabs, reportedAt }: Takeover,
  bank: Bank,
  fraud: Set<number>,
  random: Random,
  until: Micros,
): readonly Action[] {
  const { account_id, customer_id } = account
  const booked: Transaction[] = []
  const address = randomAddress(random)
  const actions: Action[] = []
  if (changes.includes('address')) actions.push({ at, run: () => bank.change(at, customer_id, { address }) })
  if (changes.includes('limit')) actions.push({ at: at + MINUTE, run: () => raiseLimit(bank, account, at + MINUTE, 3) })
  for (const { share, ...grab } of grabs)
    actions.push({
      at: grab.at,
      run: () => {
        const amount = shareOf(bank, account_id, share)
        const done = amount < 1000 ? undefined : bank.pay({ ...grab, account: account_id, direction: 'out', amount })
        if (done === undefined) return
        fraud.add(done.transaction_id)
        booked.push(done)
      },
    })
  if (reportedAt === undefined) return actions
  actions.push({
    at: reportedAt,
    run: () => {
      for (const transaction of booked) bank.report(reportedAt, transaction)
      if (bank.database.find('accounts', account_id) !== undefined)
        bank.set(reportedAt, account_id, { status: 'blocked' })
    },
  })
  const freed = reportedAt + 2 * DAY
  actions.push({
    at: freed,
    run: () => {
      if (bank.database.find('accounts', account_id) !== undefined) bank.set(freed, account_id, { status: 'open' })
    },
  })
  return actions.filter((action) => action.at < until)
}

function raiseLimit(bank: Bank, { customer_id }: Account, at: Micros, times: number): void {
  const limit = bank.database.find('customers', customer_id)?.transfer_limit ?? 0
  bank.change(at, customer_id, { transfer_limit: Math.min(limit * times, 5_000_000) })
}

function shareOf(bank: Bank, account: string, share: number): number {
  return Math.max(1, Math.round(bank.balance(account) * share))
}
