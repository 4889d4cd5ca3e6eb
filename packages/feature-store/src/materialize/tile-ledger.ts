import { ensureTable, MartletError, rowsOf, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import type { MomentTable } from '../compile/tiles/moment-table.ts'
import type { TileCheck } from '../compile/tiles/tile-checks.ts'

/** Which tables of tiles there are, and how far each reaches. */
export const LEDGER = 'features_internal.moment_tables'
/** How the checksums in each table were computed. */
const CHECKS = 'features_internal.tile_checks'
/** The ledger's value for a table without tiles: the beginning of the year 1 (µs). */
export const NOTHING = -62_135_596_800_000_000n

/** Adds the table to the ledger. Rows are only ever added, so several processes may do this at once. */
export async function enterTable(warehouse: Warehouse, table: MomentTable): Promise<void> {
  const known = await warehouse.read(sql`SELECT covered_to FROM ${tableRef(LEDGER)} WHERE table_name = ${table.table}`)
  if (known.rows > 0) return
  // A second row about the checksums says the same as the first.
  await warehouse.run(
    sql`
      INSERT INTO ${tableRef(CHECKS)} (table_name, fact_columns, hashed_as)
      VALUES (${table.table}, ${JSON.stringify(table.checked)}, ${await hashText(warehouse)})
    `,
  )
  await warehouse.run(
    sql`
      INSERT INTO ${tableRef(LEDGER)} (table_name, fact, covered_to)
      VALUES (${table.table}, ${table.fact.table}, ${warehouse.leaves.timestamp(NOTHING)})
    `,
  )
}

export async function ensureLedger(warehouse: Warehouse): Promise<void> {
  await ensureTable(warehouse, {
    table: LEDGER,
    columns: [
      { name: 'table_name', type: 'text', nullable: false },
      { name: 'fact', type: 'text', nullable: false },
      { name: 'covered_to', type: 'timestamp', nullable: false },
    ],
  })
  await ensureTable(warehouse, {
    table: CHECKS,
    columns: [
      { name: 'table_name', type: 'text', nullable: false },
      { name: 'fact_columns', type: 'text', nullable: false },
      { name: 'hashed_as', type: 'text', nullable: false },
    ],
  })
}

/**
 * Updating the row makes other processes wait until this transaction has ended, or begin theirs again. Two processes
 * that start at once may both add a row: the lower one counts, and later updates change both.
 */
export async function lockTable(transaction: Warehouse, { table }: MomentTable): Promise<void> {
  await transaction.run(sql`UPDATE ${tableRef(LEDGER)} SET covered_to = covered_to WHERE table_name = ${table}`)
}

/** How far the tiles reach; null: there are none. */
export async function readCovered(warehouse: Warehouse, table: MomentTable): Promise<bigint | null> {
  const { columns } = await warehouse.read(
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

export async function writeCovered(transaction: Warehouse, table: string, to: bigint): Promise<void> {
  const covered = transaction.leaves.timestamp(to)
  await transaction.run(sql`UPDATE ${tableRef(LEDGER)} SET covered_to = ${covered} WHERE table_name = ${table}`)
}

/** Checksums are from now on computed as this engine does. */
export async function noteHash(transaction: Warehouse, { table }: MomentTable): Promise<void> {
  const hashed = await hashText(transaction)
  await transaction.run(sql`UPDATE ${tableRef(CHECKS)} SET hashed_as = ${hashed} WHERE table_name = ${table}`)
}

/** The tables in the ledger, and whether their tiles have checksums. */
export async function knownTables(
  warehouse: Warehouse,
): Promise<readonly { readonly name: string; readonly fact: string; readonly checked: boolean }[]> {
  const entered = await warehouse.read(
    sql`SELECT DISTINCT table_name AS name, fact FROM ${tableRef(LEDGER)} ORDER BY table_name`,
  )
  const checks =
    (await warehouse.introspect(CHECKS)) === undefined
      ? []
      : rowsOf<{ name: string }>(await warehouse.read(sql`SELECT DISTINCT table_name AS name FROM ${tableRef(CHECKS)}`))
  const checked = new Set(checks.map(({ name }) => name))
  return rowsOf<{ name: string; fact: string }>(entered).map((one) => ({ ...one, checked: checked.has(one.name) }))
}

/** Without its row in the ledger, no process relies on the tiles in a table. */
export async function removeTable(warehouse: Warehouse, table: string): Promise<void> {
  await warehouse.run(sql`DELETE FROM ${tableRef(LEDGER)} WHERE table_name = ${table}`)
  if ((await warehouse.introspect(CHECKS)) !== undefined)
    await warehouse.run(sql`DELETE FROM ${tableRef(CHECKS)} WHERE table_name = ${table}`)
}

/**
 * The tiles that can be compared with the facts: the table's own or, when it has none, those of other tables on the same
 * fact, entity and tile, which are about to be dropped.
 */
export async function verifiableTiles(
  warehouse: Warehouse,
  table: MomentTable,
): Promise<readonly { readonly check: TileCheck; readonly own: boolean }[]> {
  const { leaves } = warehouse
  const found = rowsOf<{ name: string; reaches: number | bigint; columns: string; hashed: string }>(
    await warehouse.read(
      sql`
        SELECT l.table_name AS name, ${leaves.epochMicros(sql`MIN(l.covered_to)`)} AS reaches,
          MIN(c.fact_columns) AS columns, MIN(c.hashed_as) AS hashed
        FROM ${tableRef(LEDGER)} l
        JOIN ${tableRef(CHECKS)} c ON c.table_name = l.table_name
        WHERE l.fact = ${table.fact.table}
        GROUP BY l.table_name
        ORDER BY l.table_name
      `,
    ),
  )
  const filled = found.filter(({ reaches }) => BigInt(reaches) !== NOTHING)
  const own = filled.filter(({ name }) => name === table.table)
  const others = filled.filter(({ name }) => name.startsWith(`${table.base}_`))
  const hash = filled.length === 0 ? '' : await hashText(warehouse)
  return (own.length > 0 ? own : others).map(({ name, reaches, columns, hashed }) => {
    const same = name === table.table
    const of = same ? table : { ...table, table: name, moments: [], checked: columnNames(columns) }
    return { check: { table: of, to: BigInt(reaches), checksums: hashed === hash }, own: same }
  })
}

function columnNames(json: string): readonly string[] {
  const names: unknown = JSON.parse(json)
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
}

/** The engine's hash of values that never change: when it is another, checksums from before mean nothing. */
async function hashText(warehouse: Warehouse): Promise<string> {
  const { leaves } = warehouse
  const number = sql`CAST(1 AS ${leaves.columnType('bigint')})`
  const hash = leaves.rowHash(sql`'martlet'`, number, leaves.toDouble(sql`0.5`), leaves.timestamp(0))
  const [row] = rowsOf<{ hash: string }>(await warehouse.read(sql`SELECT CAST(${hash} AS VARCHAR) AS hash`))
  return row?.hash ?? ''
}
