import type { ColumnSpec } from '../column.ts'
import { tableRef } from '../table/table-name.ts'
import type { Leaves } from '../leaves/leaves.ts'
import type { FittedColumn } from './fit-columns.ts'
import { anyNull, nameList, sameKey, sameKeyAs } from './key-sql.ts'
import { sourceRows, type StepSource } from './step-source.ts'
import { sql, type Sql } from '../sql.ts'

/** The name that loadedAt has in a batch when the target has no column for it. */
const LOADED_AT = 'martlet_loaded_at'

/** What the statements of a load are about. */
export interface LoadTables {
  readonly leaves: Leaves
  readonly source: StepSource
  readonly into: string
  readonly key: readonly string[]
  readonly loadedAt: string
  readonly newest: string | undefined
  readonly columns: readonly FittedColumn[]
}

/** Microseconds since the epoch; `to` is not included, and `from` null is everything before. */
export interface LoadedRange {
  readonly from: bigint | null
  readonly to: bigint
}

/** The rows of a range as the target has them. */
export function batchRows(
  load: LoadTables,
  range: LoadedRange,
  part?: { readonly of: number; readonly number: number },
): Sql {
  const { columns, loadedAt, source, key, leaves } = load
  const at = sql.id('q', loadedAt)
  const since = range.from === null ? sql`` : sql`${at} >= ${leaves.timestamp(range.from)} AND `
  const values = columns.map(({ name, value }) => sql`${value} AS ${sql.id(name)}`)
  if (!hasLoadedAt(load)) values.push(sql`${at} AS ${sql.id(LOADED_AT)}`)
  const bucket =
    part === undefined
      ? sql``
      : sql` AND ${leaves.rowBucket(part.of, ...key.map((name) => sql.id('q', name)))} = ${sql.lit(part.number)}`
  return sql`
    SELECT ${sql.join(values)} FROM ${sourceRows(source)} AS q
    WHERE ${since}${at} < ${leaves.timestamp(range.to)}${bucket}
  `
}

/** The columns that a row must have: its key and its version, and what the target declares NOT NULL. */
export function required({ key, newest, columns }: LoadTables): readonly string[] {
  const strict = columns.filter(({ nullable }) => nullable === false).map(({ name }) => name)
  return [...new Set([...key, ...(newest === undefined ? [] : [newest]), ...strict])]
}

/** `(given, last, rejected, …)` of a batch: rows, newest loadedAt, rows that lack anything required, and how many lack each. */
export function countBatch(load: LoadTables, batch: string): Sql {
  const lacking = required(load)
  const count = (condition: Sql): Sql => sql`COUNT(CASE WHEN ${condition} THEN 1 END)`
  const each = lacking.map((name, index) => sql`${count(isNull(name))} AS ${sql.id(`lack_${index}`)}`)
  const last = load.leaves.epochMicros(sql`MAX(${sql.id(loadedColumn(load))})`)
  const counts = [
    sql`COUNT(*) AS given`,
    sql`${last} AS last`,
    sql`${count(anyNull(lacking.map((name) => sql.id(name))))} AS rejected`,
    ...each,
  ]
  return sql`SELECT ${sql.join(counts)} FROM ${tableRef(batch)}`
}

export function deleteRejected(load: LoadTables, batch: string): Sql {
  return sql`DELETE FROM ${tableRef(batch)} WHERE ${anyNull(required(load).map((name) => sql.id(name)))}`
}

/** How many keys a batch has more than once. */
export function countRepeated({ key }: LoadTables, batch: string): Sql {
  return sql`SELECT COUNT(*) AS repeated FROM (${repeatedKeys(key, batch)}) AS k`
}

/** The newest version of every key that a batch has more than once. */
export function newestVersions(load: LoadTables, batch: string): Sql {
  const { key } = load
  const names = batchColumns(load)
  const version = versionColumns(load).map((name) => sql`${sql.id('b', name)} DESC NULLS LAST`)
  // What is left tells two versions apart that claim the same instants, so that every run chooses the same one.
  const rest = names
    .filter((name) => !key.includes(name) && !versionColumns(load).includes(name))
    .map((name) => sql`${sql.id('b', name)} DESC NULLS LAST`)
  const partition = sql.join(key.map((name) => sql.id('b', name)))
  const place = sql`ROW_NUMBER() OVER (PARTITION BY ${partition} ORDER BY ${sql.join([...version, ...rest])}) AS martlet_place`
  return sql`
    SELECT ${nameList(names)} FROM (
      SELECT ${sql.join([...names.map((name) => sql.id('b', name)), place])}
      FROM ${tableRef(batch)} AS b JOIN (${repeatedKeys(key, batch)}) AS k ON ${sameKey(key, 'b', 'k')}
    ) AS v WHERE martlet_place = 1
  `
}

