import type { Catalog, IngestPlan } from '@martlet/feature-store'
import { sql, type ColumnSpec, type Sql, type Warehouse } from '@martlet/warehouse'
import { AT } from './recomputed-rows.ts'

/**
 * What is known about the rows of a view: conditions over the recomputed rows `p`, and what is joined to them. Conditions
 * are never null.
 */
export interface ViewEvidence {
  readonly join: Sql
  /** The row was served as too old. */
  readonly withheld: Sql
  /** By the definitions the row was too old. */
  readonly tooOld: Sql
  /** The store had an older row than the one that was due. */
  readonly older: Sql
  /** The store had no row, though one was due. */
  readonly none: Sql
  /** Of those: the store should have had one. */
  readonly lacking: Sql
  /** The store had the row that was due, as far as the log says. */
  readonly due: Sql
  /** The row that was due had been written by then without the entity, which is in it or in the facts now. */
  readonly cameLater: Sql
  /** The row of the feature table was written again after the prediction. */
  readonly rewritten: Sql
  /** Whether the feature table has the row. */
  readonly stored: Sql
  /** The row that looks up the entity had not been written by then. */
  readonly lookupBehind: Sql
  /** What the row was made of, or the key that was looked up, has come or changed since. */
  readonly changed: Sql
  /** The value of a feature in the feature table; undefined when it does not have it as it is defined now. */
  value(feature: string): { readonly sql: Sql; readonly type: ColumnSpec['type'] } | undefined
}

export const NO: Sql = sql`(1 = 0)`

/** A condition that counts as false where it is not known. */
export function present(condition: Sql): Sql {
  return sql`COALESCE(${condition}, 1 = 0)`
}

/** Who knows what the log does not say. */
export interface Witnesses {
  /** When rows were written and published. */
  readonly catalog: Catalog | undefined
  /** The sources of facts, whose tables say when events came. */
  readonly sources: readonly IngestPlan[]
}

/** Times of the row of a view: columns of the recomputed rows `p`. */
export interface RowTimes {
  /** The feature time that was due. */
  readonly due: Sql
  /** The one that was served; undefined where the log never says it. */
  readonly had: Sql | undefined
}

/** How old a row was when it was asked for, µs. */
export function age({ leaves }: Pick<Warehouse, 'leaves'>, due: Sql): Sql {
  return sql`${leaves.epochMicros(sql.id('p', AT))} - ${leaves.epochMicros(due)}`
}
