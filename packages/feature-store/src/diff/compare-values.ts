import { sql, type ColumnType, type Leaves, type Sql } from '@martlet/warehouse'
import { isNumber } from '../plan/column-family.ts'
import type { FeaturePair } from './feature-pairs.ts'

/** Doubles that agree to so much of the larger one are the same: engines add them in any order. */
const SAME_DOUBLES = 1e-9

/** A feature with its places in both definitions; -1 where one lacks it. */
export interface Sides {
  readonly pair: FeaturePair
  readonly old: number
  readonly now: number
}

export const beforeColumn = (i: number): Sql => sql.id('j', `b${i}`)
export const afterColumn = (i: number): Sql => sql.id('j', `a${i}`)

/** How the values of a type are measured: as numbers, as the share of true, in time, or not at all. */
export type Measure = 'number' | 'share' | 'time' | 'none'

export function measureOf(type: ColumnType): Measure {
  if (isNumber(type)) return 'number'
  if (type === 'boolean') return 'share'
  return type === 'timestamp' || type === 'date' ? 'time' : 'none'
}

/** A value as a double: a share as 0 or 1, times as µs. */
export function measured(leaves: Leaves, column: Sql, type: ColumnType): Sql {
  switch (measureOf(type)) {
    case 'number':
      return leaves.toDouble(column)
    case 'share':
      return sql`CASE WHEN ${column} THEN CAST(1 AS DOUBLE) WHEN NOT ${column} THEN CAST(0 AS DOUBLE) END`
    case 'time':
      return leaves.toDouble(leaves.epochMicros(sql`CAST(${column} AS ${leaves.columnType('timestamp')})`))
    case 'none':
      return sql`CAST(NULL AS DOUBLE)`
  }
}

/** Whether two values that are not null differ. */
function differ(leaves: Leaves, before: Sql, old: ColumnType, after: Sql, now: ColumnType): Sql {
  if (isNumber(old) && isNumber(now)) {
    if (old !== 'double' && now !== 'double') return sql`${before} <> ${after}`
    const [b, a] = [leaves.toDouble(before), leaves.toDouble(after)]
    const tolerance = sql`CAST(${sql.lit(SAME_DOUBLES)} AS DOUBLE)`
    return sql`ABS(${a} - ${b}) > ${tolerance} * ${leaves.greatest(sql`ABS(${a})`, sql`ABS(${b})`)}`
  }
  return measureOf(old) === measureOf(now) && old === now
    ? sql`${before} <> ${after}`
    : sql`CAST(${before} AS VARCHAR) <> CAST(${after} AS VARCHAR)`
}

export function changedSql(leaves: Leaves, { pair }: Sides, i: number): Sql {
  if (pair.before === undefined || pair.after === undefined) return sql`FALSE`
  const [b, a] = [beforeColumn(i), afterColumn(i)]
  const values = differ(leaves, b, pair.before.type, a, pair.after.type)
  return sql`
    CASE
      WHEN ${b} IS NULL AND ${a} IS NULL THEN FALSE
      WHEN ${b} IS NULL OR ${a} IS NULL THEN TRUE
      ELSE ${values} END
  `
}

/** After minus before, of numbers and of times in µs. */
export function differenceSql(leaves: Leaves, { pair }: Sides, i: number): Sql | undefined {
  if (pair.before === undefined || pair.after === undefined) return undefined
  const [old, now] = [measureOf(pair.before.type), measureOf(pair.after.type)]
  if (old !== now || (old !== 'number' && old !== 'time')) return undefined
  return sql`(${measured(leaves, afterColumn(i), pair.after.type)} - ${measured(leaves, beforeColumn(i), pair.before.type)})`
}

/** A feature of one definition only is told of that one's rows. */
export function rowsCompared({ old, now }: Sides): Sql {
  const sides = [...(old < 0 ? [] : [sql`j.in_before = 1`]), ...(now < 0 ? [] : [sql`j.in_after = 1`])]
  return sql.join(sides, sql` AND `)
}
