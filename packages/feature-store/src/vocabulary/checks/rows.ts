import { sql } from '@martlet/warehouse'
import type { ExpressionRow } from '../../define/expressions/expression-row.ts'
import type { Valued } from '../../define/expressions/operand.ts'
import type { CheckPlan } from '../../plan/check-plan.ts'
import type { Expression } from '../../plan/expression.ts'
import { expressionColumns } from '../algebra/expression-columns.ts'
import { expressionSchema } from '../algebra/expression-schema.ts'
import { expressionSql } from '../algebra/expression-sql.ts'
import { expressionText } from '../algebra/expression-words.ts'
import type { Check, CheckKind, CheckOptions } from './check-kind.ts'

/** A condition on the columns of a row. */
export type RowCondition<R> = (row: ExpressionRow<R>) => Valued<boolean | null>

export interface Rows<R> {
  /**
   * Every row meets a condition; where it is null, because a column is, the row passes.
   *
   * @example c.rows((r) => r.delivered_at.ge(r.picked_up_at))
   */
  rows(condition: RowCondition<R>, options?: CheckOptions): Check
}

export interface RowsPlan extends CheckPlan {
  readonly kind: 'rows'
  readonly condition: Expression
}

/** An expression in words, without parentheses around the whole. */
export function conditionText(expression: Expression): string {
  const text = expressionText(expression)
  return expression.kind === 'binary' ? text.replace(/^\((.*)\)$/su, '$1') : text
}

export const rows: CheckKind<RowsPlan> = {
  kind: 'rows',
  fields: { condition: expressionSchema },
  options: 1,
  plan: ([condition], table) => ({ condition: table.condition(condition).expression }),
  reads: ({ condition }) => [...new Set(expressionColumns(condition))],
  says: ({ condition }) => `does not meet ${conditionText(condition)}`,
  fails: ({ condition }, leaves, value) => sql`NOT ${expressionSql(leaves, condition, value)}`,
}
