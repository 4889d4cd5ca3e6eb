import { leaf, type Leaf } from './leaf.ts'
import { sql, type Sql } from '../sql.ts'

/** Window: numbers rows from 1 in the order in which the engine reads them (on DuckDB a table's own order). */
export const rowNumber: Leaf<() => Sql> = leaf({
  standard: () => sql`ROW_NUMBER() OVER ()`,
  snowflake: () => sql`ROW_NUMBER() OVER (ORDER BY NULL)`,
})
