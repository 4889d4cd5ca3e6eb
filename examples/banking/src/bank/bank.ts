import type { Cents } from './money.ts'
import type { Change } from './database.ts'
import { Database } from './database.ts'
import type { Intent } from './plan.ts'
import { DAY, type Account, type Customer, type Micros, type Transaction } from './rows.ts'

interface Book {
  balance: Cents
  sequence: number
  /** What left by web and mobile lately: time and amount. */
  sent: readonly (readonly [at: Micros, amount: Cents])[]
}

/** The bank's own rules over its database: an account pays only what it has, and no more a day than its customer may send. */
export class Bank {
  readonly database: Database = new Database()
  readonly #books = new Map<string, Book>()
  #transactions = 0
  #reports = 0

  join(at: Micros, customer: Customer, accounts: readonly Account[]): void {
    this.database.commit(at, (write) => {
      write.insert('customers', customer)
      for (const account of accounts) write.insert('accounts', account)
    })
    for (const { account_id } of accounts) this.#books.set(account_id, { balance: 0, sequence: 0, sent: [] })
  }

  change(at: Micros, customer: string, values: Partial<Omit<Customer, 'customer_id' | 'updated_at'>>): void {
    this.database.commit(at, (write) => write.update('customers', customer, { ...values, updated_at: at }))
  }

  set(at: Micros, account: string, values: Partial<Pick<Account, 'status' | 'overdraft'>>): void {
    this.database.commit(at, (write) => write.update('accounts', account, { ...values, updated_at: at }))
  }

  /** Removes an account that holds nothing. Its transactions stay. */
  close(at: Micros, account: string): boolean {
    if (this.balance(account) !== 0) return false
    this.database.commit(at, (write) => write.remove('accounts', account))
    return true
  }

  balance(account: string): Cents {
    return this.#books.get(account)?.balance ?? 0
  }

  /** Books a payment, or returns nothing where the account or its customer may not make it. */
  pay({ at, account, direction, amount, channel, counterparty, country }: Intent): Transaction | undefined {
    const row = this.database.find('accounts', account)
    const book = this.#books.get(account)
    if (row === undefined || book === undefined) return undefined
    const remote = direction === 'out' && (channel === 'web' || channel === 'mobile')
    const sent = remote ? [...book.sent.filter(([time]) => time > at - DAY), [at, amount] as const] : book.sent
    if (direction === 'out') {
      if (row.status === 'blocked' || book.balance - amount < -row.overdraft) return undefined
      const limit = this.database.find('customers', row.customer_id)?.transfer_limit ?? 0
      if (remote && sent.reduce((sum, [, one]) => sum + one, 0) > limit) return undefined
    }
    const transaction: Transaction = {
      transaction_id: this.#transactions + 1,
      account_id: account,
      sequence: book.sequence + 1,
      booked_at: at,
      direction,
      amount,
      channel,
      counterparty,
      country,
      balance_after: book.balance + (direction === 'in' ? amount : -amount),
    }
    this.database.commit(at, (write) => write.insert('transactions', transaction))
    this.#transactions += 1
    this.#books.set(account, { balance: transaction.balance_after, sequence: transaction.sequence, sent })
    return transaction
  }

  report(at: Micros, { transaction_id, account_id }: Transaction): void {
    this.#reports += 1
    this.database.commit(at, (write) =>
      write.insert('fraud_reports', { report_id: this.#reports, transaction_id, account_id, reported_at: at }),
    )
  }

  /** The change that booked a transaction: the newest one, if nothing else has happened since. */
  get newestChange(): Change | undefined {
    return this.database.log.at(-1)
  }
}
