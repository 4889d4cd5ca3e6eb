import type { Expression } from '../../plan/expression.ts'

/** The only texts that an expression can give, where it says so itself or its columns do. */
export function expressionTexts(
  expression: Expression,
  column: (name: string) => readonly string[] | undefined,
): readonly string[] | undefined {
  switch (expression.kind) {
    case 'column':
      return column(expression.name)
    case 'literal':
      if (expression.value === null) return []
      return typeof expression.value === 'string' ? [expression.value] : undefined
    case 'coalesce':
    case 'least':
    case 'greatest':
      return together(expression.operands.map((operand) => expressionTexts(operand, column)))
    case 'case': {
      const values = [...expression.branches.map(({ then }) => then), expression.otherwise]
      return together(values.map((value) => expressionTexts(value, column)))
    }
    default:
      return undefined
  }
}

function together(each: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  const known = each.filter((texts) => texts !== undefined)
  return known.length === each.length ? [...new Set(known.flat())] : undefined
}
