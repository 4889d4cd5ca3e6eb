import type { BinaryOperator, TypedExpression } from '../../plan/expression.ts'
import { arithmeticType, commonType } from '../../vocabulary/algebra/expression-type.ts'
import { comparisons, type Comparable } from './boolean-expression.ts'
import { combined } from './combined.ts'
import { defaultableValue, type DefaultValueWord } from '../features/default-value.ts'
import { binary, operand, type CoalescedNull, type NullOf, type Operand, type Valued } from './operand.ts'

type Numbers = readonly [Operand<number>, ...Operand<number>[]]

/** Arithmetic over numbers; `N` is null when the value may be null. */
export interface NumberExpression<N extends null>
  extends Valued<number | N>, Comparable<number, number, N>, DefaultValueWord {
  add<O extends Operand<number>>(other: O): NumberExpression<N | NullOf<O>>
  sub<O extends Operand<number>>(other: O): NumberExpression<N | NullOf<O>>
  mul<O extends Operand<number>>(other: O): NumberExpression<N | NullOf<O>>
  /** Division by 0 gives null, so the result may always be null. */
  div(other: Operand<number>): NumberExpression<null>
  negate(): NumberExpression<N>
  abs(): NumberExpression<N>
  /** The first value that is not null. */
  coalesce<const O extends Numbers>(...others: O): NumberExpression<CoalescedNull<N, O>>
  /** The smallest value; null when one of them is. */
  least<const O extends Numbers>(...others: O): NumberExpression<N | NullOf<O[number]>>
  /** The greatest value; null when one of them is. */
  greatest<const O extends Numbers>(...others: O): NumberExpression<N | NullOf<O[number]>>
}

export function numberExpression<N extends null>(typed: TypedExpression): NumberExpression<N> {
  const calculate = <M extends null>(operator: BinaryOperator, given: unknown): NumberExpression<M> => {
    const other = operand(given, typed.type)
    return numberExpression(
      binary(operator, typed, other, operator === 'divide' ? 'double' : arithmeticType([typed.type, other.type])),
    )
  }
  const combine = <M extends null>(
    kind: 'coalesce' | 'least' | 'greatest',
    others: readonly unknown[],
  ): NumberExpression<M> =>
    numberExpression(combined(kind, typed, others, (parts) => commonType(parts.map((part) => part.type))))
  const apply = (kind: 'negate' | 'abs'): NumberExpression<N> =>
    numberExpression({ ...typed, expression: { kind, operand: typed.expression } })
  return Object.freeze({
    typed,
    ...comparisons<number, number, N>(typed),
    add: (other) => calculate('add', other),
    sub: (other) => calculate('subtract', other),
    mul: (other) => calculate('multiply', other),
    div: (other) => calculate('divide', other),
    negate: () => apply('negate'),
    abs: () => apply('abs'),
    coalesce: (...others) => combine('coalesce', others),
    least: (...others) => combine('least', others),
    greatest: (...others) => combine('greatest', others),
    ...defaultableValue,
  } satisfies NumberExpression<N>)
}
