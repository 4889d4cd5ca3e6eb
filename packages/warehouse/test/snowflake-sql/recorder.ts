import type { Sql, Warehouse } from '@martlet/warehouse'
import { dualLeaves } from './dual-leaves.ts'
import { snowflakeText } from './snowflake-texts.ts'

export interface Recorder {
  /** Runs everything on the DuckDB warehouse given; statements are made of both engines' leaves. */
  readonly warehouse: Warehouse
  /** What each statement that was run or compiled reads like on Snowflake, once each. */
  readonly texts: ReadonlySet<string>
}

/** Whether a test set a statement up by itself, in DuckDB's words. */
export type Foreign = (text: string) => boolean

/** A warehouse that runs on DuckDB and keeps the Snowflake text of every statement that goes through it. */
export function recordSnowflake(duckdb: Warehouse, foreign: Foreign = () => false): Recorder {
  const texts = new Set<string>()
  const keep = <T extends Sql>(statement: T): T => {
    const text = snowflakeText(statement)
    if (!foreign(text)) texts.add(text)
    return statement
  }
  return { warehouse: recording(duckdb, keep), texts }
}

function recording(inner: Warehouse, keep: (statement: Sql) => Sql): Warehouse {
  const wrap = (one: Warehouse): Warehouse => recording(one, keep)
  return {
    engine: inner.engine,
    leaves: dualLeaves,
    db: inner.db,
    compile: (statement) => inner.compile(keep(statement)),
    read: (query, options) => inner.read(keep(query), options),
    stream: (query, options) => inner.stream(keep(query), options),
    run: (statement, options) => inner.run(keep(statement), options),
    append: (table, batch) => inner.append(table, batch),
    introspect: (table) => inner.introspect(table),
    session: (work) => inner.session((session) => work(wrap(session))),
    transaction: (work) => inner.transaction((transaction) => work(wrap(transaction))),
    close: () => inner.close(),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  }
}
