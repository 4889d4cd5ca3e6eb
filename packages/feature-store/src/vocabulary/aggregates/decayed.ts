import { sql } from '@martlet/warehouse'
import type { NumberValue } from '../../define/expressions/event-row.ts'
import type { Decaying } from '../../define/features/decaying.ts'
import type { Duration } from '../../define/duration.ts'
import { durationText } from '../../plan/time/duration-text.ts'
import { integer } from '../algebra/integer.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'

const cannot = 'it cannot be summed'
/** 2^-2200 of the largest double is 0. */
const GONE = -2200

export interface Decayed<R> {
  /** The sum of everything before T, each value halved for every half-life that has passed since; 0 without any. */
  decayed<C extends NumberColumn<R>>(
    column: Numeric<R, C, typeof cannot> | NumberValue<R>,
    options: { readonly halfLife: Duration },
  ): Decaying<number, R>
}

export const decayed: AggregateKind = {
  name: 'decayed',
  arity: 1,
  empty: 0,
  grows: true,
  onlyLifetime: true,
  refuses: numbersOnly(cannot),
  parameters: ([options], duration) => {
    if (typeof options !== 'object' || options === null || !('halfLife' in options))
      return `decayed takes a half-life, like f.decayed('kwh', { halfLife: '7d' })`
    return { halfLife: duration(options.halfLife, 'half-life') }
  },
  parameterWords: ({ halfLife = 0 }) => [`half-life ${durationText(halfLife)}`],
  type: () => 'double',
  plain: ({ aggregate, leaves, time }, x, _, { halfLife = NaN }) => {
    const halvings = sql`(${leaves.toDouble(time)} / ${integer(halfLife)})`
    // Half of them twice: the least weights alone would have fewer digits than a double.
    const half = sql`POWER(CAST(2 AS DOUBLE), ${halvings} / 2)`
    const value = leaves.toDouble(x.sql)
    const left = sql`CASE WHEN ${halvings} > ${integer(GONE)} THEN ${value} * ${half} * ${half} ELSE ${value} * 0 END`
    const count = aggregate(sql`COUNT(${x.sql})`)
    return sql`CASE WHEN ${count} = 0 THEN 0 ELSE ${leaves.finite(aggregate(sql`SUM(${left})`))} END`
  },
}
