import { KEYS, type Micros, type TableName, type Tables } from './rows.ts'

/** One row as one transaction changed it. */
export interface Change<T extends TableName = TableName> {
  readonly table: T
  /** Created, updated, deleted, or read by the snapshot with which capturing began. */
  readonly op: 'c' | 'u' | 'd' | 'r'
  readonly before: Tables[T] | null
  readonly after: Tables[T] | null
  /** When the transaction committed. */
  readonly at: Micros
  readonly transaction: number
  /** The place of the change in the log of the database; grows with every change. */
  readonly lsn: number
  /** Of a snapshot: whether it is the last row of all. */
  readonly last?: boolean
}

type Stored = { readonly [T in TableName]: Map<string | number, Tables[T]> }

/** A row is not what a change takes it for: a fault of whoever wrote the change. */
export class BrokenChange extends Error {
  override readonly name = 'BrokenChange'
}

/** A database of a few tables with primary and foreign keys, that logs every change of a row in the order of commits. */
export class Database {
  readonly #tables: Stored = {
    customers: new Map(),
    accounts: new Map(),
    transactions: new Map(),
    fraud_reports: new Map(),
  }
  readonly #log: Change[] = []
  #capturing = false
  #committed: Micros = 0
  #transaction = 700
  #lsn = 24_000_000

  /** Changes since capturing began, in the order in which they were committed. */
  get log(): readonly Change[] {
    return this.#log
  }

  rows<T extends TableName>(table: T): IterableIterator<Tables[T]> {
    return this.#tables[table].values()
  }

  find<T extends TableName>(table: T, key: string | number): Tables[T] | undefined {
    return this.#tables[table].get(key)
  }

  /** Everything that is there is read, table by table; from now on every change is logged. */
  capture(at: Micros): void {
    const rows = (Object.keys(KEYS) as TableName[]).flatMap((table) =>
      [...this.rows(table)].map((row) => [table, row] as const),
    )
    for (const [index, [table, row]] of rows.entries()) {
      this.#write({ table, op: 'r', before: null, after: row, at, last: index === rows.length - 1 })
    }
    this.#committed = at
    this.#capturing = true
  }

  /**
   * Runs several changes as one transaction: all are logged with its time and number.
   *
   * @throws BrokenChange when time runs backwards
   */
  commit(at: Micros, change: (write: Writer) => void): void {
    if (at < this.#committed) throw new BrokenChange(`a commit at ${at} follows one at ${this.#committed}`)
    this.#committed = at
    this.#transaction += 1
    change({
      insert: (table, row) => {
        const key = this.#keyOf(table, row)
        if (this.#tables[table].has(key)) throw new BrokenChange(`${table} ${key} is already there`)
        this.#references(table, row)
        this.#tables[table].set(key, row)
        this.#logged({ table, op: 'c', before: null, after: row, at })
      },
      update: (table, key, values) => {
        const before = this.#existing(table, key)
        const after = { ...before, ...values }
        if (this.#keyOf(table, after) !== key) throw new BrokenChange(`${table} ${key} would get another key`)
        this.#tables[table].set(key, after)
        this.#logged({ table, op: 'u', before, after, at })
      },
      remove: (table, key) => {
        const before = this.#existing(table, key)
        this.#tables[table].delete(key)
        this.#logged({ table, op: 'd', before, after: null, at })
      },
    })
  }

  #existing<T extends TableName>(table: T, key: string | number): Tables[T] {
    const row = this.#tables[table].get(key)
    if (row === undefined) throw new BrokenChange(`${table} has no ${key}`)
    return row
  }

  #keyOf<T extends TableName>(table: T, row: Tables[T]): string | number {
    return (row as unknown as Record<string, string | number>)[KEYS[table]] ?? ''
  }

  #references<T extends TableName>(table: T, row: Tables[T]): void {
    if (table === 'accounts') this.#existing('customers', (row as Tables['accounts']).customer_id)
    if (table === 'transactions') this.#existing('accounts', (row as Tables['transactions']).account_id)
    if (table === 'fraud_reports') this.#existing('transactions', (row as Tables['fraud_reports']).transaction_id)
  }

  #logged(change: Omit<Change, 'lsn' | 'transaction'>): void {
    if (this.#capturing) this.#write(change)
  }

  #write(change: Omit<Change, 'lsn' | 'transaction'>): void {
    // As in a real log, records have different lengths.
    this.#lsn += 56 + ((this.#lsn * 7) % 13) * 24
    this.#log.push({ ...change, transaction: this.#transaction, lsn: this.#lsn })
  }
}

/** What may be done within a transaction. */
export interface Writer {
  /** @throws BrokenChange when the row is there, or one that it refers to is not */
  insert<T extends TableName>(table: T, row: Tables[T]): void
  /** @throws BrokenChange when there is no such row */
  update<T extends TableName>(table: T, key: string | number, values: Partial<Tables[T]>): void
  /** @throws BrokenChange when there is no such row */
  remove(table: TableName, key: string | number): void
}
