import { sql } from '@martlet/warehouse'
import type { StandingKind } from './standing-kind.ts'

/** The value divided by the sum of all; null where the sum is 0. */
export const share: StandingKind = {
  name: 'share',
  type: 'double',
  scaled: true,
  nullable: true,
  value: ({ leaves, scaled, over }) => leaves.divide(scaled, sql`SUM(${scaled}) ${over()}`),
}
