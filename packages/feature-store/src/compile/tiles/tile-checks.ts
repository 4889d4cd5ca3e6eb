import { sql, tableRef, type Leaves, type Sql } from '@martlet/warehouse'
import { floorDivide } from '../../plan/time/grid.ts'
import { keyAlias } from '../../vocabulary/algebra/frame.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import {
  checkColumns,
  checksumOf,
  factHash,
  momentRows,
  tileColumn,
  tiledFacts,
  type MomentTable,
} from './moment-table.ts'

/** Tiles are first compared a cell at a time: the tiles of a day, of one in so many entities. */
const DAY = 86_400_000_000
const BUCKETS = 64

/** More cells than this are replaced by the days from the first to the last. */
const MOST_CELLS = 10_000

/** How stored tiles are compared with the facts before `to`, a tile boundary. */
export interface TileCheck {
  readonly table: MomentTable
  readonly to: bigint
  /** Whether checksums can be compared, not only numbers of events: not after the engine has changed its hash. */
  readonly checksums: boolean
}

/** `(cell)`: the cells whose stored tiles are not made of the facts that there are now. One scan of both. */
export function changedCells(leaves: Leaves, check: TileCheck): Sql {
  const { table, to } = check
  const facts = tiledFacts(leaves, table, null, to)
  const names = checkColumns(table.entity)
  const own = (name: string): Sql => sql.id('s', name)
  const keys = table.entity.keys.map((_, index) => facts.column(keyAlias(index)))
  const fresh = sql`
    SELECT v.cell AS cell, COUNT(*) AS events, ${sumOf(check, sql`v.fact_hash`)} AS checksum
    FROM (
      SELECT ${cellOf(leaves, leaves.floorDivide(facts.us, table.grain * tilesOfDay(table)), keys)} AS cell,
        ${check.checksums ? factHash(leaves, table, facts) : sql`0`} AS fact_hash
      FROM ${facts.rows}
    ) v
    GROUP BY v.cell
  `
  const stored = sql`
    SELECT t.cell AS cell, 0 - SUM(t.events) AS events, 0 - ${sumOf(check, sql`t.checksum`)} AS checksum
    FROM (
      SELECT ${tileCell(leaves, table, own(tileColumn(table.entity)), storedKeys(table, 's'))} AS cell, ${own(names.events)} AS events,
        ${own(names.checksum)} AS checksum
      FROM ${tableRef(table.table)} s
      WHERE ${own(tileColumn(table.entity))} <= ${lastTile(check)}
    ) t
    GROUP BY t.cell
  `
  return sql`
    SELECT CAST(b.cell AS ${leaves.columnType('bigint')}) AS cell
    FROM (${fresh} UNION ALL ${stored}) b
    GROUP BY b.cell
    HAVING SUM(b.events) <> 0 OR ${checksumOf(sql`SUM(b.checksum)`)} <> 0
    ORDER BY 1
  `
}

/** The tiles of some cells, computed from the facts. */
export function freshTiles(leaves: Leaves, { table, to }: TileCheck, cells: readonly bigint[]): Sql {
  const length = BigInt(table.grain) * BigInt(tilesOfDay(table))
  const [first, last] = days(cells)
  const end = (last + 1n) * length
  return momentRows(leaves, table, first * length, end < to ? end : to, (tile, keys) =>
    inCells(leaves, table, tile, keys, cells),
  )
}

/** Which stored tiles `freshTiles` replaces. */
export function replacedTiles(leaves: Leaves, check: TileCheck, cells: readonly bigint[]): Sql {
  const { table } = check
  const tile = sql.id(tileColumn(table.entity))
  const keys = table.entity.keys.map(({ name }) => sql.id(name))
  return sql`${tile} <= ${lastTile(check)} AND ${inCells(leaves, table, tile, keys, cells)}`
}

/**
 * `(tile, tiles, entities, moved, example)`: by their numbers, the tiles that are not the stored ones. An entity counts
 * at its first; `moved` tiles appeared or vanished.
 */
export function changedTiles(leaves: Leaves, check: TileCheck, fresh: Sql, cells: readonly bigint[]): Sql {
  const keys = keysOf(check.table, 'c')
  const ranked = sql`
    SELECT c.*, ROW_NUMBER() OVER (PARTITION BY ${keys} ORDER BY c.tile) AS place
    FROM (${differences(leaves, check, fresh, cells)}) c
  `
  const texts = check.table.entity.keys.map((_, index) => sql`CAST(${sql.id('r', keyAlias(index))} AS VARCHAR)`)
  const count = (condition: Sql): Sql =>
    sql`CAST(SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END) AS ${leaves.columnType('bigint')})`
  return sql`
    SELECT r.tile AS tile, COUNT(*) AS tiles, ${count(sql`r.place = 1`)} AS entities,
      ${count(sql`r.stored = 0 OR r.fresh = 0`)} AS moved, MIN(${sql.join(texts, sql` || ' ' || `)}) AS example
    FROM (${ranked}) r
    GROUP BY r.tile
    ORDER BY r.tile
  `
}

/**
 * `(low, high)`: between which tiles entities are there that were not, or no longer: an entity is there from its first
 * fact on. `high` is beyond the last tile when it has none any more, or had none.
 */
