import { dropTable, sql, tableRef, unitOfWork, type Warehouse } from '@martlet/warehouse'
import { momentColumn, momentRows, tileColumn, tileColumns, type MomentTable } from '../compile/tiles/moment-table.ts'
import { inputName } from '../vocabulary/algebra/input.ts'
import type { Moment } from '../vocabulary/algebra/moments.ts'
import { momentTableOf } from '../compile/tiles/view-moments.ts'
import { canonicalHash, canonicalJson } from '../plan/canonical-json.ts'
import { floorDivide } from '../plan/time/grid.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import {
  dropStaged,
  readChanges,
  replaceChanged,
  stageChanged,
  type StagedTiles,
  type TileChanges,
} from './verify-tiles.ts'
import {
  ensureLedger,
  enterTable,
  knownTables,
  LEDGER,
  lockTable,
  NOTHING,
  noteHash,
  readCovered,
  removeTable,
  verifiableTiles,
  writeCovered,
} from './tile-ledger.ts'

/** Part of the names of tables: tiles that are computed in another way get another table. */
const FORMAT = 2

/**
 * The stored tiles that views share: for each view, the table with the moments of all views on the same fact, entity
 * and tile.
 */
export function sharedMoments(views: readonly ViewPlan[]): ReadonlyMap<string, MomentTable> {
  const tables = new Map<string, Map<string, Moment>>()
  const checked = new Map<string, Set<string>>()
  const own = new Map<string, MomentTable>()
  for (const view of views) {
    const table = momentTableOf(view)
    if (table === undefined) continue
    own.set(view.name, table)
    const moments = tables.get(table.base) ?? new Map<string, Moment>()
    for (const moment of table.moments) moments.set(momentColumn(moment), moment)
    tables.set(table.base, moments)
    checked.set(table.base, new Set([...(checked.get(table.base) ?? []), ...table.checked]))
  }
  return new Map(
    [...own].map(([name, table]) => {
      const columns = [...(checked.get(table.base) ?? [])].toSorted()
      return [name, shaped(table, [...(tables.get(table.base)?.values() ?? [])], columns)]
    }),
  )
}

/** The table's name includes a digest of its moments, so a table never changes its columns. */
function shaped(table: MomentTable, moments: readonly Moment[], checked: readonly string[]): MomentTable {
  const shape = canonicalHash([FORMAT, moments.map(momentColumn).toSorted(), checked]).slice(0, 12)
  return { ...table, table: `${table.base}_${shape}`, moments: distinctInputs(moments), checked }
}

/** Inputs of different views get names that do not clash. */
function distinctInputs(moments: readonly Moment[]): readonly Moment[] {
  const ids = new Map<string, string>()
  return moments.map(({ kind, input }) => {
    const name = canonicalJson(inputName(input))
    const id = ids.get(name) ?? `x${ids.size}`
    ids.set(name, id)
    return { id: `${id}_${kind}`, kind, input: { ...input, id } }
  })
}

/** What to do with changes that a verification finds; runs in the transaction that replaces the tiles. */
export type NoteChanges = (transaction: Warehouse, changes: TileChanges) => Promise<void>

/**
 * Computes the tiles before `to` that are missing. With `note`, those that are there are compared with the facts first,
 * and replaced where the facts have changed, however old they are. Without it, what has been computed stays: nothing
 * changes that a later comparison would not find. It joins the transaction around it or opens its own, so other
 * processes never see incomplete tiles or less than before.
 */
export async function refreshMoments(
  warehouse: Warehouse,
  table: MomentTable,
  to: bigint,
  note?: NoteChanges,
): Promise<void> {
  await ensureMoments(warehouse, table)
  await unitOfWork(warehouse, async (unit) => {
    // What the facts say is staged before the transaction: where DDL commits, none may be inside.
    const found = note === undefined ? [] : await compareWithFacts(unit, table)
    const covered = await readCovered(unit, table)
    if (covered !== null && covered >= to && found.every((one) => one.staged === undefined && !one.rehash)) return
    await unit.transaction(async (transaction) => {
      await lockTable(transaction, table)
      for (const { staged } of found) {
        if (staged === undefined || note === undefined) continue
        await note(transaction, await readChanges(transaction, staged))
        if (staged.table.table === table.table) await replaceChanged(transaction, staged)
      }
      if (found.some((one) => one.rehash)) {
        await writeCovered(transaction, table.table, NOTHING)
        await noteHash(transaction, table)
      }
      await computeTiles(
        transaction,
        table,
        found.reduce((reach, one) => (one.to > reach ? one.to : reach), to),
      )
    })
    for (const { staged } of found) if (staged !== undefined) await dropStaged(unit, staged)
  })
}

