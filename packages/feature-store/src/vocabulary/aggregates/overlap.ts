import { sql } from '@martlet/warehouse'
import type { OnIntervals } from '../../define/features/intervals.ts'
import type { Overlapping } from '../../define/features/overlapping.ts'
import { MICROS_PER_DAY } from '../../plan/time/duration-text.ts'
import { integer } from '../algebra/integer.ts'
import type { AggregateKind } from './aggregate-kind.ts'

export interface Overlap<R> {
  /**
   * The days of a window, with fractions, that intervals cover: of several at once the sum, or with `union: true` each
   * moment once. 0 where none does.
   */
  overlap(this: OnIntervals<R>, options?: { readonly union?: boolean }): Overlapping<R>
}

export const overlap: AggregateKind = {
  name: 'overlap',
  arity: 0,
  empty: 0,
  spans: true,
  parameters: ([options]) => {
    if (options === undefined) return { union: 0 }
    if (typeof options !== 'object' || options === null || Object.keys(options).some((name) => name !== 'union'))
      return 'overlap takes { union: true }, or nothing'
    const union = 'union' in options ? options.union : undefined
    if (union === undefined || typeof union === 'boolean') return { union: union === true ? 1 : 0 }
    return 'union of overlap is true or false'
  },
  parameterWords: ({ union }) => (union === 1 ? ['union'] : []),
  type: () => 'double',
  plain: ({ aggregate, leaves }, x) =>
    sql`(${leaves.toDouble(sql`COALESCE(${aggregate(sql`SUM(${x.sql})`)}, 0)`)} / ${integer(MICROS_PER_DAY)})`,
}
