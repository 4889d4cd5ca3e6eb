import type { Warehouse } from '../warehouse.ts'
import { expectColumn, expectTimestamp, targetColumns } from './expect-column.ts'
import { fitColumns } from './fit-columns.ts'
import type { LoadTables } from './load-sql.ts'
import { stepError, type StepName } from './step-error.ts'
import { sourceColumns, type StepSource } from './step-source.ts'

/** A table that holds the newest version of every row of a source. */
export interface LoadStep {
  readonly name: string
  /** Rows with the columns of the target. */
  readonly from: StepSource
  /** The table that is written, which must exist. */
  readonly into: string
  /** The columns that say which row it is. */
  readonly key: readonly string[]
  /** The timestamp column of the source that says when a row arrived there; the target need not have it. */
  readonly loadedAt: string
  /** The column that says which version of a row is newer; of equal ones, the one that was loaded later. @default loadedAt */
  readonly newest?: string
  /**
   * Rows that were loaded so many microseconds before the newest one that was read are read again: for sources where a
   * row can appear with an earlier loadedAt than one that is there. @default 0
   */
  readonly overlap?: bigint
}

/**
 * The tables and columns of a load as they are.
 * @throws MartletError BAD_STEP, TABLE_NOT_FOUND, STEP_MISFIT when it cannot be
 */
export async function loadTables(session: Warehouse, step: StepName, given: LoadStep): Promise<LoadTables> {
  const { from: source, into } = given
  const small = (name: string): string => name.toLowerCase()
  const [key, loadedAt, newest] = [given.key.map(small), small(given.loadedAt), given.newest?.toLowerCase()]
  if (key.length === 0) throw stepError('BAD_STEP', step, 'it has no key. Name the columns that say which row it is.')
  const target = await targetColumns(session, step, into)
  const columns = await sourceColumns(session, step, source, {})
  expectTimestamp(step, 'loadedAt', loadedAt, columns, 'what it reads')
  for (const name of key) expectColumn(step, 'key', name, target, into)
  if (newest !== undefined && newest !== loadedAt) expectColumn(step, 'newest', newest, target, into)
  const fitted = fitColumns(session, step, { into, target, source: columns })
  return {
    leaves: session.leaves,
    source,
    into,
    key,
    loadedAt,
    newest: newest === loadedAt ? undefined : newest,
    columns: fitted,
  }
}
