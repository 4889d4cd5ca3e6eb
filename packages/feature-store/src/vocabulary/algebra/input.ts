import type { ColumnType } from '@martlet/warehouse'
import type { Expression } from '../../plan/expression.ts'

/** What is aggregated: a column of the fact where a predicate holds; column null stands for the row itself. */
export interface Input {
  /** The name of its column in the events relation. */
  readonly id: string
  readonly column: string | null
  readonly where: Expression | null
  readonly type: ColumnType
}
