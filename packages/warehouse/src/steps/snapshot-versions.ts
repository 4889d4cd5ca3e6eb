import { tableRef } from '../table/table-name.ts'
import { anyNull, nameList, sameKey } from './key-sql.ts'
import { VALID_FROM, VALID_TO, type SnapshotTables } from './snapshot-step.ts'
import { sourceRows } from './step-source.ts'
import { sql, type Sql } from '../sql.ts'

/** The name of `at` in the tables of a run. */
export const AT = 'martlet_at'

/** The first instant at which a key may change. */
export const SINCE = 'martlet_since'

/** Microseconds since the epoch; `to` is not included, and `from` null is everything before. */
export interface VersionRange {
  readonly from: bigint | null
  readonly to: bigint
}

/** The columns that a version must have: its key, its instants, and what the target declares NOT NULL. */
export function neededValues({ key, at, loadedAt, columns }: SnapshotTables): ReadonlyMap<string, Sql> {
  const strict = columns.filter(({ nullable }) => nullable === false).map(({ name }) => name)
  const names = new Set([...key, at, ...(loadedAt === undefined ? [] : [loadedAt]), ...strict])
  return new Map([...names].map((name) => [name, sql.id('q', name)]))
}

/** `(given, last, rejected, later, …)` of the versions that arrived in a range, and how many lack each column. */
export function countVersions(step: SnapshotTables, { from, to }: VersionRange): Sql {
  const { leaves, loadedAt, source } = step
  const needed = [...neededValues(step).values()]
  const loaded = loadedAt === undefined ? undefined : sql.id('q', loadedAt)
  const isIn = loaded === undefined ? sql`1 = 1` : sql`(${loaded} IS NULL OR ${loaded} < ${leaves.timestamp(to)})`
  const count = (condition: Sql): Sql => sql`COUNT(CASE WHEN ${condition} THEN 1 END)`
  const last =
    loaded === undefined
      ? sql`CAST(NULL AS ${leaves.columnType('bigint')})`
      : leaves.epochMicros(sql`MAX(CASE WHEN ${isIn} THEN ${loaded} END)`)
  const counts = [
    sql`${count(isIn)} AS given`,
    sql`${last} AS last`,
    sql`${count(sql`${isIn} AND (${anyNull(needed)})`)} AS rejected`,
    sql`COUNT(*) - ${count(isIn)} AS later`,
    ...needed.map((value, index) => sql`${count(sql`${isIn} AND ${value} IS NULL`)} AS ${sql.id(`lack_${index}`)}`),
  ]
  const since =
    loaded === undefined || from === null
      ? sql``
      : sql` WHERE ${loaded} IS NULL OR ${loaded} >= ${leaves.timestamp(from)}`
  return sql`SELECT ${sql.join(counts)} FROM ${sourceRows(source)} AS q${since}`
}

/** `(key, martlet_since)` of every key with a version that arrived in a range: the first instant at which it may change. */
export function changedKeys(step: SnapshotTables, { from, to }: VersionRange): Sql {
  const { key, at, loadedAt, leaves, source } = step
  const loaded = loadedAt === undefined ? undefined : sql.id('q', loadedAt)
  const since = loaded === undefined || from === null ? sql`` : sql` AND ${loaded} >= ${leaves.timestamp(from)}`
  return sql`
    SELECT ${nameList(key, 'q')}, MIN(${sql.id('q', at)}) AS ${sql.id(SINCE)}
    FROM ${sourceRows(source)} AS q
    WHERE ${usable(step, to)}${since}
    GROUP BY ${nameList(key, 'q')}
  `
}

/** `(key, martlet_since)` of the keys of the source that no row of the target holds now, as after they were gone for a while. */
export function returnedKeys(step: SnapshotTables, keys: string, to: bigint): Sql {
  const { key, at, source, into } = step
  return sql`
    SELECT ${nameList(key, 'q')}, MIN(${sql.id('q', at)}) AS ${sql.id(SINCE)}
    FROM ${sourceRows(source)} AS q
    WHERE ${usable(step, to)}
      AND NOT EXISTS (SELECT 1 FROM ${tableRef(keys)} AS k WHERE ${sameKey(key, 'k', 'q')})
      AND NOT EXISTS (SELECT 1 FROM ${tableRef(into)} AS t WHERE ${sameKey(key, 't', 'q')} AND ${sql.id('t', VALID_TO)} IS NULL)
    GROUP BY ${nameList(key, 'q')}
  `
}

