import { sql } from '@martlet/warehouse'
import type { StandingKind } from './standing-kind.ts'

/** `ceil(n × share of values <= x)`: 1 the lowest; equal values share a part, so parts may differ in size. */
export const quantile: StandingKind = {
  name: 'quantile',
  type: 'bigint',
  divides: true,
  nullable: false,
  // Without a frame of its own, an ordered window ends behind the last of equal values. A quotient of whole numbers is
  // whole in doubles where it is whole, so nothing is rounded up by mistake.
  value: ({ leaves, x, parts, over }) =>
    sql`CEIL(${leaves.divide(sql`(${parts} * COUNT(*) ${over(x)})`, sql`COUNT(*) ${over()}`)})`,
}
