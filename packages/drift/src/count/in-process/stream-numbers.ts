import { sql, type ColumnVector, type Warehouse } from '@martlet/warehouse'
import { Workbench } from '../../kernels/workbench.ts'
import type { BinnedNumbers } from '../binned-column.ts'
import type { NumberScan } from '../scan-numbers.ts'
import type { OpenSource } from '../scan-source.ts'
import { doublesSql, FiniteNumbers } from './finite-numbers.ts'
import { NumberTally } from './number-tally.ts'

/** Rows per batch: DuckDB's own chunks, which then are copied once. */
export const STREAMED_ROWS = 2048
/** The most columns per statement. */
const MOST_COLUMNS = 64
/** Bins of all windows and columns of a statement; each takes 48 bytes. */
const MOST_BINS = 1_000_000

/**
 * Counts number columns on their edges in all windows, as `countNumbers` does, for an engine of this process: the columns
 * are streamed, and each number is counted here.
 */
export async function streamNumbers(
  warehouse: Warehouse,
  source: OpenSource,
  columns: readonly NumberScan[],
): Promise<readonly (readonly BinnedNumbers[])[]> {
  const widest = Math.max(1, ...columns.map(({ edges }) => edges.length + 1))
  const most = Math.floor(MOST_BINS / (widest * Math.max(1, source.windows)))
  const atOnce = Math.max(1, Math.min(MOST_COLUMNS, most))
  const found: (readonly BinnedNumbers[])[] = []
  for (let start = 0; start < columns.length; start += atOnce)
    found.push(...(await streamSome(warehouse, source, columns.slice(start, start + atOnce))))
  return found
}

async function streamSome(
  warehouse: Warehouse,
  source: OpenSource,
  columns: readonly NumberScan[],
): Promise<readonly (readonly BinnedNumbers[])[]> {
  const values = columns.map(({ name, type, origin }, index) => {
    const value = doublesSql(warehouse.leaves, type, sql.id(name), origin)
    return sql`${value} AS ${sql.id(`v${index}`)}`
  })
  using bench = Workbench.take()
  const tallies = columns.map((column) => ({
    numbers: new FiniteNumbers(bench, source.windows, STREAMED_ROWS),
    tally: new NumberTally(bench, column, source.windows),
  }))
  for await (const batch of warehouse.stream(source.select(values), { batchRows: STREAMED_ROWS, reuse: true })) {
    const [number, ...vectors] = batch.columns
    const windows = windowsOf(number, batch.rows, source)
    for (const [index, { numbers, tally }] of tallies.entries()) {
      numbers.forgetNumbers()
      numbers.add(vectors[index], windows)
      tally.add(numbers)
    }
  }
  return tallies.map(({ numbers, tally }) => tally.windows(numbers))
}

/** The window of each row, −1 where it is in none; null: all are in the first. */
function windowsOf(vector: ColumnVector | undefined, rows: number, source: OpenSource): Int32Array | null {
  const windows = new Int32Array(rows)
  const numbers: ArrayLike<unknown> = vector?.values ?? []
  let last: unknown
  let window = -1
  let isFirst = true
  for (let row = 0; row < rows; row += 1) {
    const number = vector?.nulls?.[row] === 1 ? -1 : numbers[row]
    if (number !== last) {
      window = source.indexOf(Number(number)) ?? -1
      last = number
    }
    windows[row] = window
    isFirst &&= window === 0
  }
  return isFirst ? null : windows
}
