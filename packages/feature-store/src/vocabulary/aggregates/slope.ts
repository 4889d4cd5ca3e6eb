import { sql, type Sql } from '@martlet/warehouse'
import type { NumberValue } from '../../define/expressions/event-row.ts'
import type { Aggregate } from '../../define/features/aggregate.ts'
import { MICROS_PER_DAY } from '../../plan/time/duration-text.ts'
import { isOutside } from '../algebra/fixed-point.ts'
import { real } from '../algebra/integer.ts'
import type { Group, GroupColumn } from '../algebra/group.ts'
import { isCancelled } from '../algebra/rounding.ts'
import type { WindowMoments } from '../algebra/window-moments.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import { meanNeeds } from './sum.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'
import { groupSpread, isConstant, magnitudeOf, meanOf } from './variance.ts'

const cannot = 'it has no slope'

export interface Slope<R> {
  /** The slope of the least-squares line through the values, per day; null with fewer than two instants. */
  slope<C extends NumberColumn<R>>(column: Numeric<R, C, typeof cannot> | NumberValue<R>): Aggregate<number | null, R>
}

export const slope: AggregateKind = {
  name: 'slope',
  arity: 1,
  empty: null,
  refuses: numbersOnly(cannot),
  type: () => 'double',
  plain: plainSlope,
  rounding: {
    applies: () => true,
    against: 'time',
    doubt: plainSlopeDoubt,
    careful: ({ products, reach, otherReach, otherSpread }) => sql`
      CASE
        WHEN ${otherReach} = 0 THEN NULL
        WHEN ${reach} = 0 THEN 0
        ELSE ${products} / ${otherSpread} * (${reach} / ${otherReach}) * ${sql.lit(MICROS_PER_DAY)} END
    `,
  },
  merged: {
    by: 'moments',
    edges: 'never',
    needs: (use) => [...meanNeeds(use), 'squares', 'changed', 'tau', 'tauSquared', 'products'],
    value: mergedSlope,
    doubt: mergedSlopeDoubt,
  },
}

/** From deviations of values and times from the group's own means; equal times have no slope, equal values none either. */
function plainSlope(group: Group, x: GroupColumn): Sql {
  const { aggregate } = group
  const time = sql`CASE WHEN ${x.sql} IS NOT NULL THEN ${group.time} END`
  const { products, times } = groupProducts(group, x)
  return sql`
    CASE
      WHEN ${aggregate(sql`MIN(${time})`)} < ${aggregate(sql`MAX(${time})`)}
      THEN
        CASE
          WHEN ${isConstant(group, x)} THEN 0
          ELSE ${products} / NULLIF(${times}, 0) * ${sql.lit(MICROS_PER_DAY)} END END
  `
}

function plainSlopeDoubt(group: Group, x: GroupColumn): Sql {
  const { magnitude, count, outside } = groupSpread(group, x)
  const { products, times, timeMagnitude } = groupProducts(group, x)
  const terms = sql`SQRT(${magnitude} * ${timeMagnitude})`
  return sql`
    (${outside} OR (${count} > 1 AND NOT (${isConstant(group, x)})
      AND (${isCancelled(products, terms, count)} OR ${isCancelled(times, sql`SQRT(${times} * ${timeMagnitude})`, count)})))
  `
}

/** Products of the deviations of values and times, the squared deviations of the times, and those from zero. */
function groupProducts(
  { aggregate, leaves, time, frame }: Group,
  { fit }: GroupColumn,
): { readonly products: Sql; readonly times: Sql; readonly timeMagnitude: Sql } {
  const value = leaves.toDouble(fit)
  const at = sql`CASE WHEN ${fit} IS NOT NULL THEN ${leaves.toDouble(time)} END`
  const count = aggregate(sql`COUNT(${value})`)
  const average = aggregate(sql`AVG(${at})`)
  const times = sql`(${aggregate(sql`VAR_POP(${at})`)} * ${count})`
  // Snowflake has no COVAR_POP over a frame.
  const products =
    frame === undefined
      ? sql`(${aggregate(sql`COVAR_POP(${value}, ${at})`)} * ${count})`
      : sql`(${aggregate(sql`SUM(${value} * ${at})`)} - ${aggregate(sql`SUM(${value})`)} * ${average})`
  return {
    products,
    times,
    timeMagnitude: sql`(${times} + ${count} * ${average} * ${average})`,
  }
}

function mergedSlope(window: WindowMoments): Sql {
  const count = window.count
  return sql`
    CASE
      WHEN ${count} < 2 OR ${timesOf(window)} = 0 THEN NULL
      WHEN ${window.isConstant} THEN 0
      ELSE ${productsOf(window)} / ${timesOf(window)} * ${sql.lit(MICROS_PER_DAY)} END
  `
}

function mergedSlopeDoubt(window: WindowMoments): Sql {
  const count = window.count
  const timesFromOrigin = window.leaves.toDouble(window.total('tauSquared'))
  const terms = sql`SQRT(${magnitudeOf(window)} * ${timesFromOrigin})`
  const products = productsOf(window)
  const rounded = sql`${count} * (${window.productUnit} + ${real(2e-18)} * SQRT(${timesFromOrigin}))`
  const outside = window.type === 'double' ? sql`${isOutside(window.total('counted'))} OR ` : sql``
  return sql`
    (${outside}(${count} > 1 AND NOT ${window.isConstant}
      AND (${isCancelled(products, terms, window.largestTile)} OR ABS(${products}) * ${real(1e-10)} < ${rounded})))
  `
}

/** Products of the deviations of values and times from the window's own means. */
function productsOf(window: WindowMoments): Sql {
  return window.named('crossed', 4, () => {
    const { leaves } = window
    const count = window.count
    const time = leaves.divide(window.total('tau'), count)
    const sum = sql`(${count} * (${meanOf(window)} - ${window.centre}))`
    return sql`(${leaves.toDouble(window.total('products'))} * ${window.productUnit} - ${sum} * ${time})`
  })
}

/** Squared deviations of the times from their mean. Times are exact integers, so equal times are seen as such. */
function timesOf(window: WindowMoments): Sql {
  const { leaves } = window
  const count = window.count
  const tau = window.total('tau')
  const wide = leaves.toWide(count)
  const middle = window.named('middle', 2, () => leaves.wideQuotient(tau, wide))
  return window.named('times', 3, () => {
    const rest = leaves.toDouble(sql`(${tau} - ${wide} * ${middle})`)
    const spread = sql`(${window.total('tauSquared')} - 2 * ${middle} * ${tau} + ${wide} * ${middle} * ${middle})`
    return sql`(${leaves.toDouble(spread)} - ${rest} * ${rest} / NULLIF(${count}, 0))`
  })
}
