import { sql } from '@martlet/warehouse'
import type { EventValue } from '../../define/expressions/event-row.ts'
import type { Latest } from '../../define/features/aggregate.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import type { AnyColumn, Present, ValueOf } from './typed-columns.ts'

export interface Last<R> {
  /** The newest value; over everything before T unless a window says otherwise. */
  last<C extends AnyColumn<R> = never, V = never>(
    column: Present<R, C> | EventValue<R, V>,
  ): Latest<ValueOf<R, C> | NonNullable<NoInfer<V>> | null, R>
}

export const last: AggregateKind = {
  name: 'last',
  arity: 1,
  empty: null,
  standsAlone: true,
  continuous: true,
  type: (column) => column,
  plain: (group, x) => group.newest(x),
  merged: {
    by: 'moments',
    edges: 'always',
    needs: ({ span }) => (span.width === null ? ['newest'] : ['newest', 'newestTime']),
    value: (window) => {
      const { begin } = window
      const value = window.running('newest')
      return begin === undefined ? value : sql`CASE WHEN ${window.running('newestTime')} >= ${begin} THEN ${value} END`
    },
  },
}
