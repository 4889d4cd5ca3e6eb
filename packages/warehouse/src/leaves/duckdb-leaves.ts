import { divide, finite, floorDivide, greatest, least, toDouble } from './arithmetic.ts'
import { asofJoin } from './asof-join.ts'
import { binIndex } from './bin-index.ts'
import { columnType } from './column-type.ts'
import { clusterBy, createTableAs, createView } from './create-table.ts'
import { datePart } from './date-part.ts'
import type { Leaves } from './leaves.ts'
import { distinctPresent, firstPresent, lastPresent, newest, oldest } from './ordered-values.ts'
import { quantiles } from './quantiles.ts'
import { rowNumber } from './row-number.ts'
import { series } from './series.ts'
import { matches, stableHash, textKey, textLength } from './text.ts'
import { textLiteral } from './text-literal.ts'
import { toDate, toInstant, toLocal, toUtc } from './time-zone.ts'
import { toWide, wideQuotient } from './wide.ts'
import { addMicros, epochMicros, fromEpochMicros, timestamp } from './timestamp.ts'

/** The leaves as DuckDB reads them. */
export const duckDbLeaves: Leaves = {
  columnType: columnType.duckdb,
  timestamp: timestamp.duckdb,
  epochMicros: epochMicros.duckdb,
  fromEpochMicros: fromEpochMicros.duckdb,
  addMicros: addMicros.duckdb,
  toUtc: toUtc.duckdb,
  toLocal: toLocal.duckdb,
  toInstant: toInstant.duckdb,
  toDate: toDate.duckdb,
  datePart: datePart.duckdb,
  floorDivide: floorDivide.duckdb,
  toDouble: toDouble.duckdb,
  finite: finite.duckdb,
  divide: divide.duckdb,
  least: least.duckdb,
  greatest: greatest.duckdb,
  binIndex: binIndex.duckdb,
  quantiles: quantiles.duckdb,
  toWide: toWide.duckdb,
  wideQuotient: wideQuotient.duckdb,
  rowNumber: rowNumber.duckdb,
  newest: newest.duckdb,
  oldest: oldest.duckdb,
  lastPresent: lastPresent.duckdb,
  firstPresent: firstPresent.duckdb,
  distinctPresent: distinctPresent.duckdb,
  textKey: textKey.duckdb,
  stableHash: stableHash.duckdb,
  textLength: textLength.duckdb,
  textLiteral: textLiteral.duckdb,
  matches: matches.duckdb,
  asofJoin: asofJoin.duckdb,
  series: series.duckdb,
  createTableAs: createTableAs.duckdb,
  clusterBy: clusterBy.duckdb,
  createView: createView.duckdb,
}
