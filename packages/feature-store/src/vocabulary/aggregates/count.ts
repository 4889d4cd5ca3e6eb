import { sql } from '@martlet/warehouse'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { AggregateKind } from './aggregate-kind.ts'

export interface Count<R> {
  /** Rows; 0 in an empty window. */
  count(): Aggregate<number, R>
}

export const count: AggregateKind = {
  name: 'count',
  arity: 0,
  empty: 0,
  continuous: true,
  type: () => 'bigint',
  plain: (group, x) => group.aggregate(sql`COUNT(${x.sql})`),
  merged: {
    by: 'moments',
    edges: 'always',
    needs: () => ['count'],
    value: (window) => window.total('count'),
  },
}
