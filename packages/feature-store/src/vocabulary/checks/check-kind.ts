import type { Leaves, Sql } from '@martlet/warehouse'
import type { z } from 'zod'
import type { CheckPlan, CheckSeverity } from '../../plan/check-plan.ts'
import type { TypedExpression } from '../../plan/expression.ts'
import type { SourceColumn } from '../../plan/source-plan.ts'
import type { TypedSql } from '../algebra/typed-sql.ts'

/** A business rule as the user wrote it: it has no name yet, and is not checked yet. */
export interface Check {
  readonly check: string
  readonly given: readonly unknown[]
}

/** What can be said about every check. */
export interface CheckOptions {
  /**
   * `error` stops a run before anything is written, `warn` is reported, `off` waits for a configuration that wants it.
   * @default 'warn'
   */
  readonly severity?: CheckSeverity
}

/** The table that a check is declared on, for its kind to plan it. */
export interface CheckedTable {
  /** A column of the table by name. */
  column(name: unknown): SourceColumn
  /** A condition on each row, such as `(r) => r.kg.gt(0)`. */
  condition(given: unknown): TypedExpression
  /** A column, or an expression over the columns of a row. */
  value(given: unknown): TypedExpression
  /** Refuses the check with a sentence. */
  refuse(problem: string): never
}

/** Prints the value of a column of a row: of its declared type, null where it is no such value. */
export type RowValue = (name: string) => TypedSql

/** Another table as a check reads it. */
export interface OtherTable {
  readonly table: string
  readonly columns: readonly (Pick<SourceColumn, 'name' | 'type'> & {
    readonly zone: string | null
    /** Whether a time before all times is long ago, as in the start of a validity. */
    readonly bound: boolean
  })[]
}

/** The rows that a check looks at, for statements of its own; columns have their declared types. */
export interface CheckedRows {
  readonly leaves: Leaves
  /** The type of a column of the table. */
  type(column: string): SourceColumn['type']
  /** The rows of the run's range. */
  rows(columns: readonly string[]): Sql
  /** All rows, and as `inside#` whether each is of the range; undefined when every row is. */
  all(columns: readonly string[]): Sql | undefined
  other(table: OtherTable): Sql
}

/** Rows in groups that fail or pass together. */
export interface CheckedGroups {
  /** A query with `checked#` and `failing#`, how many rows of a group were looked at and fail, and columns to show. */
  readonly groups: Sql
  /** The columns to show. */
  readonly shows: readonly string[]
}

/** A query that finds only what fails, whatever its columns are. */
export interface FailingRows {
  readonly failing: Sql
}

/** What one kind of check means. Adding a kind is one file with such an object and one entry in `list.ts`. */
export interface CheckKind<P extends CheckPlan = CheckPlan> {
  readonly kind: P['kind']
  /** The fields of its plan apart from those of every check, to read a stored plan. */
  readonly fields: Readonly<Record<string, z.ZodType>>
  /** Where its options stand among its arguments. */
  readonly options: number
  /** Its own fields of the plan, from its arguments. */
  plan(given: readonly unknown[], table: CheckedTable): Omit<P, keyof CheckPlan>
  /** The columns of the table that it reads. */
  reads(check: P): readonly string[]
  /** What is wrong with rows that fail; `value`: of {@link value}, or how many rows a query finds. */
  says(check: P, value: number | null): string
  /** Whether a row fails: such checks share one scan of the table. */
  fails?(check: P, leaves: Leaves, value: RowValue): Sql
  /** A double of all rows, in the same scan. */
  value?(check: P, leaves: Leaves, value: RowValue): Sql
  /** Whether that value is allowed. */
  allows?(check: P, value: number | null): boolean
  /** A statement of its own. */
  statement?(check: P, rows: CheckedRows): CheckedGroups | FailingRows
  /** Tables beside its own that must be there, with the columns that it reads of them. */
  others?(check: P): readonly OtherTable[]
}
