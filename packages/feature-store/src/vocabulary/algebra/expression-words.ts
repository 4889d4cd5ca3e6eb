import type { Expression } from '../../plan/expression.ts'

const symbols = {
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
  equal: '=',
  notEqual: '<>',
  less: '<',
  lessOrEqual: '<=',
  greater: '>',
  greaterOrEqual: '>=',
  and: 'and',
  or: 'or',
} as const

/** An expression as people write it: `(kwh > 0)`. */
export function expressionText(expression: Expression): string {
  switch (expression.kind) {
    case 'column':
      return expression.name
    case 'literal':
      return expression.value instanceof Date ? expression.value.toISOString() : JSON.stringify(expression.value)
    case 'binary':
      return `(${expressionText(expression.left)} ${symbols[expression.operator]} ${expressionText(expression.right)})`
    case 'oneOf':
      return `${expressionText(expression.operand)} in ${JSON.stringify(expression.values)}`
    case 'case': {
      const branches = expression.branches.map(
        ({ when, then }) => `when ${expressionText(when)} then ${expressionText(then)}`,
      )
      return `case ${branches.join(' ')} else ${expressionText(expression.otherwise)}`
    }
    case 'featureTime':
      return 'T'
    case 'dayStart':
      return `start of ${expressionText(expression.operand)}${expression.zone === null ? '' : ` in ${expression.zone}`}`
    case 'days':
      return `days from ${expressionText(expression.from)} to ${expressionText(expression.to)}`
    case 'previous':
    case 'increase':
      return `${expression.kind}(${expression.column})`
    case 'attribute':
      return `${expression.of}.${expression.column} by ${expression.on.join(', ')}`
    case 'sincePrevious':
      return 'sincePrevious()'
    case 'coalesce':
    case 'least':
    case 'greatest':
      return `${expression.kind}(${expression.operands.map(expressionText).join(', ')})`
    default:
      return `${expression.kind}(${expressionText(expression.operand)})`
  }
}
