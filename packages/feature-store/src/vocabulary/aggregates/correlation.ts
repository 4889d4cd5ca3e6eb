import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { NumberValue } from '../../define/expressions/event-row.ts'
import type { Aggregate } from '../../define/features/aggregate.ts'
import { isOutside } from '../algebra/fixed-point.ts'
import type { Group, GroupColumn } from '../algebra/group.ts'
import { isCancelled } from '../algebra/rounding.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'

const cannot = 'it has no correlation'

export interface Correlation<R> {
  /** Pearson's, from -1 to 1; null with fewer than two pairs, and when one of the columns does not vary. */
  correlation<A extends NumberColumn<R>, B extends NumberColumn<R>>(
    x: Numeric<R, A, typeof cannot> | NumberValue<R>,
    y: Numeric<R, B, typeof cannot> | NumberValue<R>,
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
    const value = group.aggregate(sql`CORR(${a}, ${b})`)
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
      const count = aggregate(sql`COUNT(${a})`)
      const [of, other] = [deviations(group, a), deviations(group, b)]
      const products = sql`(${aggregate(sql`COVAR_POP(${a}, ${b})`)} * ${count})`
      const outside = [x, y].flatMap(({ counted, type }) =>
        type === 'double' ? [isOutside(aggregate(sql`SUM(${counted})`))] : [],
      )
      const cancelled = [
        isCancelled(products, sql`SQRT(${of.magnitude} * ${other.magnitude})`, count),
        isCancelled(of.spread, sql`SQRT(${of.spread} * ${of.magnitude})`, count),
        isCancelled(other.spread, sql`SQRT(${other.spread} * ${other.magnitude})`, count),
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
function pairs({ leaves }: Group, x: GroupColumn, y: GroupColumn): readonly [a: Sql, b: Sql] {
  const pair = (one: GroupColumn, other: GroupColumn): Sql =>
    sql`CASE WHEN ${other.fit} IS NOT NULL THEN ${leaves.toDouble(one.fit)} END`
  return [pair(x, y), pair(y, x)]
}

function deviations({ aggregate }: Group, value: Sql): { readonly spread: Sql; readonly magnitude: Sql } {
  const [count, mean] = [aggregate(sql`COUNT(${value})`), aggregate(sql`AVG(${value})`)]
  const spread = sql`(${aggregate(sql`VAR_POP(${value})`)} * ${count})`
  return { spread, magnitude: sql`(${spread} + ${count} * ${mean} * ${mean})` }
}

function varies({ aggregate }: Group, value: Sql): Sql {
  return sql`${aggregate(sql`MIN(${value})`)} < ${aggregate(sql`MAX(${value})`)}`
}

function withinOne(leaves: Leaves, value: Sql): Sql {
  return leaves.least(sql`1`, leaves.greatest(sql`-1`, value))
}
