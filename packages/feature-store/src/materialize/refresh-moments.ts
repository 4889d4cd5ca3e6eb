import { sql } from 'kysely'
import { ensureTable, tableRef, type Warehouse } from '@martlet/warehouse'
import { momentColumn, momentRows, type MomentTable } from '../compile/moment-table.ts'
import type { Moment } from '../compile/moments.ts'
import { momentTableOf } from '../compile/view-moments.ts'
import { floorDivide } from '../compile/grid.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import type { Chunk } from './write-range.ts'

const LEDGER = 'features_internal.moment_tables'

/** The stored tiles that views share: for each view, one table with the moments of all views on the same fact, entity and tile. */
export function sharedMoments(views: readonly ViewPlan[]): ReadonlyMap<string, MomentTable> {
  const tables = new Map<string, Map<string, Moment>>()
  const own = new Map<string, MomentTable>()
  for (const view of views) {
    const table = momentTableOf(view)
    if (table === undefined) continue
    own.set(view.name, table)
    const moments = tables.get(table.table) ?? new Map<string, Moment>()
    for (const moment of table.moments) moments.set(momentColumn(moment), moment)
    tables.set(table.table, moments)
  }
  return new Map([...own].map(([name, table]) => [name, { ...table, moments: distinctInputs([...(tables.get(table.table)?.values() ?? [])]) }]))
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
 * Brings stored tiles up to date for one chunk, in the chunk's transaction: everything before `chunk.to` that is not
 * there yet, and again the chunk itself and what lies up to `back` microseconds before it (null: everything), where
 * facts may have come in or changed. A table that holds other moments than wanted is built anew.
 */
export async function refreshMoments(warehouse: Warehouse, table: MomentTable, back: bigint | null, chunk: Chunk): Promise<void> {
  await ensureTable(warehouse, { table: LEDGER, columns: [{ name: 'table_name', type: 'text', nullable: false }, { name: 'fact', type: 'text', nullable: false }, { name: 'covered_to', type: 'timestamp', nullable: false }] })
  const grain = BigInt(table.grain)
  const to = -floorDivide(-chunk.to, grain) * grain
  const covered = await coveredTo(warehouse, table)
  const existing = await warehouse.introspect(table.table)
  const wanted = table.moments.map(momentColumn)
  const columns = [...table.entity.keys.map((key) => key.name), 'tile', ...wanted]
  const fits = existing !== undefined && existing.length === columns.length && columns.every((name) => existing.some((column) => column.name === name))
  if (covered === undefined || back === null || !fits) {
    await warehouse.run(warehouse.leaves.createTableAs(table.table, momentRows(warehouse.leaves, table, null, to), { replace: true, orderBy: [...table.entity.keys.map((key) => sql.id(key.name)), sql`tile`] }))
    await record(warehouse, table, to)
    return
  }
  const again = floorDivide(chunk.from - back, grain) * grain
  const from = covered < again ? covered : again
  await warehouse.run(sql`DELETE FROM ${tableRef(table.table)} WHERE tile > ${sql.lit(Number(from / grain))} AND tile <= ${sql.lit(Number(to / grain))}`)
  const names = sql.join(columns.map((name) => sql.id(name)))
  await warehouse.run(sql`INSERT INTO ${tableRef(table.table)} (${names}) SELECT ${names} FROM (${momentRows(warehouse.leaves, table, from, to)}) fresh`)
  await record(warehouse, table, covered > to ? covered : to)
}

/** How far before a feature time the facts lie that its row is made of, in microseconds; null: any distance. */
export function lookback(view: ViewPlan): bigint | null {
  let longest = BigInt(view.grid.every)
  for (const feature of view.features) {
    if (feature.kind === 'age') return null
    if (feature.kind !== 'aggregate') continue
    if (feature.window.kind !== 'time') return null
    const reach = BigInt(feature.window.length) + BigInt(feature.window.shift)
    if (reach > longest) longest = reach
  }
  return longest
}

async function coveredTo(warehouse: Warehouse, table: MomentTable): Promise<bigint | undefined> {
  const { columns, rows } = await warehouse.read(sql`SELECT covered_to FROM ${tableRef(LEDGER)} WHERE table_name = ${table.table}`)
  const [column] = columns
  return rows > 0 && column?.type === 'timestamp' ? column.values[0] : undefined
}

async function record(warehouse: Warehouse, table: MomentTable, covered: bigint): Promise<void> {
  await warehouse.run(sql`DELETE FROM ${tableRef(LEDGER)} WHERE table_name = ${table.table}`)
  await warehouse.run(sql`INSERT INTO ${tableRef(LEDGER)} (table_name, fact, covered_to) VALUES (${table.table}, ${table.fact.table}, ${warehouse.leaves.timestamp(covered)})`)
}
