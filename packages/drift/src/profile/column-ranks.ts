import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { EDGE_LEVELS, justBelow } from '../count/bin-edges.ts'
import { BinGrid, NO_BIN } from '../count/bin-grid.ts'
import { fromRelation, type Relation } from '../count/relation.ts'
import { doublesOf, replayed } from '../count/streamed-numbers.ts'
import { planRanks, type Cell, type RankPlan } from './rank-cells.ts'

/** The values of a number column that its edges are made of. */
export interface ColumnRanks {
  /** Rows with a finite number. */
  readonly count: number
  readonly minimum: number | null
  readonly maximum: number | null
  /** The values on both sides of each quantile, by rank from 0. */
  readonly at: ReadonlyMap<number, number>
}

/** Columns per statement. */
const COLUMNS_PER_STATEMENT = 16
/** Cells of about equally many rows, as a sample has them. */
const CELLS = 2048

/** The ranks, from 0, on both sides of each quantile. */
export function wantedRanks(count: number): readonly number[] {
  if (count === 0) return []
  return [...new Set(EDGE_LEVELS.flatMap((level) => [Math.floor((count - 1) * level), Math.ceil((count - 1) * level)]))]
}

/**
 * Reads the ranks of columns, exactly, for an engine of this process. Streamed once, a sample divides each column into cells of
 * about equally many rows; then the rows of each cell are counted; at last those of the cells that hold a rank that is wanted
 * are sorted, about a tenth. A bad sample costs time, never an answer. `values` are doubles; those that are not finite have no
 * rank.
 */
export async function ranksByCells(
  warehouse: Warehouse,
  relation: Relation,
  values: readonly Sql[],
): Promise<readonly ColumnRanks[]> {
  const found: ColumnRanks[] = []
  for (let start = 0; start < values.length; start += COLUMNS_PER_STATEMENT)
    found.push(...(await ranksOfSome(warehouse, relation, values.slice(start, start + COLUMNS_PER_STATEMENT))))
  return found
}

async function ranksOfSome(
  warehouse: Warehouse,
  relation: Relation,
  values: readonly Sql[],
): Promise<readonly ColumnRanks[]> {
  const named = values.map((value, index) => sql`${value} AS ${sql.id(`v${index}`)}`)
  const rows = replayed(warehouse, sql`SELECT ${sql.join(named)} FROM ${fromRelation(relation)}`)
  let places = new Int32Array()
  const read = async (into: readonly Reader[]): Promise<void> => {
    for await (const { columns, rows: count } of rows()) {
      if (places.length < count) places = new Int32Array(count)
      for (const [index, one] of into.entries())
        one.add(doublesOf(columns[index]), columns[index]?.nulls ?? null, places)
    }
  }
  const samples = values.map(() => new Sample())
  await read(samples)
  const cells = samples.map((sample) => new CellCounts(cellEdges(sample.sorted())))
  await read(cells)
  const near = cells.map((some) => new NearRows(some.grid, planRanks(some.cells(), wantedRanks(some.rows()))))
  if (near.some(({ isEmpty }) => !isEmpty)) await read(near)
  return cells.map((some, index) => {
    const count = some.rows()
    const at = near[index]?.values() ?? new Map<number, number>()
    return { count, minimum: at.get(0) ?? null, maximum: at.get(count - 1) ?? null, at }
  })
}

interface Reader {
  /** Reads some more rows; `places` is room for the cells of as many. */
  add(numbers: Float64Array, nulls: Uint8Array | null, places: Int32Array): void
}

/** Values of every so many rows of a column: fewer of them the more there are. */
class Sample implements Reader {
  static readonly #most = 16_384
  #values: number[] = []
  #step = 16
  #wait = 0