interface Compared {
  /** How far new tiles must reach to take the place of those that were compared. */
  readonly to: bigint
  /** Undefined: the facts have not changed. */
  readonly staged: StagedTiles | undefined
  /** The engine's hash is another than that of the stored checksums, so all tiles must be computed again. */
  readonly rehash: boolean
}

/**
 * Compares the table's tiles with the facts, or, when it has none yet, those of the tables that it replaces: otherwise
 * a changed definition would hide what had changed before.
 */
async function compareWithFacts(unit: Warehouse, table: MomentTable): Promise<readonly Compared[]> {
  const compared: Compared[] = []
  for (const { check, own } of await verifiableTiles(unit, table))
    compared.push({
      to: own && check.checksums ? NOTHING : check.to,
      staged: await stageChanged(unit, check),
      rehash: own && !check.checksums,
    })
  return compared
}

async function computeTiles(transaction: Warehouse, table: MomentTable, end: bigint): Promise<void> {
  const { leaves } = transaction
  const grain = BigInt(table.grain)
  const to = -floorDivide(-end, grain) * grain
  const from = await readCovered(transaction, table)
  if (from !== null && from >= to) return
  const names = tileColumns(table)
  const columns = sql.join(names.map((name) => sql.id(name)))
  const ordered = sql` ORDER BY ${sql.join(names.slice(0, table.entity.keys.length + 1).map((name) => sql.id(name)))}`
  const tile = sql.id(tileColumn(table.entity))
  const since = from === null ? sql`` : sql`${tile} > ${sql.lit(Number(from / grain))} AND `
  await transaction.run(
    sql`DELETE FROM ${tableRef(table.table)} WHERE ${since}${tile} <= ${sql.lit(Number(to / grain))}`,
  )
  await transaction.run(
    sql`
      INSERT INTO ${tableRef(table.table)} (${columns}) SELECT ${columns}
      FROM (${momentRows(leaves, table, from, to)}) fresh${from === null ? ordered : sql``}
    `,
  )
  await writeCovered(transaction, table.table, to)
}

/** Creates the table and its row in the ledger. Both are only ever added, so several processes may do this at once. */
export async function ensureMoments(warehouse: Warehouse, table: MomentTable): Promise<void> {
  const { leaves } = warehouse
  await ensureLedger(warehouse)
  if ((await warehouse.introspect(table.table)) === undefined) {
    const none = sql`SELECT * FROM (${momentRows(leaves, table, 0n, 0n)}) none_yet LIMIT 0`
    await warehouse.run(leaves.createTableAs(table.table, none)).catch(async (error: unknown) => {
      // Another process may have been quicker. A failed transaction cannot be queried, so the error is thrown there.
      if ((await warehouse.introspect(table.table).catch(() => undefined)) === undefined) throw error
    })
  }
  await enterTable(warehouse, table)
}

/** Resets how far stored tiles reach, so that the next run computes all of them again from the facts. */
export async function recomputeTiles(transaction: Warehouse, table: string): Promise<void> {
  if ((await transaction.introspect(LEDGER)) !== undefined) await writeCovered(transaction, table, NOTHING)
}

/**
 * Drops the tiles that were kept for other definitions of the views on the same facts. A table that another process
 * has already dropped is not an error.
 */
export async function dropOtherMoments(warehouse: Warehouse, tables: readonly MomentTable[]): Promise<void> {
  if (tables.length === 0 || (await warehouse.introspect(LEDGER)) === undefined) return
  const wanted = new Set(tables.map(({ table }) => table))
  for (const { name, fact, checked } of await knownTables(warehouse)) {
    // Without checksums, a version from before they were stored has made it, under a name that no view has any more.
    const replaced = tables.some(
      (table) => name.startsWith(`${table.base}_`) || (!checked && table.fact.table === fact),
    )
    if (wanted.has(name) || !replaced) continue
    await removeTable(warehouse, name)
    await dropTable(warehouse, name)
  }
}
