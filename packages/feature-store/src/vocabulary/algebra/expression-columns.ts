import type { Expression } from '../../plan/expression.ts'

/** The names of the columns that an expression reads. */
export function expressionColumns(expression: Expression | null): readonly string[] {
  if (expression === null) return []
  if (expression.kind === 'column') return [expression.name]
  return operandsOf(expression).flatMap(expressionColumns)
}

/** An expression with its columns under other names; those that `names` lacks keep theirs. */
export function withColumnNames(expression: Expression, names: ReadonlyMap<string, string>): Expression {
  const renamed = (one: Expression): Expression => withColumnNames(one, names)
  switch (expression.kind) {
    case 'column':
      return { ...expression, name: names.get(expression.name) ?? expression.name }
    case 'literal':
      return expression
    case 'binary':
      return { ...expression, left: renamed(expression.left), right: renamed(expression.right) }
    case 'coalesce':
    case 'least':
    case 'greatest':
      return { ...expression, operands: expression.operands.map(renamed) }
    case 'case':
      // oxlint-disable-next-line unicorn/no-thenable -- the plan's word for a branch's value; never awaited
      return {
        ...expression,
        branches: expression.branches.map((branch) => ({ when: renamed(branch.when), then: renamed(branch.then) })),
        otherwise: renamed(expression.otherwise),
      }
    case 'not':
    case 'isNull':
    case 'negate':
    case 'abs':
    case 'oneOf':
      return { ...expression, operand: renamed(expression.operand) }
    default:
      return expression satisfies never
  }
}

function operandsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'column':
    case 'literal':
      return []
    case 'binary':
      return [expression.left, expression.right]
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
    case 'oneOf':
      return [expression.operand]
    default:
      return expression satisfies never
  }
}
