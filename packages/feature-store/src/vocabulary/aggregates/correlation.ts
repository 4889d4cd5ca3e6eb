import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { Aggregate } from '../../define/features/aggregate.ts'
import { counted, fitting, isOutside } from '../algebra/fixed-point.ts'
import type { Group, GroupColumn } from '../algebra/group.ts'
import { isCancelled } from '../algebra/rounding.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'
import { groupSpread } from './variance.ts'

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
  plain: (group, x, y) => {
    const { leaves } = group
    const [a, b] = pairs(group, x, y)
    const value = group.aggregate(sql`CORR(${a.sql}, ${b.sql})`)
    // Without variation CORR is NaN, or what rounding left.
    return sql`
      CASE
        WHEN ${varies(group, a)} AND ${varies(group, b)} AND ${leaves.finite(value)} IS NOT NULL
        THEN ${withinOne(leaves, value)} END
    `
  },
  rounding: {
    applies: () => true,
    doubt: (group, x, y) => {
      const { aggregate } = group
      const [a, b] = pairs(group, x, y)
      const [of, other] = [groupSpread(group, a), groupSpread(group, b)]
      const products = sql`(${aggregate(sql`COVAR_POP(${a.sql}, ${b.sql})`)} * ${of.count})`
      const outside = [x, y].flatMap(({ sql: one, type }) =>
        type === 'double' ? [isOutside(aggregate(sql`SUM(${counted(one)})`))] : [],
      )
      const cancelled = [
        isCancelled(products, sql`SQRT(${of.magnitude} * ${other.magnitude})`, of.count),
        isCancelled(of.spread, sql`SQRT(${of.spread} * ${of.magnitude})`, of.count),
        isCancelled(other.spread, sql`SQRT(${other.spread} * ${other.magnitude})`, of.count),
      ]
      const doubtful = sql`(${varies(group, a)} AND ${varies(group, b)} AND (${sql.join(cancelled, sql` OR `)}))`
      return sql`(${sql.join([...outside, doubtful], sql` OR `)})`
    },
    careful: ({ products, reach, spread, otherReach, otherSpread }) => sql`
      CASE
        WHEN ${reach} > 0 AND ${otherReach} > 0
        THEN ${products} / (SQRT(${spread}) * SQRT(${otherSpread})) END
    `,
  },
}

/** Both columns where both have a value that fits: an event with only one of them is no pair. */
function pairs({ leaves }: Group, x: GroupColumn, y: GroupColumn): readonly [GroupColumn, GroupColumn] {
  const fits = ({ sql: one, type }: GroupColumn): Sql => (type === 'double' ? fitting(one) : one)
  const [a, b] = [fits(x), fits(y)]
  const pair = (one: Sql, other: Sql): GroupColumn => ({
    sql: sql`CASE WHEN ${other} IS NOT NULL THEN ${leaves.toDouble(one)} END`,
    type: 'double',
  })
  return [pair(a, b), pair(b, a)]
}

function varies({ aggregate }: Group, { sql: x }: GroupColumn): Sql {
  return sql`${aggregate(sql`MIN(${x})`)} < ${aggregate(sql`MAX(${x})`)}`
}

function withinOne(leaves: Leaves, value: Sql): Sql {
  return leaves.least(sql`1`, leaves.greatest(sql`-1`, value))
}
