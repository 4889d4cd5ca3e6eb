/**
 * Where a number lies among equal cells of `u / (spread + |u|)` with its distance `u` from `centre`: between −1 and 1 for every
 * number, with tails as near as the middle.
 */
export interface Grid {
  readonly centre: number
  readonly spread: number
  readonly cells: number
}

/** A grid over all edges, and how many of them are below each cell. */
export interface BinGrid {
  readonly grid: Grid
  readonly below: readonly number[]
  /** The most edges that numbers of one cell have to be compared with. */
  readonly most: number
}

/** Fewer edges are found as quickly by comparing. */
const FEWEST_EDGES = 32
const MOST_IN_CELL = 2
const CELLS = [128, 256, 512] as const
const CENTRES = [0.5, 0.02, 0.98] as const
/** In distances between the quartiles. */
const SPREADS = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4] as const
/** With a middle and a spread below this, no number's distance is infinite. */
const LARGEST = 1e290
/** So much of a cell's width may the engine's arithmetic differ from ours: edges that near to a border are of both cells. */
const TOLERANCE = 1e-6

/**
 * The grid by which numbers find their bin with fewest steps, or undefined where comparing is quicker: few edges, or many of
 * them in one place.
 *
 * @example binGrid(Array.from({ length: 100 }, (_, index) => index))?.most // 1
 */
export function binGrid(edges: readonly number[]): BinGrid | undefined {
  if (edges.length < FEWEST_EDGES) return undefined
  const quartile = (share: number): number => edges[Math.floor(share * (edges.length - 1))] ?? Number.NaN
  const between = quartile(0.75) - quartile(0.25)
  let best: BinGrid | undefined
  for (const cells of CELLS)
    for (const centre of CENTRES.map(quartile))
      for (const spread of SPREADS.map((times) => times * between)) {
        if (best?.most === 1) return best
        const found = gridOver(edges, { centre, spread, cells })
        if (found !== undefined && found.most <= MOST_IN_CELL && (best === undefined || found.most < best.most))
          best = found
      }
  return best
}

function gridOver(edges: readonly number[], grid: Grid): BinGrid | undefined {
  const { centre, spread, cells } = grid
  if (!(spread > 0 && spread < LARGEST && Math.abs(centre) < LARGEST)) return undefined
  const places = edges.map((edge) => placeOf(edge, grid))
  // An edge near to a border is in two cells: the first entry of a list is for the cell before cell 0.
  const [from, upTo] = [new Uint16Array(cells + 3), new Uint16Array(cells + 3)]
  for (const place of places) {
    const [first, last] = [Math.floor(place - TOLERANCE) + 1, Math.floor(place + TOLERANCE) + 1]
    from[first] = (from[first] ?? 0) + 1
    upTo[last] = (upTo[last] ?? 0) + 1
  }
  const below: number[] = []
  let [before, until, most] = [0, 0, 0]
  for (let cell = 0; cell < cells + 3; cell += 1) {
    below.push(before)
    until += from[cell] ?? 0
    most = Math.max(most, until - before)
    before += upTo[cell] ?? 0
  }
  return { grid, below, most }
}

/** In cells, from the border of cell 0; {@link BinGrid.below} begins a cell before it. */
function placeOf(value: number, { centre, spread, cells }: Grid): number {
  const distance = value - centre
  return ((distance / (spread + Math.abs(distance)) + 1) * cells) / 2
}
