import { justBelow } from './bin-edges.ts'

/** What a double loses in a FLOAT column: half a unit in its last place. */
const FLOAT_ROUNDING = 2 ** -24
/** The rounding error of sums and differences of numbers as large as the column's own, such as 0.1 + 0.2 − 0.3. */
const SUM_ROUNDING = 2 ** -45
/** At whole numbers, edges move by no more than this: whole numbers are not rounded, and the next one is another value. */
const MOST_AT_WHOLE = 0.25

/**
 * The edges that values are really counted on: a little away from those of the profile, so that a value that differs from an
 * edge by rounding only (0.1 + 0.2 and 0.3, a FLOAT and a DOUBLE) falls into the same bin.
 *
 * An edge moves by at most a third of the way to its neighbour, so that columns whose values differ only in late digits keep
 * their bins. The two edges around a value with a bin of its own move apart.
 *
 * @example countedEdges([justBelow(0.3), 0.3]).every((edge) => Math.abs(edge - 0.3) < 1e-7) // true
 */
export function countedEdges(edges: readonly number[]): readonly number[] {
  const scale = Math.max(0, ...edges.slice(1, -1).map(Math.abs))
  const moved = edges.map((edge, index) => {
    const value = isBelow(edges, index) ? (edges[index + 1] ?? edge) : edge
    const rounding = Math.max(FLOAT_ROUNDING * Math.abs(value), SUM_ROUNDING * scale)
    const reach = Number.isInteger(value) ? Math.min(rounding, MOST_AT_WHOLE) : rounding
    if (isBelow(edges, index)) return edge - Math.min(reach, (edge - (edges[index - 1] ?? -Infinity)) / 3)
    return edge + Math.min(reach, ((edges[index + 1] ?? Infinity) - edge) / 3)
  })
  // Adjacent doubles, where a third is rounded up to the neighbour, and the largest doubles stay where they are.
  return moved.map((edge, index) => {
    const apart = (moved[index - 1] ?? -Infinity) < edge && edge < (moved[index + 1] ?? Infinity)
    return apart ? edge : (edges[index] ?? edge)
  })
}

/** A value with a bin of its own: every number above `above` and up to `upTo` counts as this value. */
export interface Point {
  readonly above: number
  readonly upTo: number
  readonly value: number
}

/** The values of a profile that have a bin of their own, ascending. */
export function pointsOf(edges: readonly number[]): readonly Point[] {
  const counted = countedEdges(edges)
  return edges.flatMap((value, index): readonly Point[] =>
    index > 0 && isBelow(edges, index - 1)
      ? [{ above: counted[index - 1] ?? value, upTo: counted[index] ?? value, value }]
      : [],
  )
}

/** Whether an edge was put just below the next one, which then is a value with a bin of its own. */
function isBelow(edges: readonly number[], index: number): boolean {
  const [edge, next] = [edges[index], edges[index + 1]]
  return edge !== undefined && next !== undefined && (edge >= justBelow(next) || next - edge <= 6e-16 * Math.abs(next))
}
