import type { Expression } from '../plan/expression.ts'
import type { AggregatePlan, FeaturePlan, Micros, RatioPlan, WindowPlan } from '../plan/feature-plan.ts'

const units: readonly (readonly [string, number])[] = [
  ['d', 86_400_000_000],
  ['h', 3_600_000_000],
  ['min', 60_000_000],
  ['s', 1_000_000],
  ['ms', 1000],
  ['µs', 1],
]

/** `7d`, `6h`, `1h 30min`. */
export function durationText(micros: Micros): string {
  if (micros === 0) return '0s'
  let rest = Math.abs(micros)
  const parts: string[] = []
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size)
    if (count > 0) parts.push(`${count}${unit}`)
    rest -= count * size
  }
  return `${micros < 0 ? '-' : ''}${parts.join(' ')}`
}

export function windowText(window: WindowPlan): string {
  switch (window.kind) {
    case 'time':
      return `over ${durationText(window.length)}${window.shift === 0 ? '' : ` shifted by ${durationText(window.shift)}`}`
    case 'rows':
      return `over the last ${window.rows} rows`
    case 'lifetime':
      return 'over its lifetime'
  }
}

export function aggregateText(aggregate: AggregatePlan | RatioPlan): string {
  if (aggregate.function === 'ratio')
    return `${aggregateText(aggregate.numerator)} / ${aggregateText(aggregate.denominator)}`
  const where = aggregate.where === null ? '' : ` where ${expressionText(aggregate.where)}`
  return `${aggregate.function}(${aggregate.column ?? '*'}${where})`
}

/** How a feature is computed, in one line. */
export function featureText(feature: FeaturePlan): string {
  switch (feature.kind) {
    case 'aggregate':
      return `${aggregateText(feature.aggregate)} ${windowText(feature.window)}`
    case 'age':
      return `days since the newest fact${feature.where === null ? '' : ` where ${expressionText(feature.where)}`}`
    case 'calendar':
      return `${feature.part} of the feature time`
    case 'attribute':
      return `${feature.dimension.table}.${feature.column}`
    case 'column':
      return `column ${feature.column}`
    case 'derived':
      return expressionText(feature.expression)
  }
}

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
    case 'case':
      return `case ${expression.branches.map(({ when, then }) => `when ${expressionText(when)} then ${expressionText(then)}`).join(' ')} else ${expressionText(expression.otherwise)}`
    case 'coalesce':
    case 'least':
    case 'greatest':
      return `${expression.kind}(${expression.operands.map(expressionText).join(', ')})`
    default:
      return `${expression.kind}(${expressionText(expression.operand)})`
  }
}
