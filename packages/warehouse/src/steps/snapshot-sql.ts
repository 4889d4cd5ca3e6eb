import { tableRef } from '../table/table-name.ts'
import { nameList, sameKey, sameKeyAs } from './key-sql.ts'
import { VALID_FROM, VALID_TO, type SnapshotTables } from './snapshot-step.ts'
import { AT } from './snapshot-versions.ts'
import { sql, type Sql } from '../sql.ts'

/** The place of an event among those of one instant. */
const RANK = 'martlet_rank'

/** Of events of one instant: an end that is known, a version, an end that this run found. */
const ENDED = 0
const VERSION = 1
const VANISHED = 2

/** The tables of a run that events are made of. */
export interface EventTables {
  readonly versions: string
  readonly old: string
  readonly vanished: string | undefined
}

/**
 * What happened to the keys, one row each: versions of the source, versions that only the target still has, and ends that no
 * version followed.
 */
export function eventRows(step: SnapshotTables, { versions, old, vanished }: EventTables): Sql {
  const { key } = step
  const rest = valueNames(step)
  const from = sql.id('o', VALID_FROM)
  const to = sql.id('o', VALID_TO)
  const held = (relation: string, at: Sql): Sql => selectEvent(step, relation, at, VERSION, nameList(rest, relation))
  const vanishedEnds =
    vanished === undefined
      ? sql``
      : sql` UNION ALL ${ended(step, 'g', sql`g.martlet_ended`, VANISHED)} FROM ${tableRef(vanished)} AS g`
  return sql`
    ${held('v', sql.id('v', AT))} FROM ${tableRef(versions)} AS v
    UNION ALL ${held('o', from)} FROM ${tableRef(old)} AS o
    WHERE NOT EXISTS (SELECT 1 FROM ${tableRef(versions)} AS v WHERE ${sameKey(key, 'v', 'o')} AND ${sql.id('v', AT)} = ${from})
    UNION ALL ${ended(step, 'o', to, ENDED)} FROM ${tableRef(old)} AS o
    WHERE ${to} IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM ${tableRef(old)} AS n WHERE ${sameKey(key, 'n', 'o')} AND ${sql.id('n', VALID_FROM)} = ${to})
    ${vanishedEnds}
  `
}

function selectEvent({ key }: SnapshotTables, relation: string, at: Sql, rank: number, values: Sql): Sql {
  const when = sql`${at} AS ${sql.id(AT)}, ${sql.lit(rank)} AS ${sql.id(RANK)}`
  return sql`SELECT ${sql.join([nameList(key, relation), when, values])}`
}

/** An end is an event without values. */
function ended(step: SnapshotTables, relation: string, at: Sql, rank: number): Sql {
  const { key, columns, leaves } = step
  const none = columns
    .filter(({ name }) => !key.includes(name))
    .map(({ name, type }) => sql`CAST(NULL AS ${leaves.columnType(type)}) AS ${sql.id(name)}`)
  return selectEvent(step, relation, at, rank, sql.join(none))
}

/**
 * The newest versions of keys that are in the source although an end is the last that happened: such a row is back, and holds
 * from `now` on.
 */
export function returnedVersions(step: SnapshotTables, happened: string, versions: string, now: bigint): Sql {
  const { key, leaves } = step
  const rest = valueNames(step)
  const order = (relation: string, rank: readonly Sql[]): Sql => sql`
    ROW_NUMBER() OVER (
      PARTITION BY ${nameList(key, relation)} ORDER BY ${sql.join([sql`${sql.id(relation, AT)} DESC NULLS LAST`, ...rank])}
    ) AS martlet_place
  `
  const lastEnds = sql`
    SELECT ${sql.join([nameList(key), sql.id(AT)])} FROM (
      SELECT ${sql.join([nameList(key, 'e'), sql.id('e', AT), sql.id('e', RANK), order('e', [sql`${sql.id('e', RANK)} DESC NULLS LAST`])])}
      FROM ${tableRef(happened)} AS e
    ) AS l WHERE martlet_place = 1 AND ${sql.id(RANK)} = ${sql.lit(ENDED)}
  `
  const newest = sql`
    SELECT ${sql.join([nameList(key), nameList(rest)])} FROM (
      SELECT ${sql.join([nameList([...key, ...rest], 'v'), order('v', [])])} FROM ${tableRef(versions)} AS v
    ) AS n WHERE martlet_place = 1
  `
  const from = sql`CASE WHEN ${sql.id('l', AT)} > ${leaves.timestamp(now)} THEN ${sql.id('l', AT)} ELSE ${leaves.timestamp(now)} END`
  return sql`
    INSERT INTO ${tableRef(happened)} (${sql.join([nameList(key), sql.id(AT), sql.id(RANK), nameList(rest)])})
    SELECT ${sql.join([nameList(key, 'n'), from, sql.lit(VERSION), nameList(rest, 'n')])}
    FROM (${newest}) AS n JOIN (${lastEnds}) AS l ON ${sameKey(key, 'l', 'n')}
  `
}

