import { leaf, type Leaf } from './leaf.ts'
import { sql, type Sql } from '../sql.ts'

export interface AsofJoin {
  /** An item of FROM, with its alias. */
  readonly left: Sql
  /** A table or subquery, with its alias. Of several rows with one key and time, the engine chooses one. */
  readonly right: Sql
  /**
   * Pairs of left and right key. The caller keeps out left rows whose key or time is null: DuckDB may match them with
   * the last row.
   */
  readonly on: readonly (readonly [left: Sql, right: Sql])[]
  readonly match: { readonly left: Sql; readonly operator: '>=' | '>' | '<=' | '<'; readonly right: Sql }
}

/** Every row of `left` once, with the nearest row of `right` on the given side in time, or with nulls. */
export const asofJoin: Leaf<(join: AsofJoin) => Sql> = leaf({
  duckdb: ({ left, right, on, match }) =>
    sql`${left} ASOF LEFT JOIN ${right} ON ${sql.join([...equalities(on), comparison(match)], sql` AND `)}`,
  snowflake: ({ left, right, on, match }) => {
    const keys = on.length === 0 ? sql`` : sql` ON ${sql.join(equalities(on), sql` AND `)}`
    return sql`${left} ASOF JOIN ${right} MATCH_CONDITION (${comparison(match)})${keys}`
  },
})

function equalities(on: AsofJoin['on']): readonly Sql[] {
  return on.map(([left, right]) => sql`${left} = ${right}`)
}

function comparison(match: AsofJoin['match']): Sql {
  return sql`${match.left} ${sql.raw(match.operator)} ${match.right}`
}
