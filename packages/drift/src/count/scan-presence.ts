import { sql, type ColumnSpec, type Sql, type Warehouse } from '@martlet/warehouse'
import { instantMicros } from './instant-sql.ts'
import { numbersOf, textsOf } from './numbers-of.ts'
import { categoryText } from './scan-categories.ts'
import type { OpenSource } from './scan-source.ts'

/** Entities that have rows in one window, then none until another. */
export interface Presence {
  readonly window: number
  /** The next window in which they have rows; null when there is none. */
  readonly next: number | null
  readonly entities: number
  /** The earliest and the latest of the last times that they have in `window`, µs since the epoch. */
  readonly earliest: number
  readonly latest: number
}

/** Rows of entities by window, and their time. */
export interface EntityRows {
  readonly source: OpenSource
  readonly time: string
  readonly keys: readonly ColumnSpec[]
}

/**
 * How many entities have rows in each window and when they have rows again, which says how many are in or missing from any of
 * them. At most as many rows as pairs of windows leave the warehouse.
 */
export async function scanPresence(warehouse: Warehouse, rows: EntityRows): Promise<readonly Presence[]> {
  const { leaves } = warehouse
  const names = namesOf(rows)
  const found = [sql`w`, sql`COALESCE(later, -1)`, sql`COUNT(*)`, sql`MIN(v)`, sql`MAX(v)`]
  const batch = await warehouse.read(sql`
    SELECT ${sql.join(found.map((value, index) => sql`${leaves.toDouble(value)} AS ${sql.id(`p${index}`)}`))}
    FROM (
      SELECT w, v, LEAD(w) OVER (PARTITION BY ${sql.join(names)} ORDER BY w) AS later
      FROM (
        SELECT w, ${sql.join(names)}, MAX(v) AS v
        FROM (${keyedRows(warehouse, rows)}) AS keyed_rows
        WHERE ${isKnown(rows)}
        GROUP BY w, ${sql.join(names)}
      ) AS last_rows
    ) AS steps
    GROUP BY w, COALESCE(later, -1)
  `)
  const [number = [], later = [], count = [], earliest = [], latest = []] = batch.columns.map(numbersOf)
  return Array.from(number, (from, row): Presence => ({
    window: rows.source.indexOf(from) ?? -1,
    next: rows.source.indexOf(later[row] ?? -1) ?? null,
    entities: count[row] ?? 0,
    earliest: earliest[row] ?? Number.NaN,
    latest: latest[row] ?? Number.NaN,
  }))
}

/** The keys of some entities without rows from `since` (µs since the epoch) on, in the order of their text. */
export async function scanSilent(
  warehouse: Warehouse,
  rows: EntityRows,
  since: number,
  most: number,
): Promise<readonly (readonly string[])[]> {
  const names = namesOf(rows)
  const batch = await warehouse.read(sql`
    SELECT ${sql.join(names)}
    FROM (${keyedRows(warehouse, rows)}) AS keyed_rows
    WHERE ${isKnown(rows)}
    GROUP BY ${sql.join(names)}
    HAVING MAX(v) < ${sql.raw(String(BigInt(since)))}
    ORDER BY ${sql.join(names)}
    LIMIT ${sql.raw(String(most))}
  `)
  const keys = batch.columns.map(textsOf)
  return Array.from({ length: batch.rows }, (_, row) => keys.map((texts) => texts[row] ?? ''))
}

function namesOf({ keys }: EntityRows): readonly Sql[] {
  return keys.map((_, index) => sql.id(`k${index}`))
}

function keyedRows(warehouse: Warehouse, { source, time, keys }: EntityRows): Sql {
  const texts = keys.map(
    ({ name, type }, index) => sql`${categoryText(warehouse, name, type)} AS ${sql.id(`k${index}`)}`,
  )
  return source.select([...texts, sql`${instantMicros(warehouse.leaves, time)} AS v`])
}

/** Rows with a key and a time that are in a window rather than between two. */
function isKnown(rows: EntityRows): Sql {
  const { windows, indexOf } = rows.source
  const numbers = Array.from({ length: 2 * windows + 1 }, (_, number) => number).filter(
    (number) => indexOf(number) !== undefined,
  )
  const present = [sql`v`, ...namesOf(rows)].map((name) => sql`${name} IS NOT NULL`)
  return sql.join([...present, sql`w IN (${sql.raw(numbers.join(', '))})`], sql` AND `)
}
