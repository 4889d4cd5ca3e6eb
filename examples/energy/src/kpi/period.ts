import type { RawBuilder } from 'kysely'
import { sql } from '@martlet/warehouse'

/** The instants `[from, to)`; without a bound, up to the end of the mart. */
export interface Period {
  readonly from?: Date
  readonly to?: Date
}

/** Whether a column of the fact is in the period. */
export function within({ from, to }: Period, ts: string): RawBuilder<boolean> {
  const bounds = [from && sql<boolean>`${sql.ref(ts)} >= ${from}`, to && sql<boolean>`${sql.ref(ts)} < ${to}`].filter(
    (bound) => bound !== undefined,
  )
  return bounds.length === 0 ? sql<boolean>`true` : sql<boolean>`${sql.join(bounds, sql` and `)}`
}
