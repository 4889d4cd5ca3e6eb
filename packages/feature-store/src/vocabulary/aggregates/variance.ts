import { sql, type Sql } from '@martlet/warehouse'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { MomentKind } from '../algebra/moments.ts'
import type { MomentUse, WindowMoments } from '../algebra/window-moments.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'

const cannot = 'it has no variance'

export interface Variance<R> {
  /** Of the sample (divided by n - 1); null with fewer than two values. */
  variance<C extends NumberColumn<R>>(column: Numeric<R, C, typeof cannot>): Aggregate<number | null, R>
}

export const variance: AggregateKind = {
  name: 'variance',
  arity: 1,
  empty: null,
  refuses: numbersOnly(cannot),
  type: () => 'double',
  plain: (group, x) => group.aggregate(sql`VAR_SAMP(${group.leaves.toDouble(x.sql)})`),
  merged: { by: 'moments', edges: 'always', needs: varianceNeeds, value: varianceValue },
}

/** The moments that {@link varianceValue} asks for. */
export function varianceNeeds(use: MomentUse): readonly MomentKind[] {
  const equal: readonly MomentKind[] = byLevels(use) ? ['levelSquared', 'level'] : ['min', 'max']
  return ['count', 'centredSum', 'centredSquares', ...equal]
}

/** From sums of deviations from the entity's own mean; exactly 0 where all values are equal. */
export function varianceValue(window: WindowMoments): Sql {
  const { leaves } = window
  const count = window.total('count')
  const sum = window.total('centredSum')
  const spread = sql`(${window.total('centredSquares')} - ${sum} * ${sum} / ${count}) / (${count} - 1)`
  return sql`
    CASE
      WHEN ${count} < 2 THEN NULL
      WHEN ${allEqual(window)} THEN 0
      ELSE ${leaves.greatest(sql`CAST(0 AS ${leaves.columnType('double')})`, spread)} END
  `
}

/** Whether all values of a window are equal, exactly: its extremes are, or n·Σl² = (Σl)² for the values' numbers l. */
function allEqual(window: WindowMoments): Sql {
  if (!byLevels(window)) return sql`${window.merged('min')} = ${window.merged('max')}`
  const counted = window.leaves.toWide(window.total('count'))
  const squared = window.total('levelSquared')
  const level = window.total('level')
  return sql`${counted} * ${squared} = ${level} * ${level}`
}

/** Without frames the extremes of a window that begins cannot be had. */
function byLevels({ span, framed }: MomentUse): boolean {
  return span.width !== null && !framed
}
