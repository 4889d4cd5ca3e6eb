import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { fromRelation, type Relation } from './relation.ts'
import { windowSql, type TimeWindow } from './windows.ts'

/** The rows to count: a relation, and the windows its rows fall into. */
export interface ScanSource {
  readonly relation: Relation
  /** The name of the time column; rows in which it is null are in no window. Null: all rows are one window. */
  readonly time: string | null
  readonly windows: readonly TimeWindow[]
}

/** A source, ready for statements. */
export interface OpenSource {
  readonly windows: number
  /** A query of `w` (the window's number) and some named expressions. */
  select(expressions: readonly Sql[]): Sql
  /** The window of a number in `w`, or undefined when it belongs to none. */
  indexOf(number: number): number | undefined
}

export function openSource(warehouse: Warehouse, source: ScanSource): OpenSource {
  const from = fromRelation(source.relation)
  if (source.time === null) {
    return {
      windows: 1,
      select: (expressions) => sql`SELECT ${sql.join([sql`0 AS w`, ...expressions])} FROM ${from}`,
      indexOf: () => 0,
    }
  }
  const windows = windowSql(warehouse.leaves, sql.id(source.time), source.windows)
  return {
    windows: source.windows.length,
    select: (expressions) =>
      sql`SELECT ${sql.join([sql`${windows.number} AS w`, ...expressions])} FROM ${from} WHERE ${windows.where}`,
    indexOf: windows.indexOf,
  }
}