  add(numbers: Float64Array, nulls: Uint8Array | null): void {
    let row = this.#wait
    for (; row < numbers.length; row += this.#step) {
      const value = numbers[row] ?? 0
      if (nulls?.[row] !== 1 && Number.isFinite(value)) this.#values.push(value)
      if (this.#values.length < Sample.#most) continue
      this.#values = this.#values.filter((_, index) => index % 2 === 0)
      this.#step *= 2
    }
    this.#wait = row - numbers.length
  }

  sorted(): Float64Array {
    return Float64Array.from(this.#values).sort()
  }
}

/** Edges of cells of about equally many rows. A value that many rows have gets a cell of its own. */
function cellEdges(sorted: Float64Array): readonly number[] {
  const edges: number[] = []
  let repeated = false
  for (let cell = 1; cell < CELLS; cell += 1) {
    const value = sorted[Math.floor((cell * sorted.length) / CELLS)]
    if (value === undefined) break
    const last = edges.at(-1)
    if (last === undefined || last < value) {
      edges.push(value)
      repeated = false
    } else if (!repeated) {
      repeated = true
      const below = justBelow(value)
      if (Number.isFinite(below) && (edges.at(-2) ?? -Infinity) < below) edges.splice(-1, 1, below, value)
    }
  }
  return edges
}

/** How many rows each cell has. */
class CellCounts implements Reader {
  readonly grid: BinGrid
  readonly #edges: readonly number[]
  readonly #rows: Float64Array

  constructor(edges: readonly number[]) {
    this.grid = new BinGrid(edges)
    this.#edges = edges
    this.#rows = new Float64Array(edges.length + 1)
  }

  add(numbers: Float64Array, nulls: Uint8Array | null, places: Int32Array): void {
    this.grid.place(numbers, nulls, places)
    const rows = this.#rows
    for (let row = 0; row < numbers.length; row += 1) {
      const cell = places[row] ?? NO_BIN
      if (cell !== NO_BIN) rows[cell] = (rows[cell] ?? 0) + 1
    }
  }

  rows(): number {
    return this.#rows.reduce((sum, rows) => sum + rows, 0)
  }

  cells(): readonly Cell[] {
    return Array.from(this.#rows, (rows, key) => {
      const [above, upTo] = [this.#edges[key - 1], this.#edges[key]]
      const isOne = upTo !== undefined && above !== undefined && isNext(above, upTo)
      return { key, rows, only: isOne ? upTo : undefined }
    }).filter(({ rows }) => rows > 0)
  }
}

/** Whether no double lies between two. */
function isNext(above: number, upTo: number): boolean {
  return upTo - above <= Math.max(Number.MIN_VALUE, Math.abs(upTo) * 3e-16) && above === justBelow(upTo)
}

/** The rows of those cells that hold a rank that is wanted. */
class NearRows implements Reader {
  readonly #grid: BinGrid
  readonly #plan: RankPlan
  /** 1 for the cells of the plan. */
  readonly #wanted: Uint8Array
  readonly #values: Float64Array
  #found = 0

  constructor(grid: BinGrid, plan: RankPlan) {
    this.#grid = grid
    this.#plan = plan
    this.#wanted = new Uint8Array((plan.keys.at(-1) ?? 0) + 1)
    for (const key of plan.keys) this.#wanted[key] = 1
    this.#values = new Float64Array(plan.rows)
  }

  get isEmpty(): boolean {
    return this.#plan.rows === 0
  }

  add(numbers: Float64Array, nulls: Uint8Array | null, places: Int32Array): void {
    if (this.isEmpty) return
    this.#grid.place(numbers, nulls, places)
    const [wanted, values] = [this.#wanted, this.#values]
    let found = this.#found
    for (let row = 0; row < numbers.length; row += 1) {
      if (wanted[places[row] ?? 0] !== 1) continue
      values[found] = numbers[row] ?? 0
      found += 1
    }
    this.#found = found
  }

  values(): ReadonlyMap<number, number> {
    const sorted = this.#values.sort()
    const found = new Map(this.#plan.known)
    for (const [among, rank] of this.#plan.ranks) found.set(rank, sorted[among] ?? Number.NaN)
    return found
  }
}
