import { MartletError } from '../errors.ts'
import { dropTable } from '../table/ensure-table.ts'
import { temporaryTableName } from '../table/temporary-table-name.ts'
import { ddlRollsBack } from '../table/unit-of-work.ts'
import type { RunOptions, Warehouse } from '../warehouse.ts'
import * as statements from './slice-sql.ts'
import { sliceTables, type SliceStep, type SliceTables } from './slice-step.ts'
import { stepError, type StepName } from './step-error.ts'
import { inSource } from './step-source.ts'
import { busy, definitionHash, ensureState, takeTurn, wholeAt, writeState } from './step-state.ts'

/** What was done with some days of a table: `read` is the sum of inserted, updated, unchanged and rejected. */
export interface SliceReport {
  readonly load: string
  readonly into: string
  /** The days, both included. */
  readonly from: string
  readonly to: string
  readonly read: number
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  /** Rows of these days that the query has no more. */
  readonly removed: number
  readonly rejected: number
  /** How many rows lack a column that they must have, by column; a row may lack several. */
  readonly lacking: Readonly<Record<string, number>>
}

/**
 * Makes the rows of some days those that a query has for these days, in one transaction: what the query has no more is removed,
 * and other days are not touched. So a day can be done again at any time, and days in any order.
 *
 * Rows without a key, or without a column that the table declares NOT NULL, are left out and counted. When nothing has changed,
 * nothing is written.
 * @throws MartletError BAD_STEP when the step names columns that are not there, or days that are none
 * @throws MartletError TABLE_NOT_FOUND when the target or the source does not exist
 * @throws MartletError STEP_MISFIT when the columns of the source do not fit the target, or it has a key twice
 * @throws MartletError STEP_QUERY_FAILED when the query fails
 * @throws MartletError STEP_BUSY when another run of the load is under way
 *
 * @example
 * await loadSlice(warehouse, {
 *   name: 'daily', from: { table: 'staging.daily' }, into: 'mart.daily', key: ['day', 'product'],
 *   slice: { column: 'day', from: '2026-06-01', to: '2026-06-07' },
 * })
 */
export function loadSlice(warehouse: Warehouse, given: SliceStep, options: RunOptions = {}): Promise<SliceReport> {
  return warehouse.session(async (session) => {
    const step: StepName = { kind: 'load', name: given.name }
    const tables = await sliceTables(session, step, given)
    await ensureState(session, step, tables.into)
    // Where creating a table commits, the rows are staged before the transaction.
    const early = ddlRollsBack(session) ? undefined : await stage(session, step, tables, options)
    try {
      return await session.transaction(async (transaction) => {
        await takeTurn(transaction, step)
        const staged = early ?? (await stage(transaction, step, tables, options))
        const report = await replace(transaction, step, tables, staged, options)
        if (early === undefined) await dropTable(transaction, staged.table)
        const { into, key, slice } = tables
        const definition = definitionHash(session, { table: into }, { key, column: slice.column })
        await writeState(transaction, step, { into, definition, watermark: null })
        return report
      })
    } catch (error) {
      throw error instanceof MartletError && error.code === 'TRANSACTION_CONFLICT' ? busy(step, error) : error
    } finally {
      if (early !== undefined) await dropTable(session, early.table).catch(() => undefined)
    }
  })
}

interface Staged extends Pick<SliceReport, 'read' | 'rejected' | 'lacking'> {
  readonly table: string
}

async function stage(session: Warehouse, step: StepName, tables: SliceTables, options: RunOptions): Promise<Staged> {
  const table = temporaryTableName('slice')
  await inSource(session, step, tables.source, () =>
    session.run(session.leaves.createTableAs(table, statements.sliceRows(tables), { temporary: true }), options),
  )
  const { columns } = await session.read(statements.countSlice(tables, table), options)
  const [read = 0, rejected = 0, ...lacks] = columns.map((column) => Number(wholeAt(column, 0) ?? 0n))
  const needed = statements.neededColumns(tables)
  const lacking = Object.fromEntries(
    needed.flatMap((name, index) => (lacks[index] === 0 ? [] : [[name, lacks[index] ?? 0]])),
  )
  if (rejected > 0) await session.run(statements.deleteLacking(tables, table), options)
  await refuseRepeated(session, step, tables, table, options)
  return { table, read, rejected, lacking }
}

/** Which of two rows counts is for the query to say. */
async function refuseRepeated(
  session: Warehouse,
  step: StepName,
  tables: SliceTables,
  table: string,
  options: RunOptions,
): Promise<void> {
  const { rows, columns } = await session.read(statements.repeatedKey(tables, table), options)
  if (rows === 0) return
  const key = tables.key.map((name, index) => `${name} ${String(columns[index]?.values[0])}`).join(', ')
  throw stepError('STEP_MISFIT', step, `what it reads has more than one row for a key, such as ${key}. Group it.`, {
    into: tables.into,
    problems: [`${key} is there more than once`],
  })
}

async function replace(
  transaction: Warehouse,
  step: StepName,
  tables: SliceTables,
  { table, read, rejected, lacking }: Staged,
  options: RunOptions,
): Promise<SliceReport> {
  const { columns } = await transaction.read(statements.compareSlice(tables, table), options)
  const [there = 0, known = 0, unchanged = 0] = columns.map((column) => Number(wholeAt(column, 0) ?? 0n))
  const rows = read - rejected
  const removed = there - known
  const inserted = rows - known
  const updated = known - unchanged
  if (inserted + updated + removed > 0) {
    await transaction.run(statements.deleteSlice(tables), options)
    await transaction.run(statements.insertSlice(tables, table), options)
  }
  const { into, slice } = tables
  const counts = { read, inserted, updated, unchanged, removed, rejected, lacking }
  return { load: step.name, into, from: slice.from, to: slice.to, ...counts }
}