export function changedPresence(leaves: Leaves, check: TileCheck, fresh: Sql, cells: readonly bigint[]): Sql {
  const { table } = check
  const keys = (alias: string): Sql => keysOf(table, alias)
  const tile = sql.id('s', tileColumn(table.entity))
  const moved = sql`
    SELECT DISTINCT ${keys('c')}
    FROM (${differences(leaves, check, fresh, cells)}) c
    WHERE c.stored = 0 OR c.fresh = 0
  `
  const both = sql`
    SELECT ${aliased(table, 's')}, ${tile} AS tile, 1 AS stored,
      CASE WHEN ${inCells(leaves, table, tile, storedKeys(table, 's'), cells)} THEN 0 ELSE 1 END AS fresh
    FROM ${tableRef(table.table)} s
    WHERE ${tile} <= ${lastTile(check)}
    UNION ALL SELECT ${aliased(table, 's')}, ${tile} AS tile, 0 AS stored, 1 AS fresh FROM ${fresh} s
  `
  const same = table.entity.keys.map((_, i) => sql`${sql.id('m', keyAlias(i))} = ${sql.id('b', keyAlias(i))}`)
  const first = (which: Sql): Sql => sql`COALESCE(MIN(CASE WHEN ${which} = 1 THEN b.tile END), ${lastTile(check)} + 1)`
  const firsts = sql`
    SELECT ${keys('b')}, ${first(sql`b.stored`)} AS was, ${first(sql`b.fresh`)} AS now
    FROM (${both}) b
    JOIN (${moved}) m ON ${sql.join(same, sql` AND `)}
    GROUP BY ${keys('b')}
  `
  const bigint = leaves.columnType('bigint')
  return sql`
    SELECT CAST(${leaves.least(sql`f.was`, sql`f.now`)} AS ${bigint}) AS low,
      CAST(MAX(${leaves.greatest(sql`f.was`, sql`f.now`)}) AS ${bigint}) AS high
    FROM (${firsts}) f
    WHERE f.was <> f.now
    GROUP BY 1
    ORDER BY 1
  `
}

/** `(keys, tile, stored, fresh)`: the tiles that differ, and whether each is among the stored and the fresh ones. */
function differences(leaves: Leaves, check: TileCheck, fresh: Sql, cells: readonly bigint[]): Sql {
  const { table, checksums } = check
  const names = checkColumns(table.entity)
  const [tile, events] = [sql.id('s', tileColumn(table.entity)), sql.id('s', names.events)]
  const checksum = checksums ? sql.id('s', names.checksum) : sql`0`
  return sql`
    SELECT ${keysOf(table, 'd')}, d.tile AS tile, MAX(d.stored) AS stored, MAX(d.fresh) AS fresh
    FROM (
      SELECT ${aliased(table, 's')}, ${tile} AS tile, ${events} AS events, ${checksum} AS checksum, 0 AS stored, 1 AS fresh
      FROM ${fresh} s
      UNION ALL SELECT ${aliased(table, 's')}, ${tile} AS tile, 0 - ${events} AS events, 0 - ${checksum} AS checksum,
        1 AS stored, 0 AS fresh
      FROM ${tableRef(table.table)} s
      WHERE ${tile} <= ${lastTile(check)} AND ${inCells(leaves, table, tile, storedKeys(table, 's'), cells)}
    ) d
    GROUP BY ${keysOf(table, 'd')}, d.tile
    HAVING SUM(d.events) <> 0 OR ${checksumOf(sql`SUM(d.checksum)`)} <> 0
  `
}

function sumOf({ checksums }: TileCheck, of: Sql): Sql {
  return checksums ? sql`SUM(${of})` : sql`0`
}

function tilesOfDay({ grain }: MomentTable): number {
  return Math.ceil(DAY / grain)
}

function cellOf(leaves: Leaves, day: Sql, keys: readonly Sql[]): Sql {
  return sql`${day} * ${integer(BUCKETS)} + ${leaves.rowBucket(BUCKETS, ...keys)}`
}

function tileCell(leaves: Leaves, table: MomentTable, tile: Sql, keys: readonly Sql[]): Sql {
  return cellOf(leaves, dayOf(leaves, table, tile), keys)
}

function dayOf(leaves: Leaves, table: MomentTable, tile: Sql): Sql {
  return leaves.floorDivide(sql`${tile} - 1`, tilesOfDay(table))
}

/** The first and the last day of some cells. */
function days(cells: readonly bigint[]): readonly [first: bigint, last: bigint] {
  return [floorDivide(cells[0] ?? 0n, BigInt(BUCKETS)), floorDivide(cells.at(-1) ?? 0n, BigInt(BUCKETS))]
}

function inCells(leaves: Leaves, table: MomentTable, tile: Sql, keys: readonly Sql[], cells: readonly bigint[]): Sql {
  if (cells.length <= MOST_CELLS)
    return sql`${tileCell(leaves, table, tile, keys)} IN (${sql.join(cells.map(integer))})`
  const day = dayOf(leaves, table, tile)
  const [first, last] = days(cells)
  return sql`(${day} >= ${integer(first)} AND ${day} <= ${integer(last)})`
}

function lastTile({ table, to }: TileCheck): Sql {
  return integer(to / BigInt(table.grain))
}

function storedKeys({ entity }: MomentTable, alias: string): readonly Sql[] {
  return entity.keys.map(({ name }) => sql.id(alias, name))
}

/** The key columns under names that no user's column has. */
function aliased({ entity }: MomentTable, alias: string): Sql {
  return sql.join(entity.keys.map(({ name }, index) => sql`${sql.id(alias, name)} AS ${sql.id(keyAlias(index))}`))
}

function keysOf({ entity }: MomentTable, alias: string): Sql {
  return sql.join(entity.keys.map((_, index) => sql.id(alias, keyAlias(index))))
}
