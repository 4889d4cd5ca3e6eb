import { sql, type Sql } from '@martlet/warehouse'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'

const cannot = 'it has no correlation'

export interface Correlation<R> {
  /** Pearson's, from -1 to 1; null with fewer than two pairs, and when one of the columns does not vary. */
  correlation<A extends NumberColumn<R>, B extends NumberColumn<R>>(
    x: Numeric<R, A, typeof cannot>,
    y: Numeric<R, B, typeof cannot>,
  ): Aggregate<number | null, R>
}

export const correlation: AggregateKind = {
  name: 'correlation',
  arity: 2,
  empty: null,
  refuses: numbersOnly(cannot),
  type: () => 'double',
  plain: (group, { sql: x }, { sql: y }) => {
    const { leaves } = group
    // An event with only one of its two values is no pair.
    const a = sql`CASE WHEN ${y} IS NOT NULL THEN ${leaves.toDouble(x)} END`
    const b = sql`CASE WHEN ${x} IS NOT NULL THEN ${leaves.toDouble(y)} END`
    const varies = (one: Sql): Sql => sql`${group.aggregate(sql`MIN(${one})`)} < ${group.aggregate(sql`MAX(${one})`)}`
    const value = group.aggregate(sql`CORR(${a}, ${b})`)
    // Without variation CORR is NaN, or what rounding left; it is NaN too where the squares of tiny values vanish.
    return sql`
      CASE
        WHEN ${varies(a)} AND ${varies(b)} AND ${leaves.finite(value)} IS NOT NULL
        THEN ${leaves.least(sql`1`, leaves.greatest(sql`-1`, value))} END
    `
  },
}
