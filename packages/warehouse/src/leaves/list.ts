// Every leaf, by what it is about. A new leaf is an export of its file and a name here.

export { columnType } from './column-type.ts'

export { addMicros, epochMicros, fromEpochMicros, timestamp } from './timestamp.ts'
export { mayBeFrom, toDate, toInstant, toLocal, toUtc } from './time-zone.ts'
export { datePart } from './date-part.ts'

export { divide, finite, floorDivide, greatest, greatestOrNull, least, leastOrNull, toDouble } from './arithmetic.ts'
export { fit, fitColumn, tryCast } from './fit.ts'
export { binIndex } from './bin-index.ts'
export { groupKey } from './group-key.ts'
export { quantiles } from './quantiles.ts'
export { approximateDistinct, approximateQuantile } from './sketches.ts'
export { toWide, wideQuotient } from './wide.ts'

export { rowNumber } from './row-number.ts'
export { distinctPresent, firstPresent, lastPresent, newest, oldest } from './ordered-values.ts'

export { matches, rowBucket, rowHash, stableHash, textKey, textLength } from './text.ts'
export { textLiteral } from './text-literal.ts'

export { asofJoin } from './asof-join.ts'
export { series } from './series.ts'
export { clusterBy, createTableAs, createView } from './create-table.ts'
