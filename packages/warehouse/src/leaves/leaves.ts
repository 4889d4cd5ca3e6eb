import type { Engine } from '../engine.ts'
import type { Leaf } from './leaf.ts'
import * as list from './list.ts'

type Printed<Leaves> = { readonly [Name in keyof Leaves]: Leaves[Name] extends Leaf<infer Print> ? Print : never }

/** The pieces of SQL that differ between engines, as one of them prints them: each takes and returns `Sql`. */
export interface Leaves extends Printed<typeof list> {}

/** Every leaf as an engine prints it. */
export function leavesFor(engine: Engine): Leaves {
  // Object.entries forgets which printer belongs to which name; each name keeps its own leaf here.
  return Object.fromEntries(Object.entries(list).map(([name, leaf]) => [name, leaf[engine]])) as unknown as Leaves
}

export const duckDbLeaves: Leaves = leavesFor('duckdb')

/** The leaves as Snowflake's documentation reads; no Snowflake account has run them. */
export const snowflakeLeaves: Leaves = leavesFor('snowflake')
