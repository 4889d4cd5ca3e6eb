/** Two samples over the same cells. */
export interface PooledCells {
  readonly reference: readonly number[]
  readonly current: readonly number[]
}

export interface PoolOptions {
  /** Cells whose expected count on either side is below this are pooled into one; 0 pools nothing. @default 5 */
  readonly minimumExpected?: number
  /** Rows of both sides that are known to lie in thin cells only; they go straight into the pool. */
  readonly thin?: readonly [reference: number, current: number]
}

/**
 * Pools cells that are too thin for χ² (Cochran's rule of five), leaving out those that are empty on both sides.
 *
 * A cell is judged by both sides together, never by one: choosing the cells that are rare in one sample would make chance
 * look like change. That holds when both sides are samples; for bins made from the reference's own quantiles see
 * {@link poolNeighbours}. A pool that is still too thin joins the smallest other cell.
 *
 * @example poolCells([50, 3, 1], [60, 2, 2]) // { reference: [54], current: [64] }
 */
export function poolCells(
  reference: readonly number[],
  current: readonly number[],
  options: PoolOptions = {},
): PooledCells {
  const { minimumExpected = 5, thin = [0, 0] } = options
  const n = total(reference) + thin[0]
  const m = total(current) + thin[1]
  const smallerShare = Math.min(n, m) / (n + m)
  const isThin = ([left, right]: Cell): boolean => (left + right) * smallerShare < minimumExpected
  const occupied = reference
    .map((left, cell): Cell => [left, current[cell] ?? 0])
    .filter(([left, right]) => left + right > 0)
  const kept = occupied.filter((cell) => !isThin(cell))
  const pool = [thin, ...occupied.filter(isThin)].reduce<Cell>(([a, b], [left, right]) => [a + left, b + right], [0, 0])
  if (pool[0] + pool[1] === 0) return columns(kept)
  if (!isThin(pool) || kept.length === 0) return columns([...kept, pool])
  const [smallest = [0, 0], ...rest] = kept.toSorted((a, b) => a[0] + a[1] - b[0] - b[1])
  return columns([...rest, [smallest[0] + pool[0], smallest[1] + pool[1]]])
}

type Cell = readonly [number, number]

function columns(cells: readonly Cell[]): PooledCells {
  return { reference: cells.map(([left]) => left), current: cells.map(([, right]) => right) }
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
