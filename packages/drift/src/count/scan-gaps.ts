import { sql, type Warehouse } from '@martlet/warehouse'
import { instantMicros } from './instant-sql.ts'
import { numbersOf } from './numbers-of.ts'
import type { OpenSource } from './scan-source.ts'

/** A stretch without rows between two instants, µs since the epoch. */
export interface Gap {
  readonly from: number
  readonly to: number
}

/** The distances between neighbouring distinct times of a window's rows. */
export interface ScannedGaps {
  readonly count: number
  /** Their sum, µs. */
  readonly total: number
  /** The longest, the earliest of several; null when there is none. */
  readonly longest: Gap | null
  /** The first and the last time; null without rows. */
  readonly reach: Gap | null
}

const NONE: ScannedGaps = { count: 0, total: 0, longest: null, reach: null }

/** Measures the gaps in every window, of all rows together or within the rows that agree in `keys`. */
export async function scanGaps(
  warehouse: Warehouse,
  source: OpenSource,
  time: string,
  keys: readonly string[],
): Promise<readonly ScannedGaps[]> {
  const { leaves } = warehouse
  const names = keys.map((_, index) => sql.id(`k${index}`))
  const given = keys.map((key, index) => sql`${sql.id(key)} AS ${sql.id(`k${index}`)}`)
  const rows = source.select([...given, sql`${instantMicros(leaves, time)} AS v`])
  const group = sql.join([sql`w`, ...names])
  const present = sql.join(
    [sql`v`, ...names].map((name) => sql`${name} IS NOT NULL`),
    sql` AND `,
  )
  const found = [sql`COUNT(prior)`, sql`SUM(v - prior)`, sql`MAX(CASE WHEN place = 1 THEN prior END)`].concat([
    sql`MAX(CASE WHEN place = 1 THEN v END)`,
    sql`MIN(v)`,
    sql`MAX(v)`,
  ])
  const batch = await warehouse.read(sql`
    SELECT ${sql.join([sql`w`, ...found.map((value, index) => sql`${leaves.toDouble(value)} AS ${sql.id(`g${index}`)}`)])}
    FROM (
      SELECT w, v, prior, ROW_NUMBER() OVER (PARTITION BY w ORDER BY COALESCE(prior - v, 1), v) AS place
      FROM (
        SELECT w, v, LAG(v) OVER (PARTITION BY ${group} ORDER BY v) AS prior
        FROM (SELECT ${group}, v FROM (${rows}) AS timed_rows WHERE ${present} GROUP BY ${group}, v) AS distinct_times
      ) AS steps
    ) AS placed
    GROUP BY w
  `)
  const scanned = Array.from({ length: source.windows }, () => NONE)
  const [number = [], ...columns] = batch.columns.map(numbersOf)
  for (let row = 0; row < batch.rows; row += 1) {
    const window = source.indexOf(number[row] ?? -1)
    if (window === undefined) continue
    const [count = 0, total = 0, from = 0, to = 0, first = 0, last = 0] = columns.map((column) => column[row])
    scanned[window] = {
      count,
      total: count === 0 ? 0 : total,
      longest: count === 0 ? null : { from, to },
      reach: { from: first, to: last },
    }
  }
  return scanned
}
