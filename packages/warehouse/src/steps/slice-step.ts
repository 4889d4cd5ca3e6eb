import type { ColumnSpec } from '../column.ts'
import type { Leaves } from '../leaves/leaves.ts'
import type { Warehouse } from '../warehouse.ts'
import { expectColumn, targetColumns } from './expect-column.ts'
import { fitColumns, type FittedColumn } from './fit-columns.ts'
import { stepError, type StepName } from './step-error.ts'
import { sourceColumns, type StepSource } from './step-source.ts'

/** Days of a table, as dates such as `2026-06-01`, both included. */
export interface Slice {
  /** The date column that says to which day a row belongs; part of the key. */
  readonly column: string
  readonly from: string
  readonly to: string
}

/** A table whose rows of some days are those that a query has for these days. */
export interface SliceStep {
  readonly name: string
  /** Rows with the columns of the target. */
  readonly from: StepSource
  /** The table that is written, which must exist. */
  readonly into: string
  /** The columns that say which row it is; one of them is the column of the slice. */
  readonly key: readonly string[]
  readonly slice: Slice
}

/** What the statements of a slice are about. */
export interface SliceTables {
  readonly leaves: Leaves
  readonly source: StepSource
  readonly into: string
  readonly key: readonly string[]
  readonly slice: Slice
  readonly columns: readonly FittedColumn[]
}

const DATE = /^\d{4}-\d{2}-\d{2}$/

/**
 * The tables and columns of a step as they are.
 * @throws MartletError BAD_STEP, TABLE_NOT_FOUND, STEP_MISFIT when it cannot be
 */
export async function sliceTables(session: Warehouse, step: StepName, given: SliceStep): Promise<SliceTables> {
  const { from: source, into } = given
  const key = given.key.map((name) => name.toLowerCase())
  const slice = { ...given.slice, column: given.slice.column.toLowerCase() }
  for (const day of [slice.from, slice.to])
    if (!DATE.test(day) || Number.isNaN(Date.parse(day)))
      throw stepError('BAD_STEP', step, `${day} is no day for its slice. Write it as 2026-06-01.`, { slice })
  if (slice.from > slice.to)
    throw stepError('BAD_STEP', step, `its slice ends (${slice.to}) before it begins (${slice.from}).`, { slice })
  if (!key.includes(slice.column))
    throw stepError('BAD_STEP', step, `its key lacks ${slice.column}, by which days are replaced. Add it to the key.`, {
      option: 'key',
      column: slice.column,
    })
  const target = await targetColumns(session, step, into)
  for (const name of key) expectColumn(step, 'key', name, target, into)
  expectDate(step, slice.column, target, into)
  const columns = fitColumns(session, step, { into, target, source: await sourceColumns(session, step, source, {}) })
  return { leaves: session.leaves, source, into, key, slice, columns }
}

function expectDate(step: StepName, wanted: string, columns: readonly ColumnSpec[], into: string): void {
  if (columns.some(({ name, type }) => name.toLowerCase() === wanted && type === 'date')) return
  throw stepError('BAD_STEP', step, `slice needs a column of dates, and ${wanted} of ${into} is none.`, {
    option: 'slice',
    column: wanted,
  })
}
