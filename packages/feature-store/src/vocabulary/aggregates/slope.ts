import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { Aggregate } from '../../define/features/aggregate.ts'
import { MICROS_PER_DAY } from '../../plan/time/duration-text.ts'
import type { Group } from '../algebra/group.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'

const cannot = 'it has no slope'

export interface Slope<R> {
  /** The slope of the least-squares line through the values, per day; null with fewer than two instants. */
  slope<C extends NumberColumn<R>>(column: Numeric<R, C, typeof cannot>): Aggregate<number | null, R>
}

export const slope: AggregateKind = {
  name: 'slope',
  arity: 1,
  empty: null,
  refuses: numbersOnly(cannot),
  type: () => 'double',
  plain: (group, x) => (group.frame === undefined ? groupSlope(group.leaves, x.sql) : frameSlope(group, x.sql)),
  merged: {
    by: 'moments',
    edges: 'always',
    needs: () => ['count', 'tau', 'tauSquared', 'centredSum', 'centredTau'],
    value: (window) =>
      slopeOf(window.leaves, {
        count: window.total('count'),
        tau: window.total('tau'),
        tauSquared: window.total('tauSquared'),
        sum: window.total('centredSum'),
        valueTau: window.total('centredTau'),
      }),
  },
}

/** REGR_SLOPE divides by zero to NaN when all times are equal; a slope needs two times. */
function groupSlope(leaves: Leaves, x: Sql): Sql {
  const time = sql`CASE WHEN ${x} IS NOT NULL THEN v.us END`
  const days = sql`(${leaves.toDouble(sql`v.us - p.t`)} / ${sql.lit(MICROS_PER_DAY)})`
  return sql`CASE WHEN MIN(${time}) = MAX(${time}) THEN NULL ELSE REGR_SLOPE(${leaves.toDouble(x)}, ${days}) END`
}

function frameSlope(group: Group, x: Sql): Sql {
  const { leaves } = group
  const tau = leaves.toWide(sql`CASE WHEN ${x} IS NOT NULL THEN tau END`)
  return slopeOf(leaves, {
    count: group.aggregate(sql`COUNT(${x})`),
    tau: group.aggregate(sql`SUM(${tau})`),
    tauSquared: group.aggregate(sql`SUM(${tau} * ${tau})`),
    sum: group.aggregate(sql`SUM(${leaves.toDouble(x)})`),
    valueTau: group.aggregate(sql`SUM(${leaves.toDouble(x)} * ${leaves.toDouble(sql`tau`)})`),
  })
}

interface SlopeSums {
  readonly count: Sql
  readonly tau: Sql
  readonly tauSquared: Sql
  readonly sum: Sql
  readonly valueTau: Sql
}

/** Times are exact integers, so equal times are seen as such. */
function slopeOf(leaves: Leaves, { count, tau, tauSquared, sum, valueTau }: SlopeSums): Sql {
  const wide = leaves.toWide(count)
  const middle = leaves.wideQuotient(tau, wide)
  const rest = leaves.toDouble(sql`(${tau} - ${wide} * ${middle})`)
  const spread = sql`(${tauSquared} - 2 * ${middle} * ${tau} + ${wide} * ${middle} * ${middle})`
  const times = sql`(${leaves.toDouble(spread)} - ${rest} * ${rest} / ${count})`
  const products = sql`(${valueTau} - ${sum} * (${leaves.toDouble(tau)} / ${count}))`
  return sql`
    CASE
      WHEN ${count} < 2 OR ${spread} = 0 THEN NULL
      ELSE ${products} / ${times} * ${sql.lit(MICROS_PER_DAY)} END
  `
}
