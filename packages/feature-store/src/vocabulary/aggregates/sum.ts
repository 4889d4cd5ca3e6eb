import { sql, type ColumnType, type Sql } from '@martlet/warehouse'
import type { NumberValue } from '../../define/expressions/event-row.ts'
import type { Aggregate } from '../../define/features/aggregate.ts'
import { countOf, fromUnits, isRough } from '../algebra/fixed-point.ts'
import type { Group, GroupColumn } from '../algebra/group.ts'
import { ofType, type MomentKind } from '../algebra/moments.ts'
import type { MomentUse, WindowMoments } from '../algebra/window-moments.ts'
import { decimalSum, doubleSum, isSplitDecimal, type DecimalParts } from '../algebra/split-decimal.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'

const cannot = 'it cannot be summed'

export interface Sum<R> {
  /** 0 in an empty window; exact for whole numbers and decimals, and to nine digits for other numbers. */
  sum<C extends NumberColumn<R>>(column: Numeric<R, C, typeof cannot> | NumberValue<R>): Aggregate<number, R>
}

export const sum: AggregateKind = {
  name: 'sum',
  arity: 1,
  empty: 0,
  grows: true,
  continuous: true,
  refuses: numbersOnly(cannot),
  type: sumType,
  plain: plainSum,
  rounding: { applies: (type) => type === 'double', doubt: plainSumDoubt, careful: (window) => window.sum },
  merged: { by: 'moments', edges: 'always', needs: sumNeeds, value: exactSum, doubt: sumDoubt },
}

function sumType(column: ColumnType): ColumnType {
  if (typeof column === 'object') return { decimal: [38, column.decimal[1]] }
  return column === 'double' ? 'double' : 'bigint'
}

/** The sum of a group, without rounding where its values fit. */
export function plainSum(group: Group, x: GroupColumn): Sql {
  const { leaves } = group
  if (isSplitDecimal(x.type)) {
    const { high, low, rest } = groupParts(group, x)
    return sql`CASE WHEN ${high} IS NULL THEN 0 ELSE ${decimalSum(leaves, x.type, { high, low, rest })} END`
  }
  if (x.type !== 'double') return sql`COALESCE(${group.aggregate(sql`SUM(${x.sql})`)}, 0)`
  return sql`COALESCE(${fromUnits(leaves, group.aggregate(sql`SUM(${x.units})`))}, 0)`
}

/** The sum of a group as a double. */
export function plainTotal(group: Group, x: GroupColumn): Sql {
  if (!isSplitDecimal(x.type)) return group.leaves.toDouble(plainSum(group, x))
  return sql`COALESCE(${doubleSum(group.leaves, groupParts(group, x))}, 0)`
}

/** The number of values of a group. */
export function plainCount({ aggregate }: Group, x: GroupColumn): Sql {
  return x.type === 'double'
    ? sql`(${countOf(sql`COALESCE(${aggregate(sql`SUM(${x.counted})`)}, 0)`)})`
    : aggregate(sql`COUNT(${x.sql})`)
}

function groupParts({ aggregate }: Group, { parts }: GroupColumn): DecimalParts {
  const sum = (part: Sql): Sql => aggregate(sql`SUM(${part})`)
  return { high: sum(parts.high), low: sum(parts.low), rest: sum(parts.rest) }
}

export function plainSumDoubt(group: Group, x: GroupColumn): Sql {
  const { leaves } = group
  const units = group.aggregate(sql`SUM(${x.units})`)
  return isRough(leaves, sql`COALESCE(${units}, 0)`, group.aggregate(sql`SUM(${x.counted})`))
}

/** The moments that {@link sumValue} and {@link sumDoubt} ask for. */
export function sumNeeds({ type }: MomentUse): readonly MomentKind[] {
  return type === 'double' ? ['units', 'counted'] : ofType('sum', type)
}

/** The moments of a sum and of how many values it has. */
export function meanNeeds(use: MomentUse): readonly MomentKind[] {
  return use.type === 'double' ? sumNeeds(use) : ['count', ...sumNeeds(use)]
}

/** The sum in its own type: whole numbers and decimals keep their digits. */
function exactSum(window: WindowMoments): Sql {
  const { type } = window
  if (type === 'double') return sumValue(window)
  return isSplitDecimal(type) ? decimalSum(window.leaves, type, partsOf(window)) : window.total('sum')
}

/** The sum as a double. */
export function sumValue(window: WindowMoments): Sql {
  const { leaves, type } = window
  return window.named('total', 2, () => {
    if (type === 'double') return fromUnits(leaves, window.total('units'))
    return isSplitDecimal(type) ? doubleSum(leaves, partsOf(window)) : leaves.toDouble(window.total('sum'))
  })
}

function partsOf(window: WindowMoments): DecimalParts {
  return { high: window.total('high'), low: window.total('low'), rest: window.total('rest') }
}

export function sumDoubt(window: WindowMoments): Sql {
  return window.named('rough', 2, () => isRough(window.leaves, window.total('units'), window.total('counted')))
}
