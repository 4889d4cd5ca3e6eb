import { sql, type Warehouse } from '@martlet/warehouse'
import { numbersOf } from '../count/numbers-of.ts'
import { fromRelation, type Relation } from '../count/relation.ts'
import type { ReferenceProfile } from './reference-profile.ts'

const DAY = 86_400
/** Rows at each end of time that may lie far from the others. */
const STRAY = 0.005
/** A span that is at most so many times that of the other rows is taken as it is. */
const FAR = 1.5

/**
 * The hours that rows are of without the few whose clock was wrong; undefined when no rows are far from the others.
 *
 * One trip of 2009 among those of January 2021 would make the reference twelve years long, and its rows per hour a hundred
 * times fewer.
 */
export async function usualHours(
  warehouse: Warehouse,
  relation: Relation,
  time: NonNullable<ReferenceProfile['time']>,
): Promise<number | undefined> {
  const whole = (Date.parse(time.to) - Date.parse(time.from)) / 1000
  if (whole < 2 * DAY) return undefined
  const { leaves } = warehouse
  const day = leaves.toDouble(leaves.floorDivide(leaves.epochMicros(sql.id(time.column)), DAY * 1e6))
  const read = await warehouse.read(sql`
    SELECT day, ${leaves.toDouble(sql`COUNT(*)`)} AS n
    FROM (SELECT ${day} AS day FROM ${fromRelation(relation)}) AS days
    WHERE day IS NOT NULL
    GROUP BY day
    ORDER BY day
  `)
  const [days = [], counts = []] = read.columns.map(numbersOf)
  const rows = counts.reduce((sum, count) => sum + count, 0)
  const [first, last] = [
    dayBeyond(days, counts, STRAY * rows),
    dayBeyond(days.toReversed(), counts.toReversed(), STRAY * rows),
  ]
  const usual = (last - first + 1) * DAY
  return whole > FAR * usual ? usual / 3600 : undefined
}

/** The first of the days before which, and on which, lie more than so many rows. */
function dayBeyond(days: readonly number[], counts: readonly number[], stray: number): number {
  let before = 0
  const at = counts.findIndex((count) => (before += count) > stray)
  return days[at] ?? Number.NaN
}
