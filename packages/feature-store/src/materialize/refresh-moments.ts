import { dropTable, ensureTable, MartletError, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { digest, momentColumn, momentRows, tileColumn, type MomentTable } from '../compile/tiles/moment-table.ts'
import type { Moment } from '../vocabulary/algebra/moments.ts'
import { momentTableOf } from '../compile/tiles/view-moments.ts'
import { floorDivide } from '../plan/time/grid.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import type { Chunk } from './write-range.ts'
import { windowFeatures } from '../compile/window-feature.ts'
import { windowKind } from '../vocabulary/windows/list.ts'

const LEDGER = 'features_internal.moment_tables'
/** The ledger's value for a table without tiles: the beginning of the year 1 (µs). */
const NOTHING = -62_135_596_800_000_000n

/**
 * The stored tiles that views share: for each view, the table with the moments of all views on the same fact, entity
 * and tile.
 */
export function sharedMoments(views: readonly ViewPlan[]): ReadonlyMap<string, MomentTable> {
  const tables = new Map<string, Map<string, Moment>>()
  const own = new Map<string, MomentTable>()
  for (const view of views) {
    const table = momentTableOf(view)
    if (table === undefined) continue
    own.set(view.name, table)
    const moments = tables.get(table.base) ?? new Map<string, Moment>()
    for (const moment of table.moments) moments.set(momentColumn(moment), moment)
    tables.set(table.base, moments)
  }
  return new Map([...own].map(([name, table]) => [name, shaped(table, [...(tables.get(table.base)?.values() ?? [])])]))
}

/** The table's name includes a digest of its moments, so a table never changes its columns. */
function shaped(table: MomentTable, moments: readonly Moment[]): MomentTable {
  const shape = digest(moments.map(momentColumn).toSorted()).slice(0, 12)
  return { ...table, table: `${table.base}_${shape}`, moments: distinctInputs(moments) }
}

/** Inputs of different views get names that do not clash. */
function distinctInputs(moments: readonly Moment[]): readonly Moment[] {
  const ids = new Map<string, string>()
  return moments.map(({ kind, input }) => {
    const name = JSON.stringify([input.column, input.where])
    const id = ids.get(name) ?? `x${ids.size}`
    ids.set(name, id)
    return { id: `${id}_${kind}`, kind, input: { ...input, id } }
  })
}

/**
 * Brings stored tiles up to date for one chunk. It computes the missing tiles before `chunk.to`, and again those of
 * the chunk and of the `back` microseconds before it (null: everything before it), where facts may have arrived or
 * changed. It joins the transaction around it or opens its own, so other processes never see incomplete tiles or less
 * than before.
 */
export async function refreshMoments(
  warehouse: Warehouse,
  table: MomentTable,
  back: bigint | null,
  chunk: Chunk,
): Promise<void> {
  const { leaves } = warehouse
  const grain = BigInt(table.grain)
  const to = -floorDivide(-chunk.to, grain) * grain
  await ensureMoments(warehouse, table)
  const columns = [
    ...table.entity.keys.map((key) => key.name),
    tileColumn(table.entity),
    ...table.moments.map(momentColumn),
  ].map((name) => sql.id(name))
  const tile = sql.id(tileColumn(table.entity))
  await warehouse.transaction(async (transaction) => {
    const covered = await lockCovered(transaction, table)
    const again = back === null ? null : floorDivide(chunk.from - back, grain) * grain
    const from = covered === null || again === null ? null : covered < again ? covered : again
    const ordered = from === null ? sql` ORDER BY ${sql.join(columns.slice(0, table.entity.keys.length + 1))}` : sql``
    const since = from === null ? sql`` : sql`${tile} > ${sql.lit(Number(from / grain))} AND `
    await transaction.run(
      sql`DELETE FROM ${tableRef(table.table)} WHERE ${since}${tile} <= ${sql.lit(Number(to / grain))}`,
    )
    await transaction.run(
      sql`
        INSERT INTO ${tableRef(table.table)} (${sql.join(columns)}) SELECT ${sql.join(columns)}
        FROM (${momentRows(leaves, table, from, to)}) fresh${ordered}
      `,
    )
    if (covered === null || covered < to)
      await transaction.run(
        sql`UPDATE ${tableRef(LEDGER)} SET covered_to = ${leaves.timestamp(to)} WHERE table_name = ${table.table}`,
      )
  })
}

/** Creates the table and its row in the ledger. Both are only ever added, so several processes may do this at once. */
async function ensureMoments(warehouse: Warehouse, table: MomentTable): Promise<void> {
  const { leaves } = warehouse
  await ensureTable(warehouse, {
    table: LEDGER,
    columns: [
      { name: 'table_name', type: 'text', nullable: false },
      { name: 'fact', type: 'text', nullable: false },
      { name: 'covered_to', type: 'timestamp', nullable: false },
    ],
  })
  if ((await warehouse.introspect(table.table)) === undefined) {
    const none = sql`SELECT * FROM (${momentRows(leaves, table, 0n, 0n)}) none_yet LIMIT 0`
    await warehouse.run(leaves.createTableAs(table.table, none)).catch(async (error: unknown) => {
      // Another process may have been quicker. A failed transaction cannot be queried, so the error is thrown there.
      if ((await warehouse.introspect(table.table).catch(() => undefined)) === undefined) throw error
    })
  }
  const known = await warehouse.read(sql`SELECT covered_to FROM ${tableRef(LEDGER)} WHERE table_name = ${table.table}`)
  if (known.rows === 0)
    await warehouse.run(
      sql`
        INSERT INTO ${tableRef(LEDGER)} (table_name, fact, covered_to)
        VALUES (${table.table}, ${table.fact.table}, ${leaves.timestamp(NOTHING)})
      `,
    )
}

/**
 * How far the tiles reach, or null. Updating the row first makes other processes wait until this transaction has
 * ended, or begin theirs again. Two processes that start at once may both add a row: the lower one counts, and later
 * updates change both.
 */
async function lockCovered(transaction: Warehouse, table: MomentTable): Promise<bigint | null> {
  await transaction.run(sql`UPDATE ${tableRef(LEDGER)} SET covered_to = covered_to WHERE table_name = ${table.table}`)
  const { columns } = await transaction.read(
    sql`SELECT MIN(covered_to) AS covered_to FROM ${tableRef(LEDGER)} WHERE table_name = ${table.table}`,
  )
  const [column] = columns
  const covered = column?.type === 'timestamp' && column.nulls?.[0] !== 1 ? column.values[0] : undefined
  if (covered === undefined) {
    throw new MartletError(
      'MOMENTS_DROPPED',
      `Another process dropped ${table.table} while it was being brought up to date, ` +
        `because it materializes other definitions on ${table.fact.table}. ` +
        'Run this again, with the same definitions applied everywhere.',
      { data: { table: table.table, fact: table.fact.table } },
    )
  }
  return covered === NOTHING ? null : covered
}

/** Resets how far stored tiles reach, so that the next run computes all of them again from the facts. */
export async function recomputeTiles(transaction: Warehouse, table: string): Promise<void> {
  if ((await transaction.introspect(LEDGER)) === undefined) return
  const nothing = transaction.leaves.timestamp(NOTHING)
  await transaction.run(sql`UPDATE ${tableRef(LEDGER)} SET covered_to = ${nothing} WHERE table_name = ${table}`)
}

/**
 * Drops the tiles that were kept for other definitions of the views on the same facts. A table that another process
 * has already dropped is not an error.
 */
export async function dropOtherMoments(warehouse: Warehouse, tables: readonly MomentTable[]): Promise<void> {
  if (tables.length === 0 || (await warehouse.introspect(LEDGER)) === undefined) return
  const { columns } = await warehouse.read(sql`SELECT DISTINCT table_name FROM ${tableRef(LEDGER)}`)
  const kept = columns[0]?.type === 'text' ? columns[0].values : []
  const wanted = new Set(tables.map(({ table }) => table))
  for (const name of kept) {
    if (wanted.has(name) || !tables.some(({ base }) => name === base || name.startsWith(`${base}_`))) continue
    // The row is deleted first: without it, no process relies on the tiles in the table.
    await warehouse.run(sql`DELETE FROM ${tableRef(LEDGER)} WHERE table_name = ${name}`)
    await dropTable(warehouse, name)
  }
}

/** How far back the row of a feature time reads facts, in microseconds; null: without limit. */
export function lookback(view: ViewPlan): bigint | null {
  let longest = BigInt(view.grid.every)
  for (const feature of windowFeatures(view.features)) {
    for (const { window } of feature.parts) {
      const reach = windowKind(window).reach(window)
      if (reach === null) return null
      if (BigInt(reach) > longest) longest = BigInt(reach)
    }
  }
  return longest
}
