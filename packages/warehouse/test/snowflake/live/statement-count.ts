import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { Warehouse } from '@martlet/warehouse'

/** Where the counts of one run are put together: scripts/test-live.ts names it. */
const folder = process.env['MARTLET_LIVE_COUNTS'] ?? ''

let statements = 0
let files = 0

/** Counts the calls that send statements, since each costs credits; those of sessions and transactions, too. */
export function counted(inner: Warehouse): Warehouse {
  const count = <T>(work: () => T): T => {
    statements++
    return work()
  }
  return {
    engine: inner.engine,
    leaves: inner.leaves,
    db: inner.db,
    compile: (statement) => inner.compile(statement),
    read: (query, options) => count(() => inner.read(query, options)),
    stream: (query, options) => count(() => inner.stream(query, options)),
    run: (statement, options) => count(() => inner.run(statement, options)),
    append: (table, batch) => count(() => inner.append(table, batch)),
    introspect: (table) => count(() => inner.introspect(table)),
    session: (work) => inner.session((session) => work(counted(session))),
    transaction: (work) => inner.transaction((transaction) => work(counted(transaction))),
    close: () => inner.close(),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  }
}

/** Keeps what was counted in this process so far. */
export function keepCount(): void {
  if (folder === '') return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${process.pid}-${++files}.json`), JSON.stringify({ statements }))
  statements = 0
}
