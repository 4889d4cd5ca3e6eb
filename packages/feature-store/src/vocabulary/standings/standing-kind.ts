import type { ColumnType, Leaves, Sql } from '@martlet/warehouse'

/** The values of everybody who has one at a feature time, or of those in the same group, as one row sees them. */
export interface Everybody {
  readonly leaves: Leaves
  /** The row's own value. */
  readonly x: Sql
  /** For kinds that are `scaled`: the value as a share of the greatest magnitude, -1 to 1; null where all are 0. */
  readonly scaled: Sql
  /** Into how many parts everybody is divided, for the kinds that divide. */
  readonly parts: Sql
  /** `OVER (…)` of all the values, in an order where one is given. */
  over(order?: Sql): Sql
}

/** What one word says of a value among those of everybody. Adding one is a file with such an object and an entry in `list.ts`. */
export interface StandingKind {
  readonly name: string
  readonly type: ColumnType
  /** Whether it divides everybody into a number of parts. */
  readonly divides?: true
  /** Whether it is made of sums, which values as large as doubles can be would leave. */
  readonly scaled?: true
  /** Whether it may be null where the value is not. */
  readonly nullable: boolean
  /** The standing of a value that is not null. */
  value(everybody: Everybody): Sql
}
