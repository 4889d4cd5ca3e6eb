import type { PooledCells } from './pool-cells.ts'

/**
 * Pools neighbouring cells of ordered bins until each is expected to hold enough rows on both sides.
 *
 * What is expected follows from the reference's shares alone. Bins made from the reference's quantiles hold the same counts in every
 * reference, so choosing cells by both sides together, as {@link poolCells} does, would be choosing them by the window's own counts.
 *
 * @example poolNeighbours([10, 10, 10, 10], [1, 4, 3, 4]) // { reference: [20, 20], current: [5, 7] }
 */
export function poolNeighbours(
  reference: readonly number[],
  current: readonly number[],
  minimumExpected = 5,
): PooledCells {
  const n = reference.reduce((sum, count) => sum + count, 0)
  const m = current.reduce((sum, count) => sum + count, 0)
  const smaller = Math.min(n, m)
  const pooled = { reference: [0], current: [0] }
  for (const [cell, count] of reference.entries()) {
    const last = pooled.reference.length - 1
    const enough = (pooled.reference[last] ?? 0) * smaller >= minimumExpected * n
    const at = enough && expectedFrom(reference, cell) * smaller >= minimumExpected * n ? last + 1 : last
    pooled.reference[at] = (pooled.reference[at] ?? 0) + count
    pooled.current[at] = (pooled.current[at] ?? 0) + (current[cell] ?? 0)
  }
  return pooled
}

/** Reference rows of this cell and all after it: a new cell is begun only when they are enough for it. */
function expectedFrom(reference: readonly number[], cell: number): number {
  return reference.slice(cell).reduce((sum, count) => sum + count, 0)
}
