import type { ColumnType } from '@martlet/warehouse'
import type { Expression } from '../../plan/expression.ts'
import type { ComputedColumn } from '../../plan/source-plan.ts'

/** What is aggregated: a column of the fact where a predicate holds; column null stands for the row itself. */
export interface Input {
  /** The name of its column in the events relation. */
  readonly id: string
  readonly column: string | null
  readonly where: Expression | null
  readonly type: ColumnType
  /** The columns that it needs and no table has. */
  readonly computed?: readonly ComputedColumn[]
}

/** What an input aggregates, as data: equal inputs have equal names. */
export function inputName({ column, where, computed }: Omit<Input, 'id'>): readonly unknown[] {
  return computed === undefined ? [column, where] : [column, where, computed]
}
