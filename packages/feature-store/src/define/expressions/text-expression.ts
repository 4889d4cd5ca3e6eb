import type { TypedExpression } from '../../plan/expression.ts'
import { comparisons, type Comparable } from './boolean-expression.ts'
import { combined } from './combined.ts'
import { defaultableValue, type DefaultValueWord } from '../features/default-value.ts'
import type { CoalescedNull, Operand, Valued, ValueOf } from './operand.ts'

type Texts = readonly [Operand<string>, ...Operand<string>[]]

/**
 * A text of type V, an enum's members for instance; `N` is null when it may be null. Dates are texts, too:
 * `'2026-01-31'`.
 */
export interface TextExpression<V extends string, N extends null>
  extends Valued<V | N>, Comparable<V, string, N>, DefaultValueWord {
  /** The first value that is not null. */
  coalesce<const O extends Texts>(...others: O): TextExpression<V | (ValueOf<O[number]> & string), CoalescedNull<N, O>>
}

export function textExpression<V extends string, N extends null>(typed: TypedExpression): TextExpression<V, N> {
  return Object.freeze({
    typed,
    ...comparisons<V, string, N>(typed),
    coalesce: (...others) => textExpression(combined('coalesce', typed, others, () => typed.type)),
    ...defaultableValue,
  } satisfies TextExpression<V, N>)
}