/** The intervals that follow from what happened: a version begins one when it differs from the one before. */
export function intervals(step: SnapshotTables, happened: string): Sql {
  const { key, tracked } = step
  const names = [...key, ...valueNames(step)]
  const order = sql`PARTITION BY ${nameList(key, 'e')} ORDER BY ${nameList([AT, RANK], 'e')}`
  const before = tracked.map(
    (name, index) => sql`LAG(${sql.id('e', name)}) OVER (${order}) AS ${sql.id(`martlet_before_${index}`)}`,
  )
  const same = tracked.map(
    (name, index) => sql`${sql.id(`martlet_before_${index}`)} IS NOT DISTINCT FROM ${sql.id(name)}`,
  )
  const isVersion = sql`${sql.id(RANK)} = ${sql.lit(VERSION)}`
  const isSame = sql`${isVersion} AND martlet_rank_before = ${sql.lit(VERSION)} AND ${sql.join(same, sql` AND `)}`
  const rankBefore = sql`LAG(${sql.id('e', RANK)}) OVER (${order}) AS martlet_rank_before`
  const compared = sql`SELECT ${sql.join([nameList([...names, AT, RANK], 'e'), rankBefore, ...before])} FROM ${tableRef(happened)} AS e`
  const next = sql`LEAD(${sql.id(AT)}) OVER (PARTITION BY ${nameList(key)} ORDER BY ${nameList([AT, RANK])})`
  return sql`
    SELECT ${sql.join([nameList(names), sql`${sql.id(AT)} AS ${sql.id(VALID_FROM)}`, sql.id(VALID_TO)])} FROM (
      SELECT ${sql.join([nameList([...names, AT, RANK]), sql`${next} AS ${sql.id(VALID_TO)}`])}
      FROM (${compared}) AS b WHERE CASE WHEN ${isSame} THEN 0 ELSE 1 END = 1
    ) AS i
    WHERE ${isVersion} AND (${sql.id(VALID_TO)} IS NULL OR ${sql.id(VALID_TO)} > ${sql.id(AT)})
  `
}

/** Deletes the rows of the target that no interval begins with any more. */
export function deleteRemoved({ key, into }: SnapshotTables, old: string, fresh: string): Sql {
  const target = tableRef(into)
  const begins = (relation: string, table: string): Sql => sql`
    EXISTS (
      SELECT 1 FROM ${tableRef(table)} AS ${sql.id(relation)}
      WHERE ${sameKeyAs([...key, VALID_FROM], relation, target)}
    )
  `
  return sql`DELETE FROM ${target} WHERE ${begins('o', old)} AND NOT ${begins('n', fresh)}`
}

/** Updates the intervals that differ, and inserts those that are not there. */
export function mergeIntervals({ key, columns, into }: SnapshotTables, fresh: string): Sql {
  const names = [...columns.map(({ name }) => name), VALID_FROM, VALID_TO]
  const rest = names.filter((name) => !key.includes(name) && name !== VALID_FROM)
  const differs = rest.map((name) => sql`${sql.id('t', name)} IS DISTINCT FROM ${sql.id('n', name)}`)
  return sql`
    MERGE INTO ${tableRef(into)} AS t USING ${tableRef(fresh)} AS n
    ON ${sameKey([...key, VALID_FROM], 't', 'n')}
    WHEN MATCHED AND (${sql.join(differs, sql` OR `)})
    THEN UPDATE SET ${sql.join(rest.map((name) => sql`${sql.id(name)} = ${sql.id('n', name)}`))}
    WHEN NOT MATCHED THEN INSERT (${nameList(names)}) VALUES (${nameList(names, 'n')})
  `
}

function valueNames({ key, columns }: SnapshotTables): readonly string[] {
  return columns.map(({ name }) => name).filter((name) => !key.includes(name))
}
