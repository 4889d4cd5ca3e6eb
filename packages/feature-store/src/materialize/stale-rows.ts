import { randomUUID } from 'node:crypto'
import {
  ensureTable,
  rowsOf,
  sql,
  tableRef,
  type ColumnSpec,
  type Sql,
  type TableSpec,
  type Warehouse,
} from '@martlet/warehouse'
import { outside, staleRanges, type StaleRange } from './stale-ranges.ts'
import type { TileChanges } from './verify-tiles.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { tableHash } from '../catalog/table-hash.ts'

const table = 'features_internal.stale_rows'
const columns: readonly ColumnSpec[] = [
  { name: 'view_name', type: 'text', nullable: false },
  { name: 'definition', type: 'text', nullable: false },
  { name: 'table_name', type: 'text', nullable: false },
  { name: 'from_time', type: 'timestamp', nullable: false },
  { name: 'to_time', type: 'timestamp', nullable: false },
  { name: 'tiles', type: 'bigint', nullable: false },
  { name: 'entities', type: 'bigint', nullable: false },
  { name: 'example', type: 'text' },
  { name: 'found_by', type: 'text', nullable: false },
]

/** The table that remembers which rows of views were written before facts changed, until they are written again. */
export const staleRows: TableSpec = { table, columns }

/** The rows of a view that were computed by one definition. */
export interface RowsOf {
  readonly view: string
  /** `tableHash` of the definition */
  readonly definition: string
}

export interface KnownRange extends StaleRange {
  readonly fact: string
  /** The verification that found it. */
  readonly by: string
}

export async function ensureStaleRows(warehouse: Warehouse): Promise<void> {
  await ensureTable(warehouse, staleRows)
}

/** Notes for every view on the changed tiles which of its rows they were in. Belongs in the transaction that replaces the tiles. */
export async function noteStale(
  transaction: Warehouse,
  views: readonly ViewPlan[],
  changes: TileChanges,
  redact: boolean,
): Promise<void> {
  const by = randomUUID()
  for (const view of views) {
    const ranges = staleRanges(view, changes)
    const shown = redact ? ranges.map((range) => ({ ...range, example: null })) : ranges
    await insert(
      transaction,
      { view: view.name, definition: tableHash(view) },
      shown.map((range) => ({ ...range, fact: changes.table.fact.table, by })),
    )
  }
}

export async function readStale(warehouse: Warehouse, of: RowsOf): Promise<readonly KnownRange[]> {
  interface Row {
    readonly from: number | bigint
    readonly to: number | bigint
    readonly tiles: number | bigint
    readonly entities: number | bigint
    readonly example: string | null
    readonly fact: string
    readonly by: string
  }
  const micros = (name: string): Sql => warehouse.leaves.epochMicros(sql.id(name))
  const found = await warehouse.read(
    sql`
      SELECT ${micros('from_time')} AS ${sql.id('from')}, ${micros('to_time')} AS ${sql.id('to')}, tiles, entities, example,
        table_name AS fact, found_by AS ${sql.id('by')}
      FROM ${tableRef(table)}
      WHERE ${rowsOfView(of)}
      ORDER BY from_time, to_time, found_by
    `,
  )
  return rowsOf<Row>(found).map(({ from, to, tiles, entities, ...rest }) => ({
    ...rest,
    from: BigInt(from),
    to: BigInt(to),
    tiles: Number(tiles),
    entities: Number(entities),
  }))
}

/**
 * Notes that the rows of `[from, to)` have been written again, from tiles in which the changes found `by` some
 * verifications are. What has been found since then stays.
 */
export async function noteWritten(
  warehouse: Warehouse,
  of: RowsOf,
  range: { readonly from: bigint; readonly to: bigint },
  by: ReadonlySet<string>,
): Promise<void> {
  await warehouse.transaction(async (transaction) => {
    const known = (await readStale(transaction, of)).filter((one) => by.has(one.by))
    const left = outside(known, range)
    if (known.every((one) => left.includes(one))) return
    await transaction.run(
      sql`DELETE FROM ${tableRef(table)} WHERE ${rowsOfView(of)} AND found_by IN (${sql.join([...by])})`,
    )
    await insert(transaction, of, left)
  })
}

/** Rows have been taken over by another view or definition. */
export async function moveStale(warehouse: Warehouse, from: RowsOf, to: RowsOf): Promise<void> {
  if ((await warehouse.introspect(table)) === undefined) return
  await warehouse.run(
    sql`UPDATE ${tableRef(table)} SET view_name = ${to.view}, definition = ${to.definition} WHERE ${rowsOfView(from)}`,
  )
}

function rowsOfView({ view, definition }: RowsOf): Sql {
  return sql`view_name = ${view} AND definition = ${definition}`
}

async function insert(
  warehouse: Warehouse,
  { view, definition }: RowsOf,
  ranges: readonly KnownRange[],
): Promise<void> {
  if (ranges.length === 0) return
  const { timestamp } = warehouse.leaves
  const rows = ranges.map(({ from, to, tiles, entities, example, fact, by }) => {
    const counts = sql`${sql.lit(tiles)}, ${sql.lit(entities)}`
    return sql`(${view}, ${definition}, ${fact}, ${timestamp(from)}, ${timestamp(to)}, ${counts}, ${example}, ${by})`
  })
  const names = sql.join(columns.map(({ name }) => sql.id(name)))
  await warehouse.run(sql`INSERT INTO ${tableRef(table)} (${names}) VALUES ${sql.join(rows)}`)
}
