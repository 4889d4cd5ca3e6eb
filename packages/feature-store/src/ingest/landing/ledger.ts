import {
  ensureTable,
  MartletError,
  rowsOf,
  sql,
  tableRef,
  type Sql,
  type TableSpec,
  type Warehouse,
} from '@martlet/warehouse'
import { RAW_SCHEMA } from './raw-tables.ts'

/** How far the warehouse has taken the events of every source. The row of a source changes with the rows that it brings. */
const LEDGER: TableSpec = {
  table: `${RAW_SCHEMA}._sources`,
  columns: [
    { name: 'source', type: 'text', nullable: false },
    { name: 'drained', type: 'bigint', nullable: false },
    { name: 'landed', type: 'bigint', nullable: false },
    { name: 'landed_at', type: 'timestamp', nullable: false },
  ],
}

/** How far a source is in the warehouse. */
export interface SourceProgress {
  readonly source: string
  /** The position in the journal up to which all events are in the warehouse. */
  readonly drained: bigint
  /** How many events are in `raw.<source>`, those of files included. */
  readonly landed: bigint
  /** When events were last landed, microseconds since the epoch. */
  readonly landedAt: bigint
}

/** Makes the ledger and the row of a source, unless they are there. */
export async function ensureLedger(warehouse: Warehouse, source: string): Promise<void> {
  await ensureTable(warehouse, LEDGER)
  if ((await progressOf(warehouse, source)) !== undefined) return
  // Two first runs may both insert a row: each then changes both, so they are one.
  const never = warehouse.leaves.timestamp(0n)
  await warehouse.run(
    sql`INSERT INTO ${tableRef(LEDGER.table)} (source, drained, landed, landed_at) SELECT ${source}, 0, 0, ${never}`,
  )
}

/** How far a source is; undefined before it has landed anything. */
export async function progressOf(warehouse: Warehouse, source: string): Promise<SourceProgress | undefined> {
  return (await sourceProgress(warehouse)).find((one) => one.source === source)
}

/**
 * How far every source is in the warehouse; empty when none has ever landed anything.
 *
 * @example for (const { source, drained } of await sourceProgress(warehouse)) console.log(source, drained)
 */
export async function sourceProgress(warehouse: Warehouse): Promise<readonly SourceProgress[]> {
  if ((await warehouse.introspect(LEDGER.table)) === undefined) return []
  const { epochMicros } = warehouse.leaves
  const rows = rowsOf(
    await warehouse.read(sql`
      SELECT source, drained, landed, ${epochMicros(sql.id('landed_at'))} AS landed_micros
      FROM ${tableRef(LEDGER.table)} ORDER BY source
    `),
  )
  const all = rows.map((row) => ({
    source: String(row['source']),
    drained: wholeOf(row['drained']),
    landed: wholeOf(row['landed']),
    landedAt: wholeOf(row['landed_micros']),
  }))
  return all.filter(({ source }, index) => index === all.findIndex((one) => one.source === source))
}

/** `drained` of a source, read in the same snapshot as the rest of a statement. */
export function drainedSql(source: string): Sql {
  return sql`(SELECT MAX(l.drained) FROM ${tableRef(LEDGER.table)} l WHERE l.source = ${source})`
}

/** How far a source has come by one transaction. */
export interface Advance {
  readonly from: SourceProgress
  /** The journal's position from now on. @default as before */
  readonly drained?: bigint
  /** How many events the transaction lands. */
  readonly events: number
  readonly at: bigint
}

/**
 * Moves a source on, as the first statement of the transaction that lands its events: whoever else lands events of the
 * source waits, or has come first.
 *
 * @throws MartletError INGEST_OVERTAKEN when somebody else has landed events since `from`
 */
export async function advance(transaction: Warehouse, { from, drained, events, at }: Advance): Promise<void> {
  const changed = await transaction.run(sql`
    UPDATE ${tableRef(LEDGER.table)}
    SET drained = ${drained ?? from.drained}, landed = ${from.landed + BigInt(events)},
      landed_at = ${transaction.leaves.timestamp(at)}
    WHERE source = ${from.source} AND drained = ${from.drained} AND landed = ${from.landed}
  `)
  if (changed > 0) return
  throw new MartletError(
    'INGEST_OVERTAKEN',
    `Another run has brought events of source ${from.source} into the warehouse at the same moment. Run it again.`,
    { data: { source: from.source } },
  )
}

function wholeOf(value: unknown): bigint {
  return typeof value === 'bigint' ? value : BigInt(Number(value))
}
