import type { TypedExpression } from '../../plan/expression.ts'
import { comparisons, type Comparable } from './boolean-expression.ts'
import { combined } from './combined.ts'
import { defaultableValue, type DefaultValueWord } from '../features/default-value.ts'
import type { CoalescedNull, NullOf, Operand, Valued } from './operand.ts'

type Instants = readonly [Operand<Date>, ...Operand<Date>[]]

/** An instant; `N` is null when it may be null. */
export interface InstantExpression<N extends null>
  extends Valued<Date | N>, Comparable<Date, Date, N>, DefaultValueWord {
  /** The first value that is not null. */
  coalesce<const O extends Instants>(...others: O): InstantExpression<CoalescedNull<N, O>>
  /** The earliest; null when one of them is. */
  least<const O extends Instants>(...others: O): InstantExpression<N | NullOf<O[number]>>
  /** The latest; null when one of them is. */
  greatest<const O extends Instants>(...others: O): InstantExpression<N | NullOf<O[number]>>
}

export function instantExpression<N extends null>(typed: TypedExpression): InstantExpression<N> {
  const combine = <M extends null>(
    kind: 'coalesce' | 'least' | 'greatest',
    others: readonly unknown[],
  ): InstantExpression<M> => instantExpression(combined(kind, typed, others, () => 'timestamp'))
  return Object.freeze({
    typed,
    ...comparisons<Date, Date, N>(typed),
    coalesce: (...others) => combine('coalesce', others),
    least: (...others) => combine('least', others),
    greatest: (...others) => combine('greatest', others),
    ...defaultableValue,
  } satisfies InstantExpression<N>)
}
