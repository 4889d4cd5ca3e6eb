import { sql } from '@martlet/warehouse'
import type { StandingKind } from './standing-kind.ts'

/** 1 is the greatest; equal values share the smallest rank. */
export const rank: StandingKind = {
  name: 'rank',
  type: 'bigint',
  nullable: false,
  value: ({ x, over }) => sql`RANK() ${over(sql`${x} DESC`)}`,
}
