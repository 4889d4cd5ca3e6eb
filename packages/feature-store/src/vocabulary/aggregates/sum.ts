import { sql, type ColumnType, type Sql } from '@martlet/warehouse'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { MomentKind } from '../algebra/moments.ts'
import type { MomentUse, WindowMoments } from '../algebra/window-moments.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'

const cannot = 'it cannot be summed'

export interface Sum<R> {
  /** 0 in an empty window; exact for whole numbers and decimals. */
  sum<C extends NumberColumn<R>>(column: Numeric<R, C, typeof cannot>): Aggregate<number, R>
}

export const sum: AggregateKind = {
  name: 'sum',
  arity: 1,
  empty: 0,
  grows: true,
  refuses: numbersOnly(cannot),
  type: sumType,
  plain: (group, x) => sql`COALESCE(${group.aggregate(sql`SUM(${x.sql})`)}, 0)`,
  merged: { by: 'moments', edges: 'always', needs: sumNeeds, value: sumValue },
}

function sumType(column: ColumnType): ColumnType {
  if (typeof column === 'object') return { decimal: [38, column.decimal[1]] }
  return column === 'double' ? 'double' : 'bigint'
}

/** The moments that {@link sumValue} asks for. */
export function sumNeeds({ type }: MomentUse): readonly MomentKind[] {
  return type === 'double' ? ['nonzero', 'sum'] : ['sum']
}

/** A sum of doubles is a difference of running sums, whose rounding must not make something of nothing but zeros. */
export function sumValue(window: WindowMoments): Sql {
  if (window.type !== 'double') return window.total('sum')
  return sql`CASE WHEN ${window.total('nonzero')} = 0 THEN 0 ELSE ${window.total('sum')} END`
}
