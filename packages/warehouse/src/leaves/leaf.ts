import type { Engine } from '../engine.ts'

/** One piece of SQL, with a printer per engine. */
export type Leaf<Print> = Readonly<Record<Engine, Print>>

/** A printer per engine, or `standard` for every engine that has no printer of its own. */
type Printers<Print> = Leaf<Print> | ({ readonly standard: Print } & Partial<Leaf<Print>>)

/** A leaf from its printers. */
export function leaf<Print>(printers: Printers<Print>): Leaf<Print> {
  if (!('standard' in printers)) return printers
  const { standard, ...own } = printers
  return { duckdb: standard, snowflake: standard, ...own }
}
