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

/** The leaves as Snowflake's documentation reads; no Snowflake account has run them. */
export const snowflakeLeaves: Leaves = {
  columnType: columnType.snowflake,
  timestamp: timestamp.snowflake,
  epochMicros: epochMicros.snowflake,
  fromEpochMicros: fromEpochMicros.snowflake,
  addMicros: addMicros.snowflake,
  toUtc: toUtc.snowflake,
  toLocal: toLocal.snowflake,
  toInstant: toInstant.snowflake,
  toDate: toDate.snowflake,
  datePart: datePart.snowflake,
  floorDivide: floorDivide.snowflake,
  toDouble: toDouble.snowflake,
  finite: finite.snowflake,
  divide: divide.snowflake,
  least: least.snowflake,
  greatest: greatest.snowflake,
  binIndex: binIndex.snowflake,
  quantiles: quantiles.snowflake,
  toWide: toWide.snowflake,
  wideQuotient: wideQuotient.snowflake,
  rowNumber: rowNumber.snowflake,
  newest: newest.snowflake,
  oldest: oldest.snowflake,
  lastPresent: lastPresent.snowflake,
  firstPresent: firstPresent.snowflake,
  distinctPresent: distinctPresent.snowflake,
  textKey: textKey.snowflake,
  stableHash: stableHash.snowflake,
  textLength: textLength.snowflake,
  textLiteral: textLiteral.snowflake,
  matches: matches.snowflake,
  asofJoin: asofJoin.snowflake,
  series: series.snowflake,
  createTableAs: createTableAs.snowflake,
  clusterBy: clusterBy.snowflake,
  createView: createView.snowflake,
}
