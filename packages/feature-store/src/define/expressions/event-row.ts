import type { Expression } from '../../plan/expression.ts'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { someExpression } from '../../vocabulary/algebra/expression-columns.ts'
import { eventColumns } from '../../vocabulary/sources/computed.ts'
import { expressionRow, type ExpressionRow } from './expression-row.ts'
import { neighbours, type Neighbours } from './neighbours.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import type { Valued } from './operand.ts'

/** The columns of an event, and what it has of the one before it, to build conditions and values from. */
export type EventRow<R> = ExpressionRow<R> & Neighbours<R>

/** A value of each event, made of its columns. */
export type EventValue<R, V> = (row: EventRow<R>) => Valued<V>
export type NumberValue<R> = EventValue<R, number | null>
export type AnyValue<R> = EventValue<R, unknown>

/** An event of a fact, whose members are its columns. */
export function eventRow<R>(events: EventsPlan): EventRow<R> {
  return expressionRow<R>(eventColumns(events), 'column', neighbours(events)) as EventRow<R>
}

/** Refuses what events do not know: the time of a row of features, and the clock of its view. */
export function checkEventExpression(expression: Expression, what: string, place: Place): void {
  if (someExpression(expression, ({ kind }) => kind === 'featureTime'))
    throw invalid(place, `${what} asks for T, which is the time of a row of features; events have their own times`)
  if (someExpression(expression, (one) => one.kind === 'dayStart' && one.zone === null))
    throw invalid(place, `${what} takes the start of a date by no clock; write dayStart(row.due, 'Europe/Berlin')`)
}
