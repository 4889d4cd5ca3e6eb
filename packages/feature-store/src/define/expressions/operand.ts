import type { ColumnType } from '@martlet/warehouse'
import type { BinaryOperator, Expression, Scalar, TypedExpression } from '../../plan/expression.ts'

/** Something with a value of type T in every row: a column, or an expression over columns. */
export interface Valued<T> {
  readonly typed: TypedExpression
  readonly '~value'?: T
}

/** A literal of type V, or an expression of that type that may be null. */
export type Operand<V> = V | Valued<V | null>

/** `null` when an operand may be null, and `never` otherwise. */
export type NullOf<O> = O extends Valued<unknown> ? Extract<O['~value'], null> : Extract<O, null>

/** The type of an operand's values, nulls aside. */
export type ValueOf<O> = O extends Valued<unknown> ? Exclude<O['~value'], null | undefined> : Exclude<O, null>

/** Null stays possible after `coalesce` unless one of the operands is never null. */
export type CoalescedNull<N extends null, O extends readonly unknown[]> = true extends NeverNull<O[number]> ? never : N
type NeverNull<O> = O extends unknown ? ([NullOf<O>] extends [never] ? true : false) : never

const families = { number: 'a number', text: 'a text', boolean: 'a boolean', instant: 'an instant', date: 'a date' }
type Family = keyof typeof families

/** Which types compare with one another. */
export function familyOf(type: ColumnType): Family {
  if (typeof type === 'object' || type === 'integer' || type === 'bigint' || type === 'double') return 'number'
  return type === 'timestamp' ? 'instant' : type
}

/** The family of a type in words: `an instant`. */
export function familyText(type: ColumnType): string {
  return families[familyOf(type)]
}

/** Turns an operand into an expression of the same family as `like`; dates are written as ISO text. */
export function operand(given: unknown, like: ColumnType): TypedExpression {
  const typed = isValued(given) ? given.typed : literal(given, like)
  const [needed, is] = [familyOf(like), familyOf(typed.type)]
  if (needed !== is)
    throw new TypeError(`${families[needed]} is needed here, and ${describe(given, typed)} is ${families[is]}`)
  return typed
}

export function isValued(given: unknown): given is Valued<unknown> {
  return typeof given === 'object' && given !== null && 'typed' in given
}

/** A constant of a column type that fits it. */
export function literal(given: unknown, like?: ColumnType): TypedExpression {
  if (like === 'date' && typeof given === 'string') {
    const date = new Date(`${given}T00:00:00Z`)
    if (!/^\d{4}-\d\d-\d\d$/.test(given) || Number.isNaN(date.getTime()))
      throw new TypeError(`'${given}' is not a date like '2026-01-31'`)
    return of(date, 'date')
  }
  if (typeof given === 'number') {
    if (!Number.isFinite(given)) throw new TypeError(`${given} is not a finite number`)
    return of(given, Number.isSafeInteger(given) ? 'bigint' : 'double')
  }
  if (typeof given === 'string') return of(given, 'text')
  if (typeof given === 'boolean') return of(given, 'boolean')
  if (given instanceof Date && !Number.isNaN(given.getTime())) return of(new Date(given), 'timestamp')
  throw new TypeError(
    `${String(given)} cannot stand in an expression; use a text, a finite number, a boolean, a Date or a column (isNull() asks for null)`,
  )
}

function of(value: Scalar, type: ColumnType): TypedExpression {
  return { expression: { kind: 'literal', value }, type, nullable: false }
}

/** Two operands joined by an operator; null when either is null, and after a division also when the divisor is 0. */
export function binary(
  operator: BinaryOperator,
  left: TypedExpression,
  right: TypedExpression,
  type: ColumnType,
): TypedExpression {
  const expression: Expression = { kind: 'binary', operator, left: left.expression, right: right.expression }
  return { expression, type, nullable: left.nullable || right.nullable || operator === 'divide' }
}

function describe(given: unknown, typed: TypedExpression): string {
  if (!isValued(given)) return typeof given === 'string' ? `'${given}'` : String(given)
  return typed.expression.kind === 'column' ? `column '${typed.expression.name}'` : `the other expression`
}
