import type { TypedExpression } from '../plan/expression.ts'
import { combined, comparisons, type Comparable } from './comparable.ts'
import { binary, operand, type CoalescedNull, type NullOf, type Operand, type Valued } from './operand.ts'

/** A condition; `N` is null when it may be null (unknown), which counts as false in `where` and `caseWhen`. */
export interface BooleanExpression<N extends null> extends Valued<boolean | N>, Pick<Comparable<boolean, boolean, N>, 'eq' | 'ne' | 'isNull'> {
  and<O extends Operand<boolean>>(other: O): BooleanExpression<N | NullOf<O>>
  or<O extends Operand<boolean>>(other: O): BooleanExpression<N | NullOf<O>>
  not(): BooleanExpression<N>
  /** The first value that is not null. */
  coalesce<const O extends readonly [Operand<boolean>, ...Operand<boolean>[]]>(...others: O): BooleanExpression<CoalescedNull<N, O>>
}

export function booleanExpression<N extends null>(typed: TypedExpression): BooleanExpression<N> {
  const join = <M extends null>(operator: 'and' | 'or', other: unknown): BooleanExpression<M> =>
    booleanExpression(binary(operator, typed, operand(other, 'boolean'), 'boolean'))
  const { eq, ne, isNull } = comparisons<boolean, boolean, N>(typed)
  return Object.freeze({
    typed,
    eq,
    ne,
    isNull,
    and: (other) => join('and', other),
    or: (other) => join('or', other),
    not: () => booleanExpression({ ...typed, expression: { kind: 'not', operand: typed.expression } }),
    coalesce: (...others) => booleanExpression(combined('coalesce', typed, others, () => 'boolean')),
  } satisfies BooleanExpression<N>)
}
