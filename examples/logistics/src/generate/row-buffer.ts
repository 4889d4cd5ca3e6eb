import { columnBatch, type ColumnBatch, type ColumnType } from '@martlet/warehouse'

/** A value as rows give it: times in milliseconds since the epoch, dates in days, decimals in units of their last digit. */
export type Cell = string | number | bigint | boolean | null

/** Rows of a table, collected until they fill a batch. */
export class RowBuffer {
  readonly #columns: readonly (readonly [name: string, type: ColumnType])[]
  #cells: Cell[][]

  constructor(columns: Readonly<Record<string, ColumnType>>) {
    this.#columns = Object.entries(columns)
    this.#cells = this.#columns.map(() => [])
  }

  get rows(): number {
    return this.#cells[0]?.length ?? 0
  }

  add(...row: readonly Cell[]): void {
    for (const [i, cells] of this.#cells.entries()) cells.push(row[i] ?? null)
  }

  /** The rows so far, in the order in which they were added; the buffer is empty afterwards. */
  take(): ColumnBatch {
    const cells = this.#cells
    this.#cells = this.#columns.map(() => [])
    return columnBatch(
      Object.fromEntries(
        this.#columns.map(([name, type], i) => [name, { type, values: stored(type, cells[i] ?? []) }]),
      ) as Parameters<typeof columnBatch>[0],
    )
  }
}

function stored(type: ColumnType, cells: readonly Cell[]): readonly Cell[] {
  return type === 'timestamp' ? cells.map((cell) => (typeof cell === 'number' ? BigInt(cell) * 1000n : cell)) : cells
}
