import { sameType, type ColumnType } from '@martlet/warehouse'
import type { Expression, Scalar } from '../../plan/expression.ts'

/** Whether values of a type are whole numbers of up to 64 bits. */
export function isWhole(type: ColumnType): type is 'integer' | 'bigint' {
  return type === 'integer' || type === 'bigint'
}

/** The one type that holds values of all these types. */
export function commonType(types: readonly ColumnType[]): ColumnType {
  const [first = 'double', ...rest] = types
  if (rest.every((type) => sameType(type, first))) return first
  return types.every(isWhole) ? 'bigint' : 'double'
}

/** Arithmetic on whole numbers gives whole numbers; everything else, decimals too, becomes a double. */
export function arithmeticType(types: readonly ColumnType[]): ColumnType {
  return types.every(isWhole) ? 'bigint' : 'double'
}

export function literalType(value: Scalar): ColumnType {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'bigint' : 'double'
  if (typeof value === 'boolean') return 'boolean'
  return typeof value === 'string' ? 'text' : 'timestamp'
}

/** The type of an expression's values; undefined for one that is always null. */
export function expressionType(expression: Expression, column: (name: string) => ColumnType): ColumnType | undefined {
  const typesOf = (operands: readonly Expression[]): readonly ColumnType[] =>
    operands.flatMap((operand) => expressionType(operand, column) ?? [])
  switch (expression.kind) {
    case 'column':
      return column(expression.name)
    case 'literal':
      return expression.value === null ? undefined : literalType(expression.value)
    case 'binary':
      switch (expression.operator) {
        case 'add':
        case 'subtract':
        case 'multiply':
          return arithmeticType(typesOf([expression.left, expression.right]))
        case 'divide':
          return 'double'
        default:
          return 'boolean'
      }
    case 'featureTime':
    case 'dayStart':
      return 'timestamp'
    case 'days':
    case 'sincePrevious':
      return 'double'
    case 'previous':
      return column(expression.column)
    case 'attribute':
      throw new Error('the type of an attribute stands beside it, in a computed column')
    case 'increase':
      return arithmeticType([column(expression.column)])
    case 'not':
    case 'isNull':
    case 'oneOf':
      return 'boolean'
    case 'negate':
    case 'abs':
      return expressionType(expression.operand, column)
    case 'coalesce':
    case 'least':
    case 'greatest':
      return commonOf(typesOf(expression.operands))
    case 'case':
      return commonOf(typesOf([...expression.branches.map(({ then }) => then), expression.otherwise]))
  }
}

function commonOf(types: readonly ColumnType[]): ColumnType | undefined {
  const [first] = types
  if (first === undefined) return undefined
  // Texts, instants and booleans do not mix, and a date written as a literal is an instant.
  return types.every((type) => isWhole(type) || type === 'double' || typeof type === 'object')
    ? commonType(types)
    : first
}
