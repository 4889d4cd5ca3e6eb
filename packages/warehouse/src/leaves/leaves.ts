import type { ColumnType } from '../column.ts'
import type { AsofJoin } from './asof-join.ts'
import type { CreateTableOptions } from './create-table.ts'
import type { DatePart } from './date-part.ts'
import type { Series } from './series.ts'
import type { BeforeAll } from './time-zone.ts'
import type { Sql } from '../sql.ts'

/** The pieces of SQL that differ between engines. All take and return `Sql`; each file beside this one documents its leaves. */
export interface Leaves {
  columnType(type: ColumnType): Sql

  timestamp(micros: bigint | number): Sql
  epochMicros(ts: Sql): Sql
  fromEpochMicros(micros: Sql): Sql
  addMicros(ts: Sql, micros: number | bigint | Sql): Sql
  toUtc(local: Sql, zone: string): Sql
  toLocal(utc: Sql, zone: string): Sql
  toInstant(column: Sql, zone: string | null, before: BeforeAll): Sql
  toDate(column: Sql, before: BeforeAll): Sql
  datePart(part: DatePart, ts: Sql): Sql

  floorDivide(a: Sql, divisor: number): Sql
  toDouble(x: Sql): Sql
  finite(x: Sql): Sql
  divide(a: Sql, b: Sql): Sql
  least(...values: readonly Sql[]): Sql
  greatest(...values: readonly Sql[]): Sql
  binIndex(x: Sql, edges: readonly number[]): Sql
  quantiles(x: Sql, probabilities: readonly number[]): readonly Sql[]

  toWide(x: Sql): Sql
  wideQuotient(a: Sql, b: Sql): Sql
  rowNumber(): Sql
  newest(value: Sql, order: readonly Sql[], type: ColumnType): Sql
  oldest(value: Sql, order: readonly Sql[], type: ColumnType): Sql
  lastPresent(value: Sql, over: Sql): Sql
  firstPresent(value: Sql, over: Sql): Sql
  distinctPresent(value: Sql, over: Sql): Sql

  textKey(...columns: readonly Sql[]): Sql
  stableHash(...columns: readonly Sql[]): Sql
  textLength(x: Sql): Sql
  textLiteral(value: string): Sql
  matches(x: Sql, pattern: string): Sql

  asofJoin(join: AsofJoin): Sql
  series(range: Series): Sql
  createTableAs(table: string, query: Sql, options?: CreateTableOptions): Sql
  clusterBy(expressions: readonly Sql[]): Sql
  createView(view: string, query: Sql, options?: { readonly keepGrants?: boolean }): Sql
}
