import type { ComputedColumn, EventsPlan } from '../../plan/source-plan.ts'
import { checkEventExpression, eventRow, type EventRow } from '../expressions/event-row.ts'
import { isValued, type Valued } from '../expressions/operand.ts'
import { evaluate, invalid, type Place } from '../invalid-definition.ts'
import { checkNewName } from './with-dimension.ts'

/** Columns by name, each an expression over the columns of an event. */
export type ComputedMap = Readonly<Record<string, Valued<unknown>>>

/** A row with computed columns beside its own. */
export type WithComputed<R, D> = {
  readonly [K in keyof R | keyof D]: K extends keyof D
    ? D[K] extends { readonly '~value'?: infer V }
      ? V
      : never
    : K extends keyof R
      ? R[K]
      : never
}

/** The columns themselves when none of them has a name that the fact knows already, and a sentence otherwise. */
export type NewColumns<R, D> = [keyof D & keyof R] extends [never]
  ? D
  : `this fact already has a column '${keyof D & keyof R & string}'`

/** Computes more columns of a fact from those that it has. */
export function computedColumns<R>(
  events: EventsPlan,
  compute: (row: EventRow<R>) => unknown,
  place: Place,
): readonly ComputedColumn[] {
  if (typeof compute !== 'function')
    throw invalid(place, 'with() takes a function, like with((r) => ({ revenue: r.quantity.mul(r.price) }))')
  const made: unknown = evaluate(place, 'its with is wrong', () => compute(eventRow<R>(events)))
  if (typeof made !== 'object' || made === null || isValued(made) || Object.keys(made).length === 0)
    throw invalid(place, 'with() must return an object of expressions, like { revenue: r.quantity.mul(r.price) }')
  return Object.entries(made).map(([name, given]: [string, unknown]) => {
    const at = { ...place, column: name }
    if (!isValued(given)) throw invalid(at, 'it must be an expression over the columns of the fact')
    checkNewName(events, name, at, '; choose another name')
    const { expression, type, nullable } = given.typed
    checkEventExpression(expression, 'it', at)
    return { name, type, nullable, checks: [], expression }
  })
}