/** `(key, martlet_since, martlet_ended)` of the keys that the target holds now and the source no longer has. */
export function vanishedKeys({ key, source, into, leaves }: SnapshotTables, now: bigint): Sql {
  const from = sql.id('t', VALID_FROM)
  const ended = sql`CASE WHEN ${from} > ${leaves.timestamp(now)} THEN ${from} ELSE ${leaves.timestamp(now)} END`
  return sql`
    SELECT ${nameList(key, 't')}, ${from} AS ${sql.id(SINCE)}, ${ended} AS martlet_ended
    FROM ${tableRef(into)} AS t
    WHERE ${sql.id('t', VALID_TO)} IS NULL
      AND NOT EXISTS (SELECT 1 FROM ${sourceRows(source)} AS q WHERE ${sameKey(key, 'q', 't')})
  `
}

/** A row of the source, if it has any. */
export function anyRow({ source }: SnapshotTables): Sql {
  return sql`SELECT 1 AS found FROM ${sourceRows(source)} AS q LIMIT 1`
}

/** The target's rows of the keys from the last one before `martlet_since` on. */
export function oldRows({ key, columns, into }: SnapshotTables, keys: string): Sql {
  const own = [...columns.map(({ name }) => name), VALID_FROM, VALID_TO]
  const before = sql`
    SELECT ${nameList(key, 'b')}, MAX(${sql.id('b', VALID_FROM)}) AS ${sql.id(SINCE)}
    FROM ${tableRef(into)} AS b JOIN ${tableRef(keys)} AS k ON ${sameKey(key, 'k', 'b')}
    WHERE ${sql.id('b', VALID_FROM)} < ${sql.id('k', SINCE)}
    GROUP BY ${nameList(key, 'b')}
  `
  return sql`
    SELECT ${nameList(own, 't')}
    FROM ${tableRef(into)} AS t
    JOIN ${tableRef(keys)} AS k ON ${sameKey(key, 'k', 't')}
    LEFT JOIN (${before}) AS p ON ${sameKey(key, 'p', 't')}
    WHERE ${sql.id('t', VALID_FROM)} >= COALESCE(${sql.id('p', SINCE)}, ${sql.id('k', SINCE)})
  `
}

/** The versions of the keys in the source from `martlet_since` on: of those of one instant, the one that was loaded last. */
export function sourceVersions(step: SnapshotTables, keys: string, to: bigint): Sql {
  const { key, at, loadedAt, source, columns } = step
  const rest = columns.filter(({ name }) => !key.includes(name))
  const order = [
    ...(loadedAt === undefined ? [] : [sql`${sql.id('q', loadedAt)} DESC NULLS LAST`]),
    // What is left tells two versions apart that claim the same instants, so that every run chooses the same one.
    ...rest.map(({ name }) => sql`${sql.id('q', name)} DESC NULLS LAST`),
  ]
  const place = sql`
    ROW_NUMBER() OVER (
      PARTITION BY ${sql.join([nameList(key, 'q'), sql.id('q', at)])} ORDER BY ${sql.join(order)}
    ) AS martlet_place
  `
  const values = columns.map(({ name, value }) => sql`${value} AS ${sql.id(name)}`)
  return sql`
    SELECT ${sql.id(AT)}, ${nameList(columns.map(({ name }) => name))} FROM (
      SELECT ${sql.join([sql`${sql.id('q', at)} AS ${sql.id(AT)}`, ...values, place])}
      FROM ${sourceRows(source)} AS q JOIN ${tableRef(keys)} AS k ON ${sameKey(key, 'k', 'q')}
      WHERE ${usable(step, to)} AND ${sql.id('q', at)} >= ${sql.id('k', SINCE)}
    ) AS v WHERE martlet_place = 1
  `
}

/** Whether a row of the source `q` is a version that arrived before the end of the run. */
function usable(step: SnapshotTables, to: bigint): Sql {
  const { loadedAt, leaves } = step
  const needed = sql.join(
    [...neededValues(step).values()].map((value) => sql`${value} IS NOT NULL`),
    sql` AND `,
  )
  return loadedAt === undefined ? needed : sql`${needed} AND ${sql.id('q', loadedAt)} < ${leaves.timestamp(to)}`
}
