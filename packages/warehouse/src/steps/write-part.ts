import { MartletError } from '../errors.ts'
import { dropTable } from '../table/ensure-table.ts'
import { temporaryTableName } from '../table/temporary-table-name.ts'
import { ddlRollsBack } from '../table/unit-of-work.ts'
import type { RunOptions, Warehouse } from '../warehouse.ts'
import type { LoadPart } from './load-parts.ts'
import * as statements from './load-sql.ts'
import type { LoadTables } from './load-sql.ts'
import type { Start } from './start.ts'
import type { StepName } from './step-error.ts'
import { inSource } from './step-source.ts'
import { busy, countRows, takeTurn, turnOf, wholeAt, writeState } from './step-state.ts'

/** What was done with rows; those that changed nothing are what is left. */
export interface LoadCounts {
  readonly read: number
  readonly inserted: number
  readonly updated: number
  readonly rejected: number
  readonly lacking: Readonly<Record<string, number>>
}

export const NOTHING: LoadCounts = { read: 0, inserted: 0, updated: 0, rejected: 0, lacking: {} }

/** A load that runs in a session. */
export interface LoadRun {
  readonly session: Warehouse
  readonly step: StepName
  readonly definition: string
  readonly tables: LoadTables
  readonly overlap: bigint
}

/** Merges the rows of a part, and records how far that is, in one transaction; undefined when another run came first. */
export async function writePart(
  run: LoadRun,
  { turn, watermark }: Pick<Start, 'turn' | 'watermark'>,
  part: LoadPart | undefined,
  options: RunOptions,
): Promise<{ readonly counts: LoadCounts; readonly watermark: bigint | null } | undefined> {
  const { session, step, definition, tables } = run
  // Where creating a table commits, the rows are copied before the transaction.
  const early =
    part === undefined || ddlRollsBack(session) ? undefined : await stageBatch(run, session, part, 0, options)
  try {
    return await session.transaction(async (transaction) => {
      await takeTurn(transaction, step)
      if ((await turnOf(transaction, step)) !== turn + 1n) return undefined
      let counts = NOTHING
      let last = watermark
      for (let bucket = 0; bucket < (part?.buckets ?? 0) && part !== undefined; bucket++) {
        const batch = early ?? (await stageBatch(run, transaction, part, bucket, options))
        counts = sum(counts, await mergeBatch(tables, transaction, batch, options))
        if (batch.last !== null && (last === null || batch.last > last)) last = batch.last
        if (early === undefined) await dropTable(transaction, batch.table)
      }
      await writeState(transaction, step, { into: tables.into, definition, watermark: last })
      return { counts, watermark: last }
    })
  } catch (error) {
    throw error instanceof MartletError && error.code === 'TRANSACTION_CONFLICT' ? busy(step, error) : error
  } finally {
    if (early !== undefined) await dropTable(session, early.table).catch(() => undefined)
  }
}

interface Batch {
  readonly table: string
  readonly last: bigint | null
  readonly counts: LoadCounts
}

/** Copies rows of a part to a temporary table, which then has the newest version of each key. */
async function stageBatch(
  { step, tables }: LoadRun,
  session: Warehouse,
  part: LoadPart,
  number: number,
  options: RunOptions,
): Promise<Batch> {
  const table = temporaryTableName('load')
  const rows = statements.batchRows(tables, part, part.buckets === 1 ? undefined : { of: part.buckets, number })
  await inSource(session, step, tables.source, () =>
    session.run(session.leaves.createTableAs(table, rows, { temporary: true }), options),
  )
  const { columns } = await session.read(statements.countBatch(tables, table), options)
  const [read = 0, , rejected = 0, ...lacks] = columns.map((column) => Number(wholeAt(column, 0) ?? 0n))
  const lacking = Object.fromEntries(
    statements.required(tables).flatMap((name, index) => (lacks[index] === 0 ? [] : [[name, lacks[index] ?? 0]])),
  )
  if (rejected > 0) await session.run(statements.deleteRejected(tables, table), options)
  await keepNewest(tables, session, table, options)
  return { table, last: wholeAt(columns[1], 0), counts: { ...NOTHING, read, rejected, lacking } }
}

async function keepNewest(tables: LoadTables, session: Warehouse, batch: string, options: RunOptions): Promise<void> {
  const { columns } = await session.read(statements.countRepeated(tables, batch), options)
  if (wholeAt(columns[0], 0) === 0n) return
  const kept = temporaryTableName('newest')
  const versions = statements.newestVersions(tables, batch)
  await session.run(session.leaves.createTableAs(kept, versions, { temporary: true }), options)
  await session.run(statements.deleteVersions(tables, batch, kept), options)
  await session.run(statements.keepVersions(tables, batch, kept), options)
  await dropTable(session, kept)
}

async function mergeBatch(
  tables: LoadTables,
  transaction: Warehouse,
  { table, counts }: Batch,
  options: RunOptions,
): Promise<LoadCounts> {
  // A join that finds nothing is much cheaper than a merge, which most batches of events would not need.
  const known = await transaction.read(statements.anyKnownKey(tables, table), options)
  if (known.rows === 0) {
    return { ...counts, inserted: await transaction.run(statements.insertBatch(tables, table), options), updated: 0 }
  }
  const before = await countRows(transaction, tables.into)
  const written = await transaction.run(statements.mergeBatch(tables, table), options)
  const inserted = (await countRows(transaction, tables.into)) - before
  return { ...counts, inserted, updated: written - inserted }
}

export function sum(some: LoadCounts, more: LoadCounts): LoadCounts {
  const lacking = { ...some.lacking }
  for (const [name, rows] of Object.entries(more.lacking)) lacking[name] = (lacking[name] ?? 0) + rows
  return {
    read: some.read + more.read,
    inserted: some.inserted + more.inserted,
    updated: some.updated + more.updated,
    rejected: some.rejected + more.rejected,
    lacking,
  }
}
