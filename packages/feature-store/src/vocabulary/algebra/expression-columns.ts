import type { Expression, NeighbourExpression } from '../../plan/expression.ts'

/** The names of the columns that an expression reads. */
export function expressionColumns(expression: Expression | null): readonly string[] {
  if (expression === null) return []
  if (expression.kind === 'column') return [expression.name]
  if (isNeighbour(expression)) return [...('column' in expression ? [expression.column] : []), ...expression.ties]
  if (expression.kind === 'attribute') return [...expression.on, expression.at]
  return operandsOf(expression).flatMap(expressionColumns)
}

/** Whether an expression is about the event before. */
export function isNeighbour(expression: Expression): expression is NeighbourExpression {
  return 'ties' in expression
}

/** An expression with others in the places of what it says about events before. */
export function withNeighbours(expression: Expression, other: (one: NeighbourExpression) => Expression): Expression {
  if (isNeighbour(expression)) return other(expression)
  return withOperands(expression, (one) => withNeighbours(one, other))
}

/** An expression with its columns under other names; those that `names` lacks keep theirs. */
export function withColumnNames(expression: Expression, names: ReadonlyMap<string, string>): Expression {
  if (expression.kind === 'column') return { ...expression, name: names.get(expression.name) ?? expression.name }
  return withOperands(expression, (one) => withColumnNames(one, names))
}

/** An expression in which dates whose zone was left open begin by the clock of `zone`. */
export function withZone(expression: Expression, zone: string): Expression {
  const bound = withOperands(expression, (one) => withZone(one, zone))
  return bound.kind === 'dayStart' && bound.zone === null ? { ...bound, zone } : bound
}

/** An expression with another one in the place of T. */
export function withFeatureTime(expression: Expression, time: Expression): Expression {
  return expression.kind === 'featureTime' ? time : withOperands(expression, (one) => withFeatureTime(one, time))
}

/** Whether an expression or one of those in it is such. */
export function someExpression(expression: Expression, such: (one: Expression) => boolean): boolean {
  return such(expression) || operandsOf(expression).some((one) => someExpression(one, such))
}

/** The expression with others in the places of its operands. */
function withOperands(expression: Expression, other: (operand: Expression) => Expression): Expression {
  switch (expression.kind) {
    case 'column':
    case 'literal':
    case 'featureTime':
    case 'previous':
    case 'sincePrevious':
    case 'increase':
    case 'attribute':
      return expression
    case 'binary':
      return { ...expression, left: other(expression.left), right: other(expression.right) }
    case 'days':
      return { ...expression, from: other(expression.from), to: other(expression.to) }
    case 'coalesce':
    case 'least':
    case 'greatest':
      return { ...expression, operands: expression.operands.map(other) }
    case 'case':
      // oxlint-disable-next-line unicorn/no-thenable -- the plan's word for a branch's value; never awaited
      return {
        ...expression,
        branches: expression.branches.map((branch) => ({ when: other(branch.when), then: other(branch.then) })),
        otherwise: other(expression.otherwise),
      }
    case 'not':
    case 'isNull':
    case 'negate':
    case 'abs':
    case 'dayStart':
    case 'oneOf':
      return { ...expression, operand: other(expression.operand) }
    default:
      return expression satisfies never
  }
}

function operandsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'column':
    case 'literal':
    case 'featureTime':
    case 'previous':
    case 'sincePrevious':
    case 'increase':
    case 'attribute':
      return []
    case 'binary':
      return [expression.left, expression.right]
    case 'days':
      return [expression.from, expression.to]
    case 'coalesce':
    case 'least':
    case 'greatest':
      return expression.operands
    case 'case':
      return [...expression.branches.flatMap((branch) => [branch.when, branch.then]), expression.otherwise]
    case 'not':
    case 'isNull':
    case 'negate':
    case 'abs':
    case 'dayStart':
    case 'oneOf':
      return [expression.operand]
    default:
      return expression satisfies never
  }
}
