import type { BinaryOperator, Expression, TypedExpression } from '../plan/expression.ts'
import { booleanExpression, type BooleanExpression } from './boolean-expression.ts'
import { binary, literal, operand, type NullOf, type Valued } from './operand.ts'

/** What values of one type can be asked: V as literals, expressions of the wider type B. A null on either side gives null. */
export interface Comparable<V extends B, B, N extends null> {
  eq<O extends V | Valued<B | null>>(other: O): BooleanExpression<N | NullOf<O>>
  ne<O extends V | Valued<B | null>>(other: O): BooleanExpression<N | NullOf<O>>
  lt<O extends V | Valued<B | null>>(other: O): BooleanExpression<N | NullOf<O>>
  le<O extends V | Valued<B | null>>(other: O): BooleanExpression<N | NullOf<O>>
  gt<O extends V | Valued<B | null>>(other: O): BooleanExpression<N | NullOf<O>>
  ge<O extends V | Valued<B | null>>(other: O): BooleanExpression<N | NullOf<O>>
  oneOf(...values: readonly [V, ...V[]]): BooleanExpression<N>
  isNull(): BooleanExpression<never>
}

/** Equality, order and null tests of one expression. */
export function comparisons<V extends B, B, N extends null>(left: TypedExpression): Comparable<V, B, N> {
  const compare = <M extends null>(operator: BinaryOperator, other: unknown): BooleanExpression<M> =>
    booleanExpression(binary(operator, left, operand(other, left.type), 'boolean'))
  return {
    eq: (other) => compare('equal', other),
    ne: (other) => compare('notEqual', other),
    lt: (other) => compare('less', other),
    le: (other) => compare('lessOrEqual', other),
    gt: (other) => compare('greater', other),
    ge: (other) => compare('greaterOrEqual', other),
    oneOf: (...values) => booleanExpression(membership(left, values)),
    isNull: () => booleanExpression({ expression: { kind: 'isNull', operand: left.expression }, type: 'boolean', nullable: false }),
  }
}

function membership(left: TypedExpression, values: readonly unknown[]): TypedExpression {
  if (values.length === 0) throw new TypeError('oneOf() needs at least one value')
  const literals = values.flatMap((value) => {
    operand(value, left.type)
    const { expression } = literal(value, left.type)
    return expression.kind === 'literal' && expression.value !== null ? [expression.value] : []
  })
  return { expression: { kind: 'oneOf', operand: left.expression, values: literals }, type: 'boolean', nullable: left.nullable }
}

/** `coalesce`, `least` or `greatest` of an expression and others of its type. */
export function combined(kind: 'coalesce' | 'least' | 'greatest', first: TypedExpression, others: readonly unknown[], typeOf: (parts: readonly TypedExpression[]) => TypedExpression['type']): TypedExpression {
  if (others.length === 0) throw new TypeError(`${kind}() needs at least one other value`)
  const parts = [first, ...others.map((other) => operand(other, first.type))]
  const expression: Expression = { kind, operands: parts.map((part) => part.expression) }
  const nullable = kind === 'coalesce' ? parts.every((part) => part.nullable) : parts.some((part) => part.nullable)
  return { expression, type: typeOf(parts), nullable }
}
