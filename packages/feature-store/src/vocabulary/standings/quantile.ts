import { sql } from '@martlet/warehouse'
import type { StandingKind } from './standing-kind.ts'

/** `ceil(n × share of values <= x)`: 1 the lowest; equal values share a part, so parts may differ in size. */
export const quantile: StandingKind = {
  name: 'quantile',
  type: 'bigint',
  divides: true,
  nullable: false,
  // A frame by RANGE ends behind the last of equal values. A quotient of whole numbers is whole in doubles where it is
  // whole, so nothing is rounded up by mistake.
  value: ({ leaves, x, parts, over }) => {
    const upTo = over(sql`${x} ASC NULLS LAST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW`)
    return sql`CEIL(${leaves.divide(sql`(${parts} * COUNT(*) ${upTo})`, sql`COUNT(*) ${over()}`)})`
  },
}
