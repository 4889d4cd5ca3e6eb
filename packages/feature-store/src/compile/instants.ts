import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { integer } from '../vocabulary/algebra/integer.ts'

/** Snowflake takes no longer list in VALUES. */
const VALUES_ROWS = 16_384

/** Feature times as a table with one column `t`. */
export function instantsSql(leaves: Leaves, instants: readonly bigint[]): Sql {
  const lists = Array.from({ length: Math.ceil(instants.length / VALUES_ROWS) }, (_, i) =>
    instants.slice(i * VALUES_ROWS, (i + 1) * VALUES_ROWS),
  )
  const tables = lists.map((list) => {
    const rows = sql.join(list.map((t) => sql`(${integer(t)})`))
    return sql`
      SELECT CAST(column_t AS ${leaves.columnType('bigint')}) AS t
      FROM (VALUES ${rows}) AS instants(column_t)
    `
  })
  return sql.join(tables, sql` UNION ALL `)
}
