import { sql, type Sql } from '@martlet/warehouse'
import type { NumberValue } from '../../define/expressions/event-row.ts'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { CarefulWindow } from '../algebra/careful-window.ts'
import { isOutside } from '../algebra/fixed-point.ts'
import { real } from '../algebra/integer.ts'
import type { Group, GroupColumn } from '../algebra/group.ts'
import type { MomentKind } from '../algebra/moments.ts'
import { isCancelled } from '../algebra/rounding.ts'
import type { MomentUse, WindowMoments } from '../algebra/window-moments.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import { meanNeeds, plainCount, plainTotal, sumValue } from './sum.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'

const cannot = 'it has no variance'

export interface Variance<R> {
  /** Of the sample (divided by n - 1); null with fewer than two values. */
  variance<C extends NumberColumn<R>>(
    column: Numeric<R, C, typeof cannot> | NumberValue<R>,
  ): Aggregate<number | null, R>
}

export const variance: AggregateKind = {
  name: 'variance',
  arity: 1,
  empty: null,
  continuous: true,
  refuses: numbersOnly(cannot),
  type: () => 'double',
  plain: plainVariance,
  rounding: {
    applies: () => true,
    doubt: plainVarianceDoubt,
    careful: (window) => sql`(${carefulVariance(window)} * ${window.reach} * ${window.reach})`,
  },
  merged: { by: 'moments', edges: 'never', needs: varianceNeeds, value: varianceValue, doubt: varianceDoubt },
}

/** Of the values that fit; exactly 0 where all are equal. */
export function plainVariance(group: Group, x: GroupColumn): Sql {
  const { spread, count } = groupSpread(group, x)
  return sql`
    CASE
      WHEN ${count} > 1
      THEN
        CASE
          WHEN ${isConstant(group, x)} THEN 0
          ELSE ${spread} / (${count} - 1) END END
  `
}

export function plainVarianceDoubt(group: Group, x: GroupColumn): Sql {
  const { spread, magnitude, count, outside } = groupSpread(group, x)
  return sql`
    (${outside} OR (${count} > 1 AND NOT (${isConstant(group, x)})
      AND ${isCancelled(spread, sql`SQRT(${spread} * ${magnitude})`, count)}))
  `
}

/** Whether all values of a group are equal. */
export function isConstant({ aggregate }: Group, { sql: x }: GroupColumn): Sql {
  return sql`${aggregate(sql`MIN(${x})`)} = ${aggregate(sql`MAX(${x})`)}`
}

/** Squared deviations of a group, and what decides how far rounding can have moved them. */
export function groupSpread(
  group: Group,
  x: GroupColumn,
): { readonly spread: Sql; readonly magnitude: Sql; readonly count: Sql; readonly outside: Sql } {
  const { aggregate, leaves } = group
  const isDouble = x.type === 'double'
  const total = aggregate(sql`SUM(${x.counted})`)
  const count = plainCount(group, x)
  const spread = sql`(${aggregate(sql`VAR_POP(${leaves.toDouble(x.fit)})`)} * ${count})`
  const sum = plainTotal(group, x)
  return {
    spread,
    magnitude: sql`(${spread} + ${sum} * ${sum} / NULLIF(${count}, 0))`,
    count,
    outside: isDouble ? isOutside(total) : sql`FALSE`,
  }
}

/** The moments that {@link varianceValue} and {@link varianceDoubt} ask for. */
export function varianceNeeds(use: MomentUse): readonly MomentKind[] {
  return [...meanNeeds(use), 'squares', 'changed']
}

/** From squared deviations from the entity's centre, moved to the window's own mean; exactly 0 where all are equal. */
export function varianceValue(window: WindowMoments): Sql {
  const count = window.count
  return sql`
    CASE
      WHEN ${count} < 2 THEN NULL
      WHEN ${window.isConstant} THEN 0
      ELSE ${spreadOf(window)} / (${count} - 1) END
  `
}

export function varianceDoubt(window: WindowMoments): Sql {
  return window.named('variance_doubt', 5, () => {
    const count = window.count
    const spread = spreadOf(window)
    const rounded = sql`(${count} * ${window.squareUnit} + ${real(2e-18)} * SQRT(${count} * ${squaresOf(window)}))`
    const terms = sql`SQRT(${squaresOf(window)} * ${magnitudeOf(window)})`
    const outside = window.type === 'double' ? sql`${isOutside(window.total('counted'))} OR ` : sql``
    return sql`
      (${outside}(${count} > 1 AND NOT ${window.isConstant}
        AND (${isCancelled(spread, terms, window.largestTile)} OR ${spread} * ${real(1e-10)} < ${rounded})))
    `
  })
}

/** Squared deviations from the window's own mean. */
function spreadOf(window: WindowMoments): Sql {
  return window.named('spread', 4, () => {
    const off = sql`(${meanOf(window)} - ${window.centre})`
    const spread = sql`(${squaresOf(window)} - ${window.count} * ${off} * ${off})`
    return window.leaves.greatest(sql`CAST(0 AS ${window.leaves.columnType('double')})`, spread)
  })
}

export function meanOf(window: WindowMoments): Sql {
  return window.named('mean', 3, () => window.leaves.divide(sumValue(window), window.count))
}

/** Squared deviations from the entity's centre. */
function squaresOf(window: WindowMoments): Sql {
  return window.named(
    'squared',
    2,
    () => sql`(${window.leaves.toDouble(window.total('squares'))} * ${window.squareUnit})`,
  )
}

/** No less than the squares of the values themselves. */
export function magnitudeOf(window: WindowMoments): Sql {
  return window.named('magnitude', 4, () => {
    const mean = meanOf(window)
    return sql`(${squaresOf(window)} + ${window.count} * ${mean} * ${mean})`
  })
}

/** The variance in units of `reach` squared. */
export function carefulVariance({ count, spread, reach }: CarefulWindow): Sql {
  return sql`
    CASE
      WHEN ${count} < 2 THEN NULL
      WHEN ${reach} = 0 THEN 0
      ELSE ${spread} / (${count} - 1) END
  `
}
