import { leaf, type Leaf } from './leaf.ts'
import { sql, type Sql } from '../sql.ts'

export interface Series {
  /** The first integer; may refer to columns of earlier tables in FROM. */
  readonly from: Sql
  /** The integer after the last one. */
  readonly to: Sql
  readonly alias: string
  readonly column: string
}

/** The integers `from..to-1` as a FROM item after a table: `FROM t, series`. No rows when `to <= from` or either is null. */
export const series: Leaf<(range: Series) => Sql> = leaf({
  duckdb: ({ from, to, alias, column }) =>
    sql`UNNEST(range(CAST(${from} AS BIGINT), CAST(${to} AS BIGINT))) AS ${sql.id(alias)}(${sql.id(column)})`,
  snowflake: ({ from, to, alias, column }) => sql`
    LATERAL (
      SELECT CAST(VALUE AS NUMBER(19, 0)) AS ${sql.id(column)}
      FROM TABLE(FLATTEN(INPUT => ARRAY_GENERATE_RANGE(${from}, ${to})))
    ) AS ${sql.id(alias)}
  `,
})
