import type { BinaryOperator, TypedExpression } from '../../plan/expression.ts'
import { combined } from './combined.ts'
import { defaultableValue, type DefaultValueWord } from '../features/default-value.ts'
import { binary, literal, operand, type CoalescedNull, type NullOf, type Operand, type Valued } from './operand.ts'

/** A condition; `N` is null when it may be null (unknown), which counts as false in `where` and `caseWhen`. */
export interface BooleanExpression<N extends null> extends Valued<boolean | N>, DefaultValueWord {
  eq<O extends Operand<boolean>>(other: O): BooleanExpression<N | NullOf<O>>
  ne<O extends Operand<boolean>>(other: O): BooleanExpression<N | NullOf<O>>
  isNull(): BooleanExpression<never>
  and<O extends Operand<boolean>>(other: O): BooleanExpression<N | NullOf<O>>
  or<O extends Operand<boolean>>(other: O): BooleanExpression<N | NullOf<O>>
  not(): BooleanExpression<N>
  /** The first value that is not null. */
  coalesce<const O extends readonly [Operand<boolean>, ...Operand<boolean>[]]>(
    ...others: O
  ): BooleanExpression<CoalescedNull<N, O>>
}

export function booleanExpression<N extends null>(typed: TypedExpression): BooleanExpression<N> {
  const join = <M extends null>(operator: 'and' | 'or', other: unknown): BooleanExpression<M> =>
    booleanExpression(binary(operator, typed, operand(other, 'boolean'), 'boolean'))
  const compare = comparisons<boolean, boolean, N>(typed)
  return Object.freeze({
    typed,
    eq: (other) => compare.eq(other),
    ne: (other) => compare.ne(other),
    isNull: () => compare.isNull(),
    and: (other) => join('and', other),
    or: (other) => join('or', other),
    not: () => booleanExpression({ ...typed, expression: { kind: 'not', operand: typed.expression } }),
    coalesce: (...others) => booleanExpression(combined('coalesce', typed, others, () => 'boolean')),
    ...defaultableValue,
  } satisfies BooleanExpression<N>)
}

/**
 * What values of one type can be asked: V as literals, expressions of the wider type B. A null on either side gives
 * null.
 */
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
    isNull: () =>
      booleanExpression({ expression: { kind: 'isNull', operand: left.expression }, type: 'boolean', nullable: false }),
  }
}

function membership(left: TypedExpression, values: readonly unknown[]): TypedExpression {
  if (values.length === 0) throw new TypeError('oneOf() needs at least one value')
  const literals = values.flatMap((value) => {
    operand(value, left.type)
    const { expression } = literal(value, left.type)
    return expression.kind === 'literal' && expression.value !== null ? [expression.value] : []
  })
  return {
    expression: { kind: 'oneOf', operand: left.expression, values: literals },
    type: 'boolean',
    nullable: left.nullable,
  }
}
