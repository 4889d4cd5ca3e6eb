import type { Warehouse } from '@martlet/warehouse'

/** The same warehouse under another engine's name, so that what is not DuckDB's own way is taken. */
export function otherEngine(warehouse: Warehouse): Warehouse {
  return {
    engine: 'snowflake',
    leaves: warehouse.leaves,
    db: warehouse.db,
    compile: (statement) => warehouse.compile(statement),
    read: (query, options) => warehouse.read(query, options),
    stream: (query, options) => warehouse.stream(query, options),
    run: (statement, options) => warehouse.run(statement, options),
    append: (table, batch) => warehouse.append(table, batch),
    introspect: (table) => warehouse.introspect(table),
    session: (work) => warehouse.session((session) => work(otherEngine(session))),
    transaction: (work) => warehouse.transaction((transaction) => work(otherEngine(transaction))),
    close: () => warehouse.close(),
    [Symbol.asyncDispose]: () => warehouse.close(),
  }
}
