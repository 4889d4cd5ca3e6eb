import type { EventsPlan } from '../../plan/source-plan.ts'
import { eventColumns } from '../../vocabulary/sources/computed.ts'
import { expressionRow, type ExpressionRow } from './expression-row.ts'
import type { Valued } from './operand.ts'

/** The columns of an event, to build conditions and values from. */
export type EventRow<R> = ExpressionRow<R>

/** A value of each event, made of its columns. */
export type EventValue<R, V> = (row: EventRow<R>) => Valued<V>

/** An event of a fact, whose members are its columns. */
export function eventRow<R>(events: EventsPlan): EventRow<R> {
  return expressionRow<R>(eventColumns(events), 'column')
}
