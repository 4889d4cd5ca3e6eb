import { duckDbLeaves, snowflakeLeaves, sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { Expression, OperationNode, RawNode } from 'kysely'

/** A node that DuckDB's compiler reads as it is, and `SnowflakeTexts` as what `snowflake` gives. */
interface DualNode extends RawNode {
  readonly snowflake: () => OperationNode
}

export function isDual(node: RawNode): node is DualNode {
  return 'snowflake' in node
}

/**
 * The leaves of both engines at once: a statement made of them runs on DuckDB, and the same statement prints for Snowflake.
 * So whatever the library runs on DuckDB, its Snowflake text is at hand.
 */
export const dualLeaves: Leaves = {
  columnType: (type) => dual(duckDbLeaves.columnType(type), snowflakeLeaves.columnType(type)),
  timestamp: (micros) => dual(duckDbLeaves.timestamp(micros), snowflakeLeaves.timestamp(micros)),
  epochMicros: (ts) => dual(duckDbLeaves.epochMicros(ts), snowflakeLeaves.epochMicros(ts)),
  fromEpochMicros: (micros) => dual(duckDbLeaves.fromEpochMicros(micros), snowflakeLeaves.fromEpochMicros(micros)),
  addMicros: (ts, micros) => dual(duckDbLeaves.addMicros(ts, micros), snowflakeLeaves.addMicros(ts, micros)),
  toUtc: (local, zone) => dual(duckDbLeaves.toUtc(local, zone), snowflakeLeaves.toUtc(local, zone)),
  toLocal: (utc, zone) => dual(duckDbLeaves.toLocal(utc, zone), snowflakeLeaves.toLocal(utc, zone)),
  mayBeFrom: (column, from) => dual(duckDbLeaves.mayBeFrom(column, from), snowflakeLeaves.mayBeFrom(column, from)),
  toInstant: (column, zone, before) =>
    dual(duckDbLeaves.toInstant(column, zone, before), snowflakeLeaves.toInstant(column, zone, before)),
  toDate: (column, before) => dual(duckDbLeaves.toDate(column, before), snowflakeLeaves.toDate(column, before)),
  datePart: (part, ts) => dual(duckDbLeaves.datePart(part, ts), snowflakeLeaves.datePart(part, ts)),
  floorDivide: (a, divisor) => dual(duckDbLeaves.floorDivide(a, divisor), snowflakeLeaves.floorDivide(a, divisor)),
  toDouble: (x) => dual(duckDbLeaves.toDouble(x), snowflakeLeaves.toDouble(x)),
  finite: (x) => dual(duckDbLeaves.finite(x), snowflakeLeaves.finite(x)),
  divide: (a, b) => dual(duckDbLeaves.divide(a, b), snowflakeLeaves.divide(a, b)),
  least: (...values) => dual(duckDbLeaves.least(...values), snowflakeLeaves.least(...values)),
  greatest: (...values) => dual(duckDbLeaves.greatest(...values), snowflakeLeaves.greatest(...values)),
  leastOrNull: (...values) => dual(duckDbLeaves.leastOrNull(...values), snowflakeLeaves.leastOrNull(...values)),
  greatestOrNull: (...values) =>
    dual(duckDbLeaves.greatestOrNull(...values), snowflakeLeaves.greatestOrNull(...values)),
  fit: (x, type) => dual(duckDbLeaves.fit(x, type), snowflakeLeaves.fit(x, type)),
  fitColumn: (column, type) => dual(duckDbLeaves.fitColumn(column, type), snowflakeLeaves.fitColumn(column, type)),
  tryCast: (column, type) => dual(duckDbLeaves.tryCast(column, type), snowflakeLeaves.tryCast(column, type)),
  binIndex: (x, edges) => dual(duckDbLeaves.binIndex(x, edges), snowflakeLeaves.binIndex(x, edges)),
  groupKey: (x, least, most) => dual(duckDbLeaves.groupKey(x, least, most), snowflakeLeaves.groupKey(x, least, most)),
  quantiles: (x, probabilities) => {
    const other = snowflakeLeaves.quantiles(x, probabilities)
    return duckDbLeaves.quantiles(x, probabilities).map((one, i) => dual(one, other[i] ?? one))
  },
  approximateQuantile: (x, p) =>
    dual(duckDbLeaves.approximateQuantile(x, p), snowflakeLeaves.approximateQuantile(x, p)),
  approximateDistinct: (x) => dual(duckDbLeaves.approximateDistinct(x), snowflakeLeaves.approximateDistinct(x)),
  toWide: (x) => dual(duckDbLeaves.toWide(x), snowflakeLeaves.toWide(x)),
  wideQuotient: (a, b) => dual(duckDbLeaves.wideQuotient(a, b), snowflakeLeaves.wideQuotient(a, b)),
  rowNumber: () => dual(duckDbLeaves.rowNumber(), snowflakeLeaves.rowNumber()),
  newest: (value, order, type) =>
    dual(duckDbLeaves.newest(value, order, type), snowflakeLeaves.newest(value, order, type)),
  oldest: (value, order, type) =>
    dual(duckDbLeaves.oldest(value, order, type), snowflakeLeaves.oldest(value, order, type)),
  lastPresent: (value, over) => dual(duckDbLeaves.lastPresent(value, over), snowflakeLeaves.lastPresent(value, over)),
  firstPresent: (value, over) =>
    dual(duckDbLeaves.firstPresent(value, over), snowflakeLeaves.firstPresent(value, over)),
  distinctPresent: (value, over) =>
    dual(duckDbLeaves.distinctPresent(value, over), snowflakeLeaves.distinctPresent(value, over)),
  textKey: (...columns) => dual(duckDbLeaves.textKey(...columns), snowflakeLeaves.textKey(...columns)),
  stableHash: (...columns) => dual(duckDbLeaves.stableHash(...columns), snowflakeLeaves.stableHash(...columns)),
  rowHash: (...columns) => dual(duckDbLeaves.rowHash(...columns), snowflakeLeaves.rowHash(...columns)),
  rowBucket: (buckets, ...columns) =>
    dual(duckDbLeaves.rowBucket(buckets, ...columns), snowflakeLeaves.rowBucket(buckets, ...columns)),
  textLength: (x) => dual(duckDbLeaves.textLength(x), snowflakeLeaves.textLength(x)),
  textLiteral: (value) => dual(duckDbLeaves.textLiteral(value), snowflakeLeaves.textLiteral(value)),
  matches: (x, pattern) => dual(duckDbLeaves.matches(x, pattern), snowflakeLeaves.matches(x, pattern)),
  asofJoin: (join) => dual(duckDbLeaves.asofJoin(join), snowflakeLeaves.asofJoin(join)),
  series: (range) => dual(duckDbLeaves.series(range), snowflakeLeaves.series(range)),
  createTableAs: (table, query, options) =>
    dual(duckDbLeaves.createTableAs(table, query, options), snowflakeLeaves.createTableAs(table, query, options)),
  createView: (view, query, options) =>
    dual(duckDbLeaves.createView(view, query, options), snowflakeLeaves.createView(view, query, options)),
  clusterBy: (expressions) => dual(duckDbLeaves.clusterBy(expressions), snowflakeLeaves.clusterBy(expressions)),
}

function dual(duckdb: Sql, snowflake: Sql): Sql {
  const both: Expression<unknown> = {
    expressionType: undefined,
    toOperationNode: () => {
      const node: DualNode = { ...duckdb.toOperationNode(), snowflake: () => snowflake.toOperationNode() }
      return node
    },
  }
  return sql`${both}`
}
