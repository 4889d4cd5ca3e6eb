import { sql, type Sql } from '@martlet/warehouse'
import type { NumberValue } from '../../define/expressions/event-row.ts'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { Approximation } from '../../define/features/approximation.ts'
import type { AggregateParameters } from '../../plan/feature-plan.ts'
import type { Group, GroupColumn } from '../algebra/group.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'

const cannot = 'it has no percentiles'

export interface Percentile<R> {
  /** The value below which a share p of the values lies, interpolated between the two nearest; null in an empty window. */
  percentile<C extends NumberColumn<R>, const P extends number>(
    column: Numeric<R, C, typeof cannot> | NumberValue<R>,
    p: Share<P>,
    options?: Approximation,
  ): Aggregate<number | null, R>
}

/** A share from 0 to 1, as far as its type tells. */
type Share<P extends number> = `${P}` extends `0.${string}` | `${string}e-${string}` | '0' | '1'
  ? P
  : number extends P
    ? P
    : `a percentile is a share from 0 to 1, such as 0.9, and not ${P}`

export const percentile: AggregateKind = {
  name: 'percentile',
  arity: 1,
  empty: null,
  refuses: numbersOnly(cannot),
  parameters: ([p]) =>
    typeof p === 'number' && p >= 0 && p <= 1
      ? { p }
      : `a percentile is a share from 0 to 1, such as 0.9, and not ${String(p)}`,
  parameterWords: ({ p }) => [String(p)],
  type: () => 'double',
  plain: (group, x, _, parameters) => plainPercentile(group, x, parameters),
  approximate: approximatePercentile,
}

export function plainPercentile({ aggregate, leaves }: Group, x: GroupColumn, { p }: AggregateParameters): Sql {
  const [value] = leaves.quantiles(x.sql, [p ?? NaN])
  // Two values may lie further apart than any double.
  return leaves.finite(aggregate(value ?? sql`NULL`))
}

export function approximatePercentile({ aggregate, leaves }: Group, x: GroupColumn, { p }: AggregateParameters): Sql {
  return leaves.finite(aggregate(leaves.approximateQuantile(x.sql, p ?? NaN)))
}
