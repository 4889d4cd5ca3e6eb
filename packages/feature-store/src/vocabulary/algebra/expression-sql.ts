import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { BinaryOperator, Expression, Scalar } from '../../plan/expression.ts'

const operators: Record<Exclude<BinaryOperator, 'divide'>, Sql> = {
  add: sql`+`,
  subtract: sql`-`,
  multiply: sql`*`,
  equal: sql`=`,
  notEqual: sql`<>`,
  less: sql`<`,
  lessOrEqual: sql`<=`,
  greater: sql`>`,
  greaterOrEqual: sql`>=`,
  and: sql`AND`,
  or: sql`OR`,
}

/**
 * Prints an expression; `column` turns a column name into SQL. Literals are printed with their type: they belong to
 * the definition, and a view's query cannot bind.
 */
export function expressionSql(leaves: Leaves, expression: Expression, column: (name: string) => Sql): Sql {
  const print = (operand: Expression): Sql => expressionSql(leaves, operand, column)
  switch (expression.kind) {
    case 'column':
      return column(expression.name)
    case 'literal':
      return literalSql(leaves, expression.value)
    case 'binary':
      if (expression.operator === 'divide') return leaves.divide(print(expression.left), print(expression.right))
      return sql`(${print(expression.left)} ${operators[expression.operator]} ${print(expression.right)})`
    case 'not':
      return sql`(NOT ${print(expression.operand)})`
    case 'isNull':
      return sql`(${print(expression.operand)} IS NULL)`
    case 'negate':
      return sql`(- ${print(expression.operand)})`
    case 'abs':
      return sql`ABS(${print(expression.operand)})`
    case 'oneOf':
      if (expression.values.length === 0)
        return sql`(CASE WHEN ${print(expression.operand)} IS NULL THEN NULL ELSE FALSE END)`
      return sql`(${print(expression.operand)} IN (${sql.join(expression.values.map((value) => literalSql(leaves, value)))}))`
    case 'coalesce':
      return sql`COALESCE(${sql.join(expression.operands.map(print))})`
    case 'least':
      return leaves.least(...expression.operands.map(print))
    case 'greatest':
      return leaves.greatest(...expression.operands.map(print))
    case 'case': {
      const branches = expression.branches.map((branch) => sql`WHEN ${print(branch.when)} THEN ${print(branch.then)}`)
      return sql`(CASE ${sql.join(branches, sql` `)} ELSE ${print(expression.otherwise)} END)`
    }
  }
}

function literalSql(leaves: Leaves, value: Scalar | null): Sql {
  if (value === null) return sql`NULL`
  if (typeof value === 'boolean') return value ? sql`TRUE` : sql`FALSE`
  if (typeof value === 'number') return sql`CAST(${sql.lit(value)} AS ${leaves.columnType('double')})`
  if (typeof value === 'string') return sql`CAST(${leaves.textLiteral(value)} AS ${leaves.columnType('text')})`
  return leaves.timestamp(BigInt(value.getTime()) * 1000n)
}
