import type { Sql } from '@martlet/warehouse'
import type { AggregatePlan } from '../../plan/feature-plan.ts'
import type { Group, GroupColumn } from '../algebra/group.ts'
import type { AggregateKind } from './aggregate-kind.ts'

/** The value of a planned aggregate over a group of events. */
export function groupValue(
  kind: AggregateKind,
  { parameters = {}, approximate }: AggregatePlan,
  group: Group,
  [x, y]: readonly [x: GroupColumn, y: GroupColumn],
): Sql {
  return approximate === true && kind.approximate !== undefined
    ? kind.approximate(group, x, parameters)
    : kind.plain(group, x, y, parameters)
}
