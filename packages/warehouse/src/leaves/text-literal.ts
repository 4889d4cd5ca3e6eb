import { leaf, type Leaf } from './leaf.ts'
import { sql, type Sql } from '../sql.ts'

/** Constant text for statements that cannot bind values, such as a view; each engine's compiler escapes it for its literals. */
export const textLiteral: Leaf<(value: string) => Sql> = leaf({
  standard: (value) => sql`${sql.lit(value)}`,
})
