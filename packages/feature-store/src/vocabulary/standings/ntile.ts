import { sql } from '@martlet/warehouse'
import type { StandingKind } from './standing-kind.ts'

/** Parts of equal size, 1 the lowest; of equal values the smaller key comes first, so that it is the same every time. */
export const ntile: StandingKind = {
  name: 'ntile',
  type: 'bigint',
  divides: true,
  nullable: false,
  value: ({ x, parts, over }) => sql`NTILE(${parts}) ${over(sql`${x}, e`)}`,
}
