/**
 * Where a number lies among equal cells: of the numbers themselves, or of `u / (spread + |u|)` with their distance `u` from
 * `centre`, which has tails as near as the middle.
 */
export interface Grid {
  readonly low: number
  readonly high: number
  readonly centre: number
  /** Null: the numbers themselves. */
  readonly spread: number | null
  /** Cells per unit, and the cell of the centre. */
  readonly scale: number
  readonly offset: number
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
  const transforms = [0.5, 0.02, 0.98].flatMap((share) =>
    [null, 1 / 8, 1 / 2, 2, 8].map((times) => [quartile(share), times === null ? null : between * times] as const),
  )
  for (const cells of CELLS)
    for (const [centre, spread] of transforms) {
      if (best?.most === 1) return best
      const found = gridOver(edges, centre, spread, cells)
      if (found !== undefined && found.most <= MOST_IN_CELL && (best === undefined || found.most < best.most))
        best = found
    }
  return best
}

function gridOver(edges: readonly number[], centre: number, spread: number | null, cells: number): BinGrid | undefined {
  const [low = Number.NaN, high = Number.NaN] = [edges[0], edges.at(-1)]
  const raw = { low, high, centre, spread, scale: 1, offset: 0 }
  const scale = cells / (placeOf(high, raw) - placeOf(low, raw))
  const grid = { ...raw, scale, offset: -placeOf(low, raw) * scale }
  const places = edges.map((edge) => placeOf(edge, grid))
  if (places.some((place) => !(place >= -TOLERANCE && place <= cells + TOLERANCE))) return undefined
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
function placeOf(value: number, { low, high, centre, spread, scale, offset }: Grid): number {
  const distance = Math.min(Math.max(value, low), high) - centre
  return (spread === null ? distance : distance / (spread + Math.abs(distance))) * scale + offset
}