/** Deletes all versions of the keys of `kept` from a batch. */
export function deleteVersions({ key }: LoadTables, batch: string, kept: string): Sql {
  return sql`
    DELETE FROM ${tableRef(batch)}
    WHERE EXISTS (SELECT 1 FROM ${tableRef(kept)} AS k WHERE ${sameKeyAs(key, 'k', tableRef(batch))})
  `
}

export function keepVersions(load: LoadTables, batch: string, kept: string): Sql {
  const names = nameList(batchColumns(load))
  return sql`INSERT INTO ${tableRef(batch)} (${names}) SELECT ${names} FROM ${tableRef(kept)}`
}

/** A row of a batch whose key the target has. */
export function anyKnownKey({ into, key }: LoadTables, batch: string): Sql {
  return sql`SELECT 1 AS found FROM ${tableRef(batch)} AS s JOIN ${tableRef(into)} AS t ON ${sameKey(key, 't', 's')} LIMIT 1`
}

/** Inserts a batch of which the target has no key. */
export function insertBatch({ into, columns }: LoadTables, batch: string): Sql {
  const names = nameList(columns.map(({ name }) => name))
  return sql`INSERT INTO ${tableRef(into)} (${names}) SELECT ${names} FROM ${tableRef(batch)}`
}

/** Updates the rows of a target whose version is older and which differ, and inserts those that are not there. */
export function mergeBatch(load: LoadTables, batch: string): Sql {
  const { into, key, columns } = load
  const names = columns.map(({ name }) => name)
  const rest = names.filter((name) => !key.includes(name))
  const differs = sql.join(
    rest.map((name) => sql`${sql.id('t', name)} IS DISTINCT FROM ${sql.id('s', name)}`),
    sql` OR `,
  )
  const newer = notOlder(load)
  const update = sql`
    WHEN MATCHED AND ${newer === undefined ? sql`` : sql`${newer} AND `}(${differs})
    THEN UPDATE SET ${sql.join(rest.map((name) => sql`${sql.id(name)} = ${sql.id('s', name)}`))}
  `
  return sql`
    MERGE INTO ${tableRef(into)} AS t USING ${tableRef(batch)} AS s ON ${sameKey(key, 't', 's')}
    ${rest.length === 0 ? sql`` : update}
    WHEN NOT MATCHED THEN INSERT (${nameList(names)}) VALUES (${sql.join(names.map((name) => sql.id('s', name)))})
  `
}

/**
 * Whether the batch's version is not older than the target's. What loadedAt says need not be stored: later batches have a
 * later one.
 */
function notOlder(load: LoadTables): Sql | undefined {
  const { newest, loadedAt } = load
  const own = hasLoadedAt(load) ? loadedAt : undefined
  const by = (column: string, operator: Sql): Sql =>
    sql`(${sql.id('t', column)} IS NULL OR ${sql.id('s', column)} ${operator} ${sql.id('t', column)})`
  if (newest === undefined) return own === undefined ? undefined : by(own, sql`>=`)
  if (own === undefined) return by(newest, sql`>=`)
  const same = sql`${sql.id('s', newest)} = ${sql.id('t', newest)}`
  return sql`(${by(newest, sql`>`)} OR (${same} AND ${by(own, sql`>=`)}))`
}

/** The columns that say which version is newer, the most telling first. */
function versionColumns(load: LoadTables): readonly string[] {
  const loaded = loadedColumn(load)
  return load.newest === undefined || load.newest === loaded ? [loaded] : [load.newest, loaded]
}

function loadedColumn(load: LoadTables): string {
  return hasLoadedAt(load) ? load.loadedAt : LOADED_AT
}

function batchColumns(load: LoadTables): readonly string[] {
  return [...load.columns.map(({ name }) => name), ...(hasLoadedAt(load) ? [] : [LOADED_AT])]
}

function hasLoadedAt({ columns, loadedAt }: LoadTables): boolean {
  return columns.some(({ name }: ColumnSpec) => name === loadedAt)
}

function repeatedKeys(key: readonly string[], batch: string): Sql {
  return sql`SELECT ${nameList(key)} FROM ${tableRef(batch)} GROUP BY ${nameList(key)} HAVING COUNT(*) > 1`
}

function isNull(name: string): Sql {
  return sql`${sql.id(name)} IS NULL`
}
