import type { TypedExpression } from '../../plan/expression.ts'
import { instantExpression, type InstantExpression } from './instant-expression.ts'
import { numberExpression, type NumberExpression } from './number-expression.ts'
import { familyOf, familyText, isValued, literal, type NullOf, type Valued } from './operand.ts'

/** An instant, or a date: an expression, a `Date`, or a date such as '2026-01-31'. */
export type InstantOrDate = Date | string | Valued<Date | string | null>

/**
 * The time of the row, in `derive`.
 *
 * @example derive: (v) => ({ days_to_service: days(T, v.next_due), overdue: dayStart(v.next_due).lt(T) })
 */
export const T: InstantExpression<never> = instantExpression({
  expression: { kind: 'featureTime' },
  type: 'timestamp',
  nullable: false,
})

type Timed<V> = V extends InstantOrDate ? V : 'days() is between instants or dates, which this is not'

/**
 * Days of 24 hours, with fractions, from one instant to another; below 0 when `to` is earlier, null when either is. A
 * date stands for the start of its day by the view's clock.
 */
export function days<A, B>(from: Timed<A>, to: Timed<B>): NumberExpression<NullOf<A> | NullOf<B>> {
  const [a, b] = [instantOf(from), instantOf(to)]
  return numberExpression({
    expression: { kind: 'days', from: a.expression, to: b.expression },
    type: 'double',
    nullable: a.nullable || b.nullable,
  })
}

/**
 * The instant at which the day of a date begins, by the clock of `zone`: the view's, unless given. In `where`, where
 * no view is known, it must be given.
 */
export function dayStart<D extends string | Valued<string | null>>(
  date: D,
  zone?: string,
): InstantExpression<NullOf<D>> {
  return instantExpression(startOf(isValued(date) ? date.typed : literal(date, 'date'), zone))
}

function startOf(date: TypedExpression, zone: string | undefined): TypedExpression {
  if (familyOf(date.type) !== 'date')
    throw new TypeError(`dayStart() takes a date, and this is ${familyText(date.type)}`)
  if (zone !== undefined) Intl.DateTimeFormat('en', { timeZone: zone })
  return {
    expression: { kind: 'dayStart', operand: date.expression, zone: zone ?? null },
    type: 'timestamp',
    nullable: date.nullable,
  }
}

function instantOf(given: unknown): TypedExpression {
  const typed = isValued(given) ? given.typed : literal(given, typeof given === 'string' ? 'date' : 'timestamp')
  const family = familyOf(typed.type)
  if (family === 'instant') return typed
  if (family === 'date') return startOf(typed, undefined)
  throw new TypeError(`days() is between instants or dates, and this is ${familyText(typed.type)}`)
}
