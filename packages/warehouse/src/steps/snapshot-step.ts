import type { Leaves } from '../leaves/leaves.ts'
import type { Warehouse } from '../warehouse.ts'
import { expectColumn, expectTimestamp, targetColumns } from './expect-column.ts'
import { fitColumns, type FittedColumn } from './fit-columns.ts'
import { stepError, type StepName } from './step-error.ts'
import { sourceColumns, type StepSource } from './step-source.ts'

/** A table with the history of every row of a source, as intervals in which a version held: SCD type 2. */
export interface SnapshotStep {
  readonly name: string
  /** The versions of rows: all of them, or the one that holds now. */
  readonly from: StepSource
  /** The table that is written, which must exist, with `valid_from` and `valid_to`. */
  readonly into: string
  /** The columns that say which row it is. */
  readonly key: readonly string[]
  /** The timestamp column of the source that says since when a version holds. */
  readonly at: string
  /**
   * The timestamp column of the source that says when a version arrived there. Without it, every run reads the whole source.
   */
  readonly loadedAt?: string
  /** The columns whose changes begin an interval. @default all of the target but the key, `at` and `loadedAt` */
  readonly columns?: readonly string[]
  /** Whether a row that is no longer in the source ends, or holds on. @default 'keep' */
  readonly deletes?: 'keep' | 'close'
  /**
   * What was loaded so many microseconds before the newest version that was read is read again, as for a load. @default 0
   */
  readonly overlap?: bigint
}

/** What the statements of a snapshot are about. */
export interface SnapshotTables {
  readonly leaves: Leaves
  readonly source: StepSource
  readonly into: string
  readonly key: readonly string[]
  readonly at: string
  readonly loadedAt: string | undefined
  readonly tracked: readonly string[]
  readonly deletes: 'keep' | 'close'
  /** The columns of the target without its interval. */
  readonly columns: readonly FittedColumn[]
}

export const VALID_FROM = 'valid_from'
export const VALID_TO = 'valid_to'

/**
 * The tables and columns of a snapshot as they are.
 * @throws MartletError BAD_STEP, TABLE_NOT_FOUND, STEP_MISFIT when it cannot be
 */
export async function snapshotTables(session: Warehouse, step: StepName, given: SnapshotStep): Promise<SnapshotTables> {
  const { from: source, into, deletes = 'keep' } = given
  const small = (name: string): string => name.toLowerCase()
  const [key, at, loadedAt] = [given.key.map(small), small(given.at), given.loadedAt?.toLowerCase()]
  if (key.length === 0) throw stepError('BAD_STEP', step, 'it has no key. Name the columns that say which row it is.')
  const target = await targetColumns(session, step, into)
  for (const name of [VALID_FROM, VALID_TO]) expectTimestamp(step, 'into', name, target, into)
  const columns = await sourceColumns(session, step, source, {})
  expectTimestamp(step, 'at', at, columns, 'what it reads')
  if (loadedAt !== undefined) expectTimestamp(step, 'loadedAt', loadedAt, columns, 'what it reads')
  const own = target.filter(({ name }) => ![VALID_FROM, VALID_TO].includes(small(name)))
  for (const name of key) expectColumn(step, 'key', name, own, into)
  const spare = [at, ...(loadedAt === undefined ? [] : [loadedAt])]
  const fitted = fitColumns(session, step, { into, target: own, source: columns })
  const rest = fitted.map(({ name }) => name).filter((name) => !key.includes(name))
  const tracked = given.columns?.map(small) ?? rest.filter((name) => !spare.includes(name))
  for (const name of tracked) expectColumn(step, 'columns', name, own, into)
  if (tracked.length === 0)
    throw stepError('BAD_STEP', step, `${into} has no column besides its key whose changes could be kept.`, { into })
  return { leaves: session.leaves, source, into, key, at, loadedAt, tracked, deletes, columns: fitted }
}
