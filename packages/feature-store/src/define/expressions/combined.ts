import type { Expression, TypedExpression } from '../../plan/expression.ts'
import { operand } from './operand.ts'

/** `coalesce`, `least` or `greatest` of an expression and others of its type. */
export function combined(
  kind: 'coalesce' | 'least' | 'greatest',
  first: TypedExpression,
  others: readonly unknown[],
  typeOf: (parts: readonly TypedExpression[]) => TypedExpression['type'],
): TypedExpression {
  if (others.length === 0) throw new TypeError(`${kind}() needs at least one other value`)
  const parts = [first, ...others.map((other) => operand(other, first.type))]
  const expression: Expression = { kind, operands: parts.map((part) => part.expression) }
  const nullable = kind === 'coalesce' ? parts.every((part) => part.nullable) : parts.some((part) => part.nullable)
  return { expression, type: typeOf(parts), nullable }
}
