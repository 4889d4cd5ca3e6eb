import { sql } from '@martlet/warehouse'
import type { StandingKind } from './standing-kind.ts'

/** The share of the others that are below: 0 for the lowest, 1 for the greatest, 0 without others. */
export const percentRank: StandingKind = {
  name: 'percentRank',
  type: 'double',
  nullable: false,
  value: ({ leaves, x, over }) =>
    sql`COALESCE(${leaves.divide(sql`(RANK() ${over(x)} - 1)`, sql`(COUNT(*) ${over()} - 1)`)}, 0)`,
}
