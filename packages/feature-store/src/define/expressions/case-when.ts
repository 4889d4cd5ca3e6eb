import type { ColumnType } from '@martlet/warehouse'
import type { Scalar, TypedExpression } from '../../plan/expression.ts'
import { commonType } from '../../vocabulary/algebra/expression-type.ts'
import { expressionOf, type ExpressionFor } from './expression-row.ts'
import {
  familyOf,
  isValued,
  literal,
  operand,
  type NullOf,
  type Operand,
  type Valued,
  type ValueOf,
} from './operand.ts'

type Wide<T> = T extends string ? string : T extends number ? number : T extends boolean ? boolean : Date
type Alternative<T> = Operand<Wide<Exclude<T, null>>> | null
type ResultOf<O> = ValueOf<O> | NullOf<O>

/** A case under construction: more branches, then `otherwise`. */
export interface Case<T> {
  when<const O extends Alternative<T>>(condition: Operand<boolean>, value: O): Case<T | ResultOf<O>>
  otherwise<const O extends Alternative<T>>(value: O): ExpressionFor<T | ResultOf<O>>
}

/**
 * The value of the first condition that is true (neither false nor null).
 *
 * @example derive: (v) => ({ size: caseWhen(v.kwh_28d.gt(1000), 'large').otherwise('small') })
 */
export function caseWhen<const O extends Scalar | Valued<Scalar | null>>(
  condition: Operand<boolean>,
  value: O,
): Case<ResultOf<O>> {
  return caseOf([branch(condition, typedOf(value))])
}

interface Branch {
  readonly condition: TypedExpression
  readonly value: TypedExpression
}

function branch(condition: unknown, value: TypedExpression): Branch {
  return { condition: operand(condition, 'boolean'), value }
}

function caseOf<T>(branches: readonly Branch[]): Case<T> {
  const like = branches[0]?.value.type ?? 'text'
  return Object.freeze({
    when: (condition, value) => caseOf([...branches, branch(condition, alternative(value, like))]),
    otherwise: (value) => finished(branches, alternative(value, like), like),
  } satisfies Case<T>)
}

function alternative(value: unknown, like: ColumnType): TypedExpression {
  if (value === null) return { expression: { kind: 'literal', value: null }, type: like, nullable: true }
  return operand(value, like)
}

function typedOf(value: unknown): TypedExpression {
  return isValued(value) ? value.typed : literal(value)
}

function finished<T>(branches: readonly Branch[], otherwise: TypedExpression, like: ColumnType): ExpressionFor<T> {
  const values = [...branches.map(({ value }) => value), otherwise]
  const type = familyOf(like) === 'number' ? commonType(values.map((value) => value.type)) : like
  const expression = {
    kind: 'case',
    // oxlint-disable-next-line unicorn/no-thenable -- the plan's word for a branch's value; never awaited
    branches: branches.map(({ condition, value }) => ({ when: condition.expression, then: value.expression })),
    otherwise: otherwise.expression,
  } as const
  return expressionOf({ expression, type, nullable: values.some((value) => value.nullable) }) as ExpressionFor<T>
}
