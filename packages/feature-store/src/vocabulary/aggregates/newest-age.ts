import { sql } from '@martlet/warehouse'
import { MICROS_PER_DAY } from '../../plan/time/duration-text.ts'
import type { AggregateKind } from './aggregate-kind.ts'

/** Days from the newest event to T. What `f.age()` is made of; views cannot name it. */
export const newestAge: AggregateKind = {
  name: 'newestAge',
  arity: 0,
  empty: null,
  type: () => 'double',
  plain: (group, x) => {
    const newest = group.aggregate(sql`MAX(CASE WHEN ${x.sql} IS NOT NULL THEN ${group.time} END)`)
    return sql`(${group.leaves.toDouble(sql`- ${newest}`)} / ${sql.lit(MICROS_PER_DAY)})`
  },
  merged: {
    by: 'moments',
    edges: 'always',
    needs: () => ['newestTime'],
    value: (window) =>
      sql`(${window.leaves.toDouble(sql`t - ${window.running('newestTime')}`)} / ${sql.lit(MICROS_PER_DAY)})`,
  },
}
