import type { Leaf } from './leaf.ts'
import { sql, type Sql } from '../sql.ts'

export interface AsofJoin {
  /** What may stand in FROM, with its alias. */
  readonly left: Sql
  /** A table or subquery with its alias: at most one row for each key and time, or the choice is the engine's. */
  readonly right: Sql
  /** Pairs of left and right key. Left rows with a null key or time are the caller's to keep out: DuckDB may match them with the last row. */
  readonly on: readonly (readonly [left: Sql, right: Sql])[]
  readonly match: { readonly left: Sql; readonly operator: '>=' | '>' | '<=' | '<'; readonly right: Sql }
}

/** `left` with the nearest row of `right` on the given side in time, or nulls: every left row once. */
export const asofJoin: Leaf<(join: AsofJoin) => Sql> = {
  duckdb: ({ left, right, on, match }) =>
    sql`${left} ASOF LEFT JOIN ${right} ON ${sql.join([...equalities(on), comparison(match)], sql` AND `)}`,
  snowflake: ({ left, right, on, match }) => {
    const keys = on.length === 0 ? sql`` : sql` ON ${sql.join(equalities(on), sql` AND `)}`
    return sql`${left} ASOF JOIN ${right} MATCH_CONDITION (${comparison(match)})${keys}`
  },
}

function equalities(on: AsofJoin['on']): readonly Sql[] {
  return on.map(([left, right]) => sql`${left} = ${right}`)
}

function comparison(match: AsofJoin['match']): Sql {
  return sql`${match.left} ${sql.raw(match.operator)} ${match.right}`
}
