import { DAY } from './mart.ts'
import type { Expression } from '../../src/plan/expression.ts'
import { present, compare, type Value, type Row } from './row.ts'
import { dayStart } from './clock.ts'

export function passes(where: Expression | null, row: Row): boolean {
  return where === null || evaluate(where, row) === true
}

export function evaluate(expression: Expression, row: Row): Value {
  const value = (operand: Expression): Value => evaluate(operand, row)
  switch (expression.kind) {
    case 'column':
      return present(row[expression.name])
    case 'previous':
    case 'sincePrevious':
    case 'increase':
      return present(row[JSON.stringify(expression)])
    case 'attribute':
      throw new Error('the events have their attributes already')
    case 'literal':
      return expression.value instanceof Date ? expression.value.getTime() * 1000 : expression.value
    case 'isNull':
      return value(expression.operand) === null
    case 'coalesce':
      return expression.operands.map(value).find((one) => one !== null) ?? null
    case 'case':
      return value(expression.branches.find((branch) => value(branch.when) === true)?.then ?? expression.otherwise)
    case 'least':
    case 'greatest': {
      const values = expression.operands.map(value).toSorted(compare)
      if (values.includes(null)) return null
      return (expression.kind === 'least' ? values[0] : values.at(-1)) ?? null
    }
    case 'oneOf': {
      const operand = value(expression.operand)
      return operand === null ? null : expression.values.some((one) => one === operand)
    }
    case 'featureTime':
      return row['~T'] ?? null
    case 'dayStart': {
      // Columns hold days, and literals instants.
      const given = value(expression.operand)
      const day = expression.operand.kind === 'literal' && typeof given === 'number' ? given / DAY : given
      return typeof day === 'number' ? dayStart(day, expression.zone ?? 'UTC') : null
    }
    case 'days': {
      const [from, to] = [value(expression.from), value(expression.to)]
      return typeof from === 'number' && typeof to === 'number' ? (to - from) / DAY : null
    }
    case 'not': {
      const operand = value(expression.operand)
      return operand === null ? null : operand !== true
    }
    case 'negate':
    case 'abs': {
      const operand = value(expression.operand)
      if (typeof operand !== 'number') return null
      return expression.kind === 'abs' ? Math.abs(operand) : -operand
    }
    case 'binary':
      return binary(expression.operator, value(expression.left), value(expression.right))
  }
}

function binary(operator: string, a: Value, b: Value): Value {
  if (operator === 'and') return a === false || b === false ? false : a === null || b === null ? null : true
  if (operator === 'or') return a === true || b === true ? true : a === null || b === null ? null : false
  if (a === null || b === null) return null
  switch (operator) {
    case 'equal':
      return a === b
    case 'notEqual':
      return a !== b
    case 'less':
      return a < b
    case 'lessOrEqual':
      return a <= b
    case 'greater':
      return a > b
    case 'greaterOrEqual':
      return a >= b
  }
  if (typeof a !== 'number' || typeof b !== 'number') return null
  switch (operator) {
    case 'add':
      return a + b
    case 'subtract':
      return a - b
    case 'multiply':
      return a * b
    default:
      return b === 0 ? null : a / b
  }
}
