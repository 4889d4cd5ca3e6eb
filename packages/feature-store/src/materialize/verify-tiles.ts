import { dropTable, rowsOf, sql, tableRef, temporaryTableName, type Warehouse } from '@martlet/warehouse'
import { tileColumns, type MomentTable } from '../compile/tiles/moment-table.ts'
import {
  changedCells,
  changedPresence,
  changedTiles,
  freshTiles,
  replacedTiles,
  type TileCheck,
} from '../compile/tiles/tile-checks.ts'

/** What verification found out about the stored tiles of one table. */
export interface TileChanges {
  readonly table: MomentTable
  /** Everything before this was compared. */
  readonly to: bigint
  /** By the numbers of tiles, in order; an entity counts at the first of its changed tiles. */
  readonly tiles: readonly ChangedTiles[]
  /** Between which tiles entities have come to be there, or are there no longer. */
  readonly presence: readonly { readonly low: bigint; readonly high: bigint }[]
}

export interface ChangedTiles {
  readonly tile: bigint
  readonly tiles: number
  readonly entities: number
  readonly example: string
}

/** The tiles of changed cells as the facts give them, in a temporary table, so that all that follows sees the same facts. */
export interface StagedTiles extends TileCheck {
  readonly cells: readonly bigint[]
  readonly staged: string
}

/** Compares stored tiles with the facts; undefined when they agree. */
export async function stageChanged(unit: Warehouse, check: TileCheck): Promise<StagedTiles | undefined> {
  const { leaves } = unit
  const cells = rowsOf<{ cell: number | bigint }>(await unit.read(changedCells(leaves, check))).map(({ cell }) =>
    BigInt(cell),
  )
  if (cells.length === 0) return undefined
  const staged = temporaryTableName('fresh_tiles')
  await unit.run(leaves.createTableAs(staged, freshTiles(leaves, check, cells), { temporary: true }))
  return { ...check, cells, staged }
}

/** What has changed, tile by tile. */
export async function readChanges(unit: Warehouse, found: StagedTiles): Promise<TileChanges> {
  const { leaves } = unit
  const fresh = tableRef(found.staged)
  const tiles = rowsOf<Record<'tile' | 'tiles' | 'entities' | 'moved', number | bigint> & { example: string }>(
    await unit.read(changedTiles(leaves, found, fresh, found.cells)),
  )
  const presence = tiles.some(({ moved }) => Number(moved) > 0)
    ? rowsOf<Record<'low' | 'high', number | bigint>>(
        await unit.read(changedPresence(leaves, found, fresh, found.cells)),
      )
    : []
  return {
    table: found.table,
    to: found.to,
    tiles: tiles.map(({ tile, tiles: count, entities, example }) => ({
      tile: BigInt(tile),
      tiles: Number(count),
      entities: Number(entities),
      example,
    })),
    presence: presence.map(({ low, high }) => ({ low: BigInt(low), high: BigInt(high) })),
  }
}

/** Puts the staged tiles in the place of the stored ones. */
export async function replaceChanged(transaction: Warehouse, found: StagedTiles): Promise<void> {
  const { table, staged, cells } = found
  const columns = sql.join(tileColumns(table).map((name) => sql.id(name)))
  await transaction.run(
    sql`DELETE FROM ${tableRef(table.table)} WHERE ${replacedTiles(transaction.leaves, found, cells)}`,
  )
  await transaction.run(
    sql`INSERT INTO ${tableRef(table.table)} (${columns}) SELECT ${columns} FROM ${tableRef(staged)}`,
  )
}

export async function dropStaged(unit: Warehouse, found: StagedTiles): Promise<void> {
  await dropTable(unit, found.staged)
}
