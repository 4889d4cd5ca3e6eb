import type { ColumnBatch, ColumnVector } from '@martlet/warehouse'

export type Cell = string | number | bigint | boolean | null

/** A batch as a warehouse would return it, from columns of cells. */
export function batch(
  columns: Readonly<Record<string, readonly [type: ColumnVector['type'], cells: readonly Cell[]]>>,
): ColumnBatch {
  const entries = Object.entries(columns)
  return {
    rows: entries[0]?.[1][1].length ?? 0,
    names: entries.map(([name]) => name),
    columns: entries.map(([, [type, cells]]) => vector(type, cells)),
  }
}

function vector(type: ColumnVector['type'], cells: readonly Cell[]): ColumnVector {
  const nulls = cells.includes(null) ? Uint8Array.from(cells, (cell) => (cell === null ? 1 : 0)) : null
  if (typeof type === 'object') return { type, values: cells.map((cell) => (cell === null ? 0n : BigInt(cell))), nulls }
  switch (type) {
    case 'text':
      return { type, values: cells.map((cell) => (cell === null ? '' : String(cell))), nulls }
    case 'double':
      return { type, values: Float64Array.from(cells, Number), nulls }
    case 'bigint':
    case 'timestamp':
      return { type, values: BigInt64Array.from(cells, (cell) => (cell === null ? 0n : BigInt(cell))), nulls }
    case 'boolean':
      return { type, values: Uint8Array.from(cells, (cell) => (cell === true ? 1 : 0)), nulls }
    case 'integer':
    case 'date':
      return { type, values: Int32Array.from(cells, Number), nulls }
  }
}

export async function* once<T>(...values: readonly T[]): AsyncGenerator<T> {
  yield* values
}
