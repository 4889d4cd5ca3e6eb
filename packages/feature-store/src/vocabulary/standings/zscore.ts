import { sql } from '@martlet/warehouse'
import type { StandingKind } from './standing-kind.ts'

/** Standard deviations (of the sample) above the mean; null where all values are equal. */
export const zscore: StandingKind = {
  name: 'zscore',
  type: 'double',
  scaled: true,
  nullable: true,
  value: ({ leaves, x, scaled, over }) => sql`
    CASE
      WHEN MIN(${x}) ${over()} < MAX(${x}) ${over()}
      THEN ${leaves.divide(sql`(${scaled} - AVG(${scaled}) ${over()})`, sql`STDDEV_SAMP(${scaled}) ${over()}`)} END
  `,
}
